"""Noise of catalogued gate-model QPUs: error rates, native circuits, and their simulation."""
