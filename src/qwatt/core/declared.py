"""What a class of a task or a method must declare: checked at registration, so that a plugin is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.method import Kind, Method
from qwatt.core.task import Task


def check_task(cls: type[Task[Any, Any]]) -> None:
    """Check that a task's class is whole.

    Raises:
        QwattError: an attribute is missing or of another type, or a method is abstract.
    """
    for name in ("name", "functional_unit", "metric", "default_source"):
        _require(cls, name, str, "a text")
    _require(cls, "margin", (int, float), "a number")
    _require(cls, "sizes", Mapping, "a table of sizes")
    _no_abstract(cls)


def check_method(cls: type[Method[Any, Any]]) -> None:
    """Check that a method's class is whole.

    Raises:
        QwattError: an attribute is missing or of another type, a setting has no candidates, or a method is
            abstract.
    """
    for name in ("name", "task"):
        _require(cls, name, str, "a text")
    _require(cls, "kind", Kind, "a Kind")
    for name in ("sources", "companions"):
        _require(cls, name, tuple, "a tuple of texts")
    _require(cls, "space", Mapping, "a table of settings")
    _require(cls, "limits", Mapping, "a table of limits")
    for setting, candidates in cls.space.items():
        if isinstance(candidates, str) or not isinstance(candidates, Sequence) or not candidates:
            raise QwattError(
                f"the setting {setting!r} has no candidates",
                where=cls.__qualname__,
                mend="give a tuple of values, the default first",
            )
    _no_abstract(cls)


def _require(cls: type, name: str, kind: type | tuple[type, ...], words: str) -> None:
    value = getattr(cls, name, None)
    if not isinstance(value, kind):
        wrong = "is missing" if value is None else f"is {value!r}"
        raise QwattError(f"the attribute {name!r} {wrong}", where=cls.__qualname__, mend=f"set it to {words}")


def _no_abstract(cls: type) -> None:
    missing = sorted(getattr(cls, "__abstractmethods__", ()))
    if missing:
        raise QwattError(
            f"it does not define {', '.join(missing)}", where=cls.__qualname__, mend="define what is missing"
        )
