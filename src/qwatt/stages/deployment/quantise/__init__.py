"""Rounding the weights of a decoder to few bits."""
