"""Measured and modelled energy."""
