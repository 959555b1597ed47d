"""A page that shows a folder's figures, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qwatt.core.secrets import scrubbed
from qwatt.report.colours import DARK, LIGHT, declarations
from qwatt.report.gallery.figure import Figure
from qwatt.report.part import environment

INDEX = "index.html"
_MARK = '<meta name="generator" content="qwatt gallery">'
_FOLDED = "what-moves-"
"""Figures of one enhancement each: many, and shown when they are asked for."""


def write_index(figures: Sequence[Figure], paths: Sequence[Path], folder: Path) -> Path | None:
    """Write the page and return its path; None where somebody else's page of that name is left alone.

    Args:
        figures: what the folder holds.
        paths: their files, in the same order.
        folder: where they are.
    """
    path = folder / INDEX
    if path.exists() and _MARK not in path.read_text(encoding="utf-8", errors="replace"):
        return None
    pairs = [(figure, path.name) for figure, path in zip(figures, paths, strict=True)]
    page = environment().get_template("gallery.html.j2")
    text = page.render(
        mark=_MARK,
        shown=[pair for pair in pairs if not pair[0].name.startswith(_FOLDED)],
        folded=[pair for pair in pairs if pair[0].name.startswith(_FOLDED)],
        light=declarations(LIGHT),
        dark=declarations(DARK),
    )
    path.write_text(scrubbed(text), encoding="utf-8")
    return path
