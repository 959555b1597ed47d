"""Clustering sentence embeddings or any table of numbers: the task and its methods."""
