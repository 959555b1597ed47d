"""Short texts of one domain beside those of another: reviews, news, prompts, log lines, weather."""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

from qwatt.core.errors import unknown_name
from qwatt.data import logs, weather
from qwatt.data.prompts import read_prompts
from qwatt.data.snippets import read_snippets

WEATHER, LOGS = "builtin:weather", "builtin:logs"
ELSEWHERE = {"vader": "amazon", "amazon": "tweets", "tweets": "nyt", "nyt": "vader"}
"""Snippets, and those of another domain."""
PROMPTS = "prompts"
DOMAINS = (*ELSEWHERE, PROMPTS, LOGS, WEATHER)


class Domain(NamedTuple):
    """Texts of a domain and of elsewhere, each a name and a text, no text twice."""

    normal: list[tuple[str, str]]
    other: list[tuple[str, str]]


def read_domain(name: str) -> Domain:
    """Return the texts of a known domain, in a fixed order.

    Raises:
        QwattError: no such domain, or it cannot be fetched.
    """
    if name not in DOMAINS:
        raise unknown_name("domain", name, DOMAINS)
    if name == LOGS:
        return _named("log", *logs.log_lines())
    if name == PROMPTS:
        return _named("prompt", *read_prompts())
    if name == WEATHER:
        texts, labels = weather.sentences()
        return _named(
            "weather",
            *([text for text, label in zip(texts, labels, strict=True) if label == side] for side in (1, 0)),
        )
    normal = _snippets(name)
    known = {text for _, text in normal}
    return Domain(normal, [(own, text) for own, text in _snippets(ELSEWHERE[name]) if text not in known])


def _named(prefix: str, normal: list[str], other: list[str]) -> Domain:
    """Number the texts of one side, and those of the other on, so that no two have the same name."""
    names = count()
    sides = ([(f"{prefix}:{next(names)}", text) for text in dict.fromkeys(side)] for side in (normal, other))
    return Domain(*sides)


def _snippets(name: str) -> list[tuple[str, str]]:
    first = {snippet.text: f"{name}:{snippet.id}" for snippet in reversed(read_snippets(name))}
    return [(own, text) for text, own in reversed(first.items())]
