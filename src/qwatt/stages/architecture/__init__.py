"""Choosing what a model looks like: its settings, sizes and layers."""
