"""Fidelity kernels: every state once, then one Hermitian product."""
