"""Pruning of a decoder or encoder: heads, feed-forward channels or whole blocks."""
