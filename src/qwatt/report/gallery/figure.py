"""A figure with its name, title, basis and source, and the SVG file in which it stands alone."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qwatt.report.colours import LIGHT
from qwatt.report.escaping import in_svg

KINDS = ("svg", "png")
_LINE, _LETTERS, _MARGIN = 14, 128, 8
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Figure:
    """A figure of a report.

    Args:
        name: of its file, such as "distance-ruler".
        title: what it shows, in a sentence.
        basis: what its numbers rest on, such as "modelled".
        source: what they come from: run or scenario, and the version that drew it.
        svg: the picture as the page has it.
        key: a second picture that explains the colours, drawn below; empty for none.
    """

    name: str
    title: str
    basis: str
    source: str
    svg: str
    key: str = ""


def file_name(*words: str) -> str:
    """Return words as a file's name: small letters, digits and hyphens, whatever they were."""
    plain = re.sub("[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")
    return plain[:100].rstrip("-") or "figure"


def standalone(figure: Figure) -> str:
    """Return the SVG file: title, basis and source in it, colours of its own, on white."""
    start, end = frame(figure)
    return _valid(start + style() + resolved(_inside(figure.svg)) + end)


def frame(figure: Figure) -> tuple[str, str]:
    """Return what stands before the style and the picture's inside, and what stands behind them."""
    width, height = _size(figure.svg)
    key, below = "", height
    if figure.key:
        key = f'<g transform="translate(0 {height:g})">{_inside(figure.key)}</g>'
        below += _size(figure.key)[1]
    lines = textwrap.wrap(f"Basis: {figure.basis}. Source: {figure.source}.", _LETTERS)
    foot = "".join(
        f'<text class="foot" x="{_MARGIN}" y="{below + _LINE * (at + 1):g}">{in_svg(line)}</text>'
        for at, line in enumerate(lines)
    )
    whole = below + _LINE * len(lines) + _MARGIN
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {whole:g}" width="{width:g}" '
        f'height="{whole:g}" role="img"><title>{in_svg(figure.title)}</title>'
        f"<desc>Basis: {in_svg(figure.basis)}. Source: {in_svg(figure.source)}.</desc>"
        f'<rect width="{width:g}" height="{whole:g}" fill="#ffffff"/>'
    )
    return _valid(start), _valid(resolved(f"{key}{foot}</svg>"))


def resolved(picture: str) -> str:
    """Return a picture with the light theme's colours in place of the page's variables."""
    return re.sub(r"var\(--(\w+)\)", lambda found: LIGHT[found[1]], picture)


@cache
def style() -> str:
    """Return the style of a figure outside any page: the light theme, without variables."""
    text = (files("qwatt.report") / "templates" / "figure.css").read_text(encoding="utf-8")
    return f"<style>{text.strip()}</style>"


def _valid(text: str) -> str:
    """Leave out characters that no XML file may hold."""
    return _NO_XML.sub("", text)


def _inside(svg: str) -> str:
    return svg[svg.index(">") + 1 : svg.rindex("</svg>")]


def _size(svg: str) -> tuple[float, float]:
    found = re.match(r'<svg viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None  # every picture of `qwatt.report.svg.svg` begins like this
    return float(found[1]), float(found[2])
