"""QAOA on a cost vector: one run for state, energy and gradient."""
