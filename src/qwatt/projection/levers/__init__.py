"""Levers of every kind: what each saves over the life, what it costs to adopt, and its verdict."""
