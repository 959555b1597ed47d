"""SVG to PNG, by the resvg library."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from qwatt.core.errors import MissingExtraError
from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import resvg_py
else:
    resvg_py = lazy("resvg_py")

ZOOM = 2
"""Pixels of a point: sharp on screens, and 190 dots per inch at the width of a page."""


def require_png() -> None:
    """Refuse where the library is missing.

    Raises:
        MissingExtraError: names the extra.
    """
    if importlib.util.find_spec("resvg_py") is None:
        raise MissingExtraError("writing figures as PNG", "figures")


def png(svg: str) -> bytes:
    """Return a PNG of a whole SVG file; letters are those of the fonts that the machine has."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM))
