"""What drew a figure."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def drawn_by(what: str) -> str:
    """Return a source in words: what was drawn, and by which version."""
    try:
        return f"{what}; qwatt {version('qwatt')}"
    except PackageNotFoundError:  # run from a source tree that was never installed
        return f"{what}; qwatt"
