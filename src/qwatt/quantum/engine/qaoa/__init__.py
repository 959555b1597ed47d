"""QAOA on a cost vector: one sweep for state, energy and gradient."""
