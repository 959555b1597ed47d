"""The same work in each simulator: one module a simulator, one function a kind of work."""
