"""A small trainable layer in one block of a frozen decoder: quantum, or classical with as many parameters."""
