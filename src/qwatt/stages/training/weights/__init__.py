"""Training a small classifier's weights by searching discrete values: the task and its methods."""
