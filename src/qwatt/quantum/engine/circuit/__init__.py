"""A circuit compiled and run: programs, passes over the state, gradients, read-out."""
