"""What other packages declare, found without importing any of it."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

GROUPS = ("qwatt.tasks", "qwatt.methods", "qwatt.backends")
"""Groups of entry points through which other packages add theirs."""


def plugins() -> list[EntryPoint]:
    """Return the entry points of other packages, none of them loaded; tasks first, then methods, backends."""
    found = entry_points()
    return [entry for group in GROUPS for entry in found.select(group=group)]
