"""Small circuits gate by gate in compiled code: a training step as two calls, if numba is installed."""
