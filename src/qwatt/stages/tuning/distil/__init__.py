"""Distilling a decoder into a smaller one."""
