"""From the labels of a user's file to classes: what counts as one label, what is no label, what is refused.

Numbers are one label when they are equal (0, 0.0, "0" and "0.0" are), truth values are the numbers 0 and 1
too, and texts when they are equal without the blanks around them, in Unicode's composed form (NFC). Letters'
case counts, and so do leading zeros ("007" is not 7). Half a character is written escaped. None, NaN and
empty texts are no label; such rows are counted.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from qwatt.core.errors import QwattError
from qwatt.data.names import listed, shown

_WHOLE_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]{0,17}))(?:\.0+)?")
_LONGEST_LABEL = 1000
_BLANKS = "\ufeff\u200b"


@dataclass
class LabelReport:
    """What was found.

    Args:
        counts: number of rows by name, in the order of the names.
        skipped: number of rows without a label by reason.
        places: the first row of every reason.
        notes: what was taken for one label, and what only looks alike.
    """

    counts: dict[str, int] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        skipped, places = dict(self.skipped), dict(self.places)
        return {"counts": self.counts, "skipped": skipped, "first_places": places, "notes": self.notes}

    def __str__(self) -> str:
        counts = ", ".join(f"{shown(name, 60)} ({n:,})" for name, n in self.counts.items())
        skips = [
            f"{n:,} without a label: {reason} (first: {self.places[reason]})"
            for reason, n in self.skipped.items()
        ]
        return "; ".join([counts or "no labels", *skips, *self.notes])


class Labels(NamedTuple):
    """Classes of labelled rows.

    Args:
        names: the classes' names: numbers by value, then texts by letters.
        labels: for every value the number of its class in `names`, or None when it is no label.
        report: counts, skipped rows and notes.
    """

    names: list[str]
    labels: list[int | None]
    report: LabelReport


def label_names(
    values: Sequence[Any], places: Sequence[str] | None = None, where: str | None = None
) -> Labels:
    """Return the classes of raw labels.

    Args:
        values: one raw label a row, such as `Documents.labels`.
        places: where each row stands, such as `Documents.places`; by default "row 1", "row 2", ...
        where: the file, for errors.

    Raises:
        QwattError: a label is a list, an object, or bytes that are no text; names its row.
    """
    report = LabelReport()
    keys: list[Any] = []
    spellings: dict[Any, Counter[str]] = {}
    for i, value in enumerate(values):
        place = f"row {i + 1}" if places is None else places[i]
        key = _key(value, place, where)
        keys.append(key)
        if isinstance(key, _Missing):
            report.skipped[key.reason] += 1
            report.places.setdefault(key.reason, place)
        else:
            spellings.setdefault(key, Counter())[_spelling(value)] += 1
    ordered = sorted(spellings, key=lambda key: (isinstance(key, str), key))
    names = [_name(key, spellings[key]) for key in ordered]
    number = {key: i for i, key in enumerate(ordered)}
    labels = [None if isinstance(key, _Missing) else number[key] for key in keys]
    counts = Counter(labels)
    report.counts = {name: counts[i] for i, name in enumerate(names)}
    _add_notes(report, [spellings[key] for key in ordered])
    return Labels(names, labels, report)


@dataclass(frozen=True)
class _Missing:
    reason: str


def _key(value: Any, place: str, where: str | None) -> Any:
    """Return what equal labels have in common: a number or a text."""
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        value = value.item()  # a NumPy scalar
    if value is None:
        return _Missing("null")
    if isinstance(value, bytes):
        value = _decoded(value, place, where)
    if isinstance(value, bool | int | float | Decimal):
        return _Missing("NaN") if math.isnan(value) else _plain_number(value)
    if isinstance(value, datetime.date | datetime.time):
        value = value.isoformat()
    if not isinstance(value, str):
        raise QwattError(
            f"the label is {_kind(value)}: {shown(str(value), 60)}",
            where=f"{where}, {place}" if where else place,
            mend="give one label a row: a number, a truth value or a text",
        )
    return _text_key(value, place, where)


def _text_key(value: str, place: str, where: str | None) -> Any:
    text = unicodedata.normalize("NFC", value).strip().strip(_BLANKS).strip()
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    if not text:
        return _Missing("empty")
    if text in ("nan", "NaN"):
        return _Missing("NaN")
    if len(text) > _LONGEST_LABEL:
        raise QwattError(
            f"the label has {len(text):,} characters: {shown(text, 60)}",
            where=f"{where}, {place}" if where else place,
            mend="name the label's column after the path, as in data.csv#text,label",
        )
    number = _WHOLE_NUMBER.fullmatch(text)
    return int(number[1]) if number else text


def _plain_number(value: bool | int | float | Decimal) -> int | str:
    """Return a whole number as int; other numbers as the text of their value."""
    if math.isfinite(value) and value == int(value):
        return int(value)
    return (
        repr(float(value))
        if isinstance(value, float)
        else str(value.normalize() if isinstance(value, Decimal) else value)
    )


def _decoded(value: bytes, place: str, where: str | None) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QwattError(
            "the label is bytes that are no text",
            where=f"{where}, {place}" if where else place,
            mend="give one label a row: a number, a truth value or a text",
        ) from error


def _kind(value: Any) -> str:
    name = {"dict": "object", "tuple": "list"}.get(type(value).__name__, type(value).__name__)
    return f"an {name}" if name[:1] in "aeiou" else f"a {name}"


def _spelling(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _name(key: int | str, spellings: Counter[str]) -> str:
    """Return a class's name: the truth value if all its rows say so, else the number or text itself."""
    return next(iter(spellings)) if set(spellings) in ({"true"}, {"false"}) else str(key)


def _add_notes(report: LabelReport, spellings: list[Counter[str]]) -> None:
    for name, forms in zip(report.counts, spellings, strict=True):
        others = [form for form in forms if form != name]
        if len(forms) > 1:
            report.notes.append(f"one label, {shown(name, 60)}: {listed(map(repr, [name, *others]), 5)}")
        elif others and others[0].strip() != others[0]:
            report.notes.append(f"blanks around the label {shown(name, 60)} left out")
    folded: dict[str, list[str]] = {}
    for name in report.counts:
        folded.setdefault(name.casefold(), []).append(name)
    for names in folded.values():
        if len(names) > 1:
            report.notes.append(f"labels that differ in case alone are kept apart: {listed(names, 5)}")
