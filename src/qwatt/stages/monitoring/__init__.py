"""Watching a model in service."""
