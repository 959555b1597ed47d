"""Writes figures into a folder, as SVG or PNG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from qwatt.core.durable import cannot
from qwatt.core.errors import unknown_name
from qwatt.core.secrets import scrubbed
from qwatt.report.gallery.figure import KINDS, Figure, standalone
from qwatt.report.gallery.index import write_index
from qwatt.report.gallery.png import png, require_png


def check_kind(kind: str) -> str:
    """Return "svg" or "png"; checked before anything is computed.

    Raises:
        QwattError: another kind; for "png" also where the package that draws it is missing.
    """
    if kind not in KINDS:
        raise unknown_name("kind of figure", kind, KINDS, where="--figures")
    if kind == "png":
        require_png()
    return kind


def write_figures(figures: Sequence[Figure], folder: Path, kind: str) -> list[Path]:
    """Write each figure as a file of its own, and a page that shows them; return the figures' paths in order.

    Args:
        figures: what to write; names that occur twice get a number.
        folder: made where missing; other files in it are left alone.
        kind: "svg" or "png".

    Raises:
        QwattError: the folder is a file, or cannot be written.
    """
    seen: Counter[str] = Counter()
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for figure in figures:
            seen[figure.name] += 1
            again = f"-{seen[figure.name]}" if seen[figure.name] > 1 else ""
            paths.append(folder / f"{figure.name}{again}.{kind}")
            text = scrubbed(standalone(figure))
            paths[-1].write_bytes(text.encode() if kind == "svg" else png(text))
        write_index(figures, paths, folder)
    except OSError as error:
        raise cannot("be written", folder, error, "give another folder by --out") from error
    return paths
