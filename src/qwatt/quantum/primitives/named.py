"""The primitives that scaling cards call, by name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from inspect import getdoc
from typing import Any, Literal, TypeVar

Gives = Literal["number", "size", "gate", "anneal", "logical"]
"""What a primitive gives: a number, the size of a circuit, or one of the three kinds of bill."""

_GATES = ("gates_1q", "gates_2q", "toffoli", "rotations", "depth")

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Named:
    """A primitive as cards know it: its name, its function, what it gives, whether it loads data."""

    name: str
    function: Callable[..., Any]
    gives: Gives
    loads: bool = False

    def unloaded(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the primitive gives if loading took no gates; qubits are kept."""
        given = self.function(*args, **kwargs)
        if self.gives == "number":
            return 0.0 * given
        nothing = {name: 0.0 * getattr(given, name) for name in _GATES if hasattr(given, name)}
        return replace(given, **nothing)

    @property
    def formula(self) -> str:
        """The paragraphs of the docstring before its arguments: the formula and its source."""
        text = (getdoc(self.function) or "").partition("\nArgs:")[0]
        return " ".join(text.split())


_named: dict[str, Named] = {}


def named(name: str, gives: Gives, *, loads: bool = False) -> Callable[[F], F]:
    """Make a function callable from scaling cards under a name.

    Args:
        name: as cards write it.
        gives: a number, a size, or a bill.
        loads: whether its gates load classical data, so that a projection can ask what free loading would do.
    """

    def register(function: F) -> F:
        _named[name] = Named(name, function, gives, loads)
        return function

    return register


@cache
def primitives() -> Mapping[str, Named]:
    """Return every named primitive of this package, in alphabetical order."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        importlib.import_module(module.name)
    return dict(sorted(_named.items()))
