"""Sourced constants as TOML, and their loader."""
