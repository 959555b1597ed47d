"""A classification head on frozen sentence embeddings: the task and its methods."""
