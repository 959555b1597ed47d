"""The rated snippets of VADER's four domains (Hutto and Gilbert, ICWSM 2014)."""

from __future__ import annotations

from dataclasses import dataclass

from qwatt.core.errors import QwattError
from qwatt.data.fetch import fetch
from qwatt.data.text import decode


@dataclass(frozen=True)
class Snippet:
    """A short text and the mean rating that human raters gave it, -4 (negative) to 4 (positive)."""

    id: str
    text: str
    rating: float


def read_snippets(name: str = "vader", offline: bool = False) -> list[Snippet]:
    """Return the snippets of "vader" (films), "tweets", "amazon" or "nyt", in the file's order.

    Raises:
        QwattError: the data set cannot be fetched, or a line has another form.
    """
    path = fetch(name, offline=offline)
    text, _ = decode(path.read_bytes())
    return [
        _snippet(line.rstrip("\r"), f"{path}:{i}")
        for i, line in enumerate(text.split("\n"), 1)
        if line.strip()
    ]


def _snippet(line: str, place: str) -> Snippet:
    try:
        own, rating, text = line.split("\t")
        return Snippet(own, text.strip(), float(rating))
    except ValueError as error:
        raise QwattError("not an id, a rating and a text between tabs", where=place) from error
