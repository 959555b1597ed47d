"""Training a model: its weights, and the optimisers that find them."""
