"""Near-duplicate removal: the task and its methods."""
