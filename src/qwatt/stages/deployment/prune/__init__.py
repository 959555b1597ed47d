"""Pruning of a decoder: heads, feed-forward channels or whole blocks."""
