"""Removing near duplicates from a corpus, with planted duplicates as the truth."""
