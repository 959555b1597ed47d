"""What each method's trials warn of: the best one's warnings alone hide an untuned method beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from qwatt.core.comparison import Comparison
from qwatt.core.errors import QwattError
from qwatt.core.method_row import MethodRow
from qwatt.core.registry import get_task
from qwatt.core.telling import told
from qwatt.core.trial import Trial

_ASKED = 100
"""Seeds of a method, the first ones, that are asked for their warnings: what they share shows there."""


@dataclass(frozen=True)
class MethodWarning:
    """What a method's trials warn of.

    Args:
        label: the method.
        text: of the first seed that has a warning; text from data may be in it.
        warned: seeds that have one.
        seeds: seeds that were asked, all but of very many.
    """

    label: str
    text: str
    warned: int
    seeds: int


def method_warnings(comparison: Comparison) -> list[MethodWarning]:
    """Return one entry a method that warns of anything, the best method among them; found once."""
    if comparison not in _FOUND:
        _FOUND[comparison] = _found(comparison.rows)
    return _FOUND[comparison]


_FOUND: WeakKeyDictionary[Comparison, list[MethodWarning]] = WeakKeyDictionary()


def _found(rows: Iterable[MethodRow]) -> list[MethodWarning]:
    found = []
    for row in rows:
        asked = row.trials[:_ASKED]
        texts = [text for text in map(_text, asked) if text]
        if texts:
            found.append(MethodWarning(row.label, texts[0], len(texts), len(asked)))
    return found


def _text(trial: Trial) -> str:
    """Return a trial's warnings; that its record cannot be read is one, and no reason to have no report."""
    try:
        return "; ".join(told(lambda t: get_task(t.spec.task).headline(t, None), trial).warnings)
    except QwattError as error:
        return str(error)
