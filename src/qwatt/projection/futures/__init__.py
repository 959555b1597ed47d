"""Quantum machines of the years ahead as distributions, and what the enhancements would cost on them."""
