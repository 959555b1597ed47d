"""What every calculator takes: one object whose fields are checked when it is made.

A field is stated once, with its type (and so its range), its unit, its default and what it means. The command
line derives its options from it, a scenario passes its tables into it, and Python gives it keywords.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, Self, get_args, get_type_hints

from qwatt.projection.calculators.fields import Checked


@dataclass(frozen=True, kw_only=True)
class Input:
    """Base of the calculators' inputs.

    Raises:
        QwattError: a value is outside its range, or two fields contradict each other; names field, value and
            valid range.
    """

    def __post_init__(self) -> None:
        for name, field in stated_fields(type(self)).items():
            value = getattr(self, name)
            if value is not None or not field.optional:
                object.__setattr__(self, name, field.checked.test(name, value))
        self.check_together()

    def check_together(self) -> None:
        """Refuse fields that contradict each other; each alone is valid already."""

    @classmethod
    def of(cls, *tables: object, **more: Any) -> Self:
        """Return an input made of the fields that some objects have under the same names, and of `more`.

        Args:
            tables: such as a scenario's tables; a later one wins, except with None.
            more: fields by name; they win.
        """
        found = {
            name: getattr(table, name)
            for table in tables
            for name in stated_fields(cls)
            if getattr(table, name, None) is not None
        }
        return cls(**(found | more))


@dataclass(frozen=True)
class StatedField:
    """A field as its input states it.

    Args:
        name: its name, with its unit.
        checked: what it accepts, and how it is written.
        help: what it means.
        optional: whether None is valid.
        required: whether it has no default.
        default: the default; meaningless where required.
    """

    name: str
    checked: Checked
    help: str
    optional: bool
    required: bool
    default: Any


def stated_fields(kind: type[Input]) -> dict[str, StatedField]:
    """Return the fields of an input that a user can give, its own before those of its bases."""
    key: Any = kind  # mypy takes a dataclass's class for unhashable
    return _stated(key)


@cache
def _stated(kind: type[Any]) -> dict[str, StatedField]:
    hints = get_type_hints(kind, include_extras=True)
    found = {}
    for field in fields(kind):
        parts = list(_metadata(hints[field.name]))
        checked = next((part for part in parts if isinstance(part, Checked)), None)
        if checked is not None:
            words = next((part for part in parts if isinstance(part, str)), "")
            optional = type(None) in _inside(hints[field.name])
            required = field.default is MISSING
            found[field.name] = StatedField(field.name, checked, words, optional, required, field.default)
    own = [name for name in kind.__annotations__ if name in found]
    return {name: found[name] for name in (*own, *(name for name in found if name not in own))}


def _metadata(hint: Any) -> list[Any]:
    """Return the metadata of an annotated type, the outermost first, also below `| None`."""
    outer = list(reversed(getattr(hint, "__metadata__", ())))
    return outer + [part for inner in _inside(hint) for part in _metadata(inner)]


def _inside(hint: Any) -> tuple[Any, ...]:
    """Return the members of an optional type below its annotation."""
    return get_args(hint.__origin__ if hasattr(hint, "__metadata__") else hint)
