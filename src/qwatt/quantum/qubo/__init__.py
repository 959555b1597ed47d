"""QUBO samplers behind one interface."""
