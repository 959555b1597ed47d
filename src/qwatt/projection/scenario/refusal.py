"""What is wrong in a scenario: all unknown and all missing keys at once, or the value that does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from qwatt.core.errors import QwattError
from qwatt.core.mistakes import plainest
from qwatt.projection.calculators.fields import Refused

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Keys = tuple[str, ...]
"""A key's place, such as ("deployment", "years")."""

_LIKE = 0.6
"""How alike a suggested key is at least, from 0 to 1."""
_SHARED_WORD = 0.25
_MISSING = 0.15


def refusal(error: ValidationError, where: str, root: type[BaseModel]) -> QwattError:
    """Turn pydantic's complaints into one refusal that can be mended.

    Args:
        error: the complaints.
        where: the file.
        root: the scenario's model.
    """
    complaints = error.errors()
    lacking = [_keys(c) for c in complaints if c["type"] == "missing"]
    missing = [inner for keys in lacking for inner in _required(keys, root)]
    unknown = [_keys(c) for c in complaints if c["type"] == "extra_forbidden"]
    if unknown:
        return _unknown(unknown, missing, where, root)
    cause = next((c for c in complaints if c["type"] != "missing"), None)
    if cause is None or plainest(error)["type"] == "missing":
        return _missing(missing, where)
    return _value(cause, where)


def _unknown(
    unknown: Sequence[Keys], missing: Sequence[Keys], where: str, root: type[BaseModel]
) -> QwattError:
    mends, suggested = [], set()
    for keys in unknown:
        near, mend = _suggestion(keys, [m[-1] for m in missing if m[:-1] == keys[:-1]], root)
        mends.append(mend if len(unknown) == 1 else f"{_dotted(keys)}: {mend}")
        suggested |= {(*keys[:-1], name) for name in near}
    left = [keys for keys in missing if keys not in suggested]
    names = ", ".join(repr(keys[-1] if len(unknown) == 1 else _dotted(keys)) for keys in unknown)
    what = f"unknown key{'s' if len(unknown) > 1 else ''} {names}"
    if left:
        what += f"; missing: {', '.join(map(_dotted, left))}"
        mends.append(f"also {_to_add(left)}")
    place = f"{where}:{_dotted(unknown[0])}" if len(unknown) == 1 else where
    return QwattError(what, where=place, mend="; ".join(mends).replace("?;", "?"))


def _missing(missing: Sequence[Keys], where: str) -> QwattError:
    if len(missing) == 1:
        key = missing[0][-1]
        return QwattError(f"{key} is missing", where=f"{where}:{_dotted(missing[0])}", mend=f"add {key}")
    what = f"{len(missing)} keys are missing: {', '.join(map(_dotted, missing))}"
    return QwattError(what, where=where, mend=_to_add(missing))


def _to_add(missing: Sequence[Keys]) -> str:
    """Say what to add in which table."""
    parts = []
    for table, keys in groupby(sorted(missing, key=lambda keys: keys[:-1]), key=lambda keys: keys[:-1]):
        under = f" under [{_dotted(table)}]" if table else " at the top"
        parts.append(f"{', '.join(each[-1] for each in keys)}{under}")
    return f"add {'; '.join(parts)}"


def _value(cause: ErrorDetails, where: str) -> QwattError:
    keys = _keys(cause)
    place = f"{where}:{_dotted(keys)}"
    inner = cause.get("ctx", {}).get("error")
    if isinstance(inner, Refused):
        if (field := inner.error.where) is not None and keys[-1:] != (field,):
            place = f"{where}:{_dotted((*keys, field))}"
        return QwattError(inner.error.what, where=place, mend=inner.error.mend)
    mend = f"write a table [{_dotted(keys)}]" if cause["type"] == "model_type" else cause["msg"]
    return QwattError(f"{keys[-1]} is {cause['input']!r}", where=place, mend=mend)


def _suggestion(keys: Keys, missing: Sequence[str], root: type[BaseModel]) -> tuple[list[str], str]:
    """Return the keys that may be meant, and the mend in words."""
    known = _block_at(keys[:-1], root).model_fields
    near = _nearest(keys[-1], known, missing)
    if near:
        return near, f"did you mean {' or '.join(near)}?"
    if homes := [table for table, block in _blocks(root) if keys[-1] in block.model_fields]:
        return [], f"{keys[-1]} belongs under {' or '.join(f'[{home}]' for home in homes)}"
    return [], f"known: {', '.join(sorted(known))}"


def _nearest(name: str, known: Iterable[str], missing: Sequence[str]) -> list[str]:
    """Return the two known keys that resemble a name most: by letters, by a shared word, or missing."""
    words = set(name.lower().split("_"))

    def likeness(other: str) -> float:
        letters = difflib.SequenceMatcher(None, name.lower(), other).ratio()
        shared = _SHARED_WORD if words & set(other.split("_")) else 0.0
        return letters + shared + (_MISSING if other in missing else 0.0)

    best = sorted(known, key=likeness, reverse=True)[:2]
    return [other for other in best if likeness(other) >= max(_LIKE, likeness(best[0]) - _MISSING)]


def _required(keys: Keys, root: type[BaseModel]) -> list[Keys]:
    """Return the keys that a missing table needs, or the missing key itself."""
    block = _block_at(keys, root)
    if block is _block_at(keys[:-1], root):
        return [keys]
    inner = [(*keys, name) for name, field in block.model_fields.items() if field.is_required()]
    return inner or [keys]


def _blocks(root: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name in root.model_fields:
        block = _block_at((name,), root)
        if block is not root:
            yield name, block


def _block_at(keys: Sequence[str], root: type[BaseModel]) -> type[BaseModel]:
    block = root
    for key in keys:
        kinds = [block.model_fields[key].annotation]
        kinds += list(getattr(kinds[0], "__args__", ()))
        block = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), block)
    return block


def _keys(complaint: ErrorDetails) -> Keys:
    return tuple(str(part) for part in complaint["loc"])


def _dotted(keys: Sequence[str]) -> str:
    return ".".join(keys)
