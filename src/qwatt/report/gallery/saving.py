"""A small link beside every figure of a page that saves it as an SVG file, without any network."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from qwatt.core.printable import one_line
from qwatt.report.colours import LIGHT
from qwatt.report.gallery.figure import Figure, frame, style
from qwatt.report.script import data_script


def saving_script() -> str:
    """Return the script that links the figures and saves them."""
    return (files("qwatt.report") / "templates" / "saving.js").read_text(encoding="utf-8")


def with_links(page: str, figures: Sequence[Figure]) -> str:
    """Return the page with its figures marked by name, and the script that links and saves them.

    The saved file is what `standalone` writes: frame and style of the figure, and the picture in the page.
    What the page does not show gets no link.

    Args:
        page: the whole HTML.
        figures: of the page.
    """
    frames = {}
    for figure in figures:
        marked = figure.svg.replace("<svg ", f'<svg data-figure="{figure.name}" ', 1)
        if figure.svg in page:
            page = page.replace(figure.svg, marked, 1)
            frames[figure.name] = {"title": one_line(figure.title), "frame": list(frame(figure))}
    if not frames:
        return page
    data = data_script("figure-frames", {"style": style(), "colours": dict(LIGHT), "figures": frames})
    script = f"{data}\n<script>{saving_script()}</script>\n"
    head, body, tail = page.rpartition("</body>")
    return head + script + body + tail
