"""The primitives that scaling cards call, by name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import getdoc
from typing import Any, Literal, TypeVar

Gives = Literal["number", "size", "gate", "anneal", "logical"]
"""What a primitive gives: a number, the size of a circuit, or one of the three kinds of bill."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Named:
    """A primitive as cards know it: its name, its function, what it gives."""

    name: str
    function: Callable[..., Any]
    gives: Gives

    @property
    def formula(self) -> str:
        """The paragraphs of the docstring before its arguments: the formula and its source."""
        text = (getdoc(self.function) or "").partition("\nArgs:")[0]
        return " ".join(text.split())


_named: dict[str, Named] = {}


def named(name: str, gives: Gives) -> Callable[[F], F]:
    """Make a function callable from scaling cards under a name."""

    def register(function: F) -> F:
        _named[name] = Named(name, function, gives)
        return function

    return register


@cache
def primitives() -> Mapping[str, Named]:
    """Return every named primitive of this package, in alphabetical order."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        importlib.import_module(module.name)
    return dict(sorted(_named.items()))
