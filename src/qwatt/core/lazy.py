"""Heavy libraries, declared at the top of a file and imported on first use (in the manner of SPEC 1).

    if TYPE_CHECKING:
        import torch
    else:
        torch = lazy("torch")

The protocol imports what a method has declared, itself or through the modules it imports, before it measures:
`import_declared` finds these by walking the modules, so that no list of them is kept by hand.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """Stands for a module until one of its names is used.

    Args:
        name: full name of the module, such as "scipy.sparse".
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # what `inspect`, `copy` and `typing` ask for imports nothing
        return getattr(self.load(), name)

    def load(self) -> ModuleType:
        """Import the module, or return it when that was done.

        Raises:
            ImportError: it is not installed.
        """
        return importlib.import_module(self.__name__)


def lazy(name: str) -> Any:
    """Declare a module that is imported when it is first used."""
    return LazyModule(name)


def declared(cls: type) -> list[str]:
    """Return the modules that a class's file, its bases' files and what these import have declared lazy.

    Files of qwatt and of the class's own package are looked at; what other libraries import is theirs.
    """
    found: dict[str, None] = {}
    seen: set[str] = set()
    todo = [base.__module__ for base in cls.__mro__]
    own = {"qwatt", cls.__module__.partition(".")[0]}
    while todo:
        name = todo.pop()
        if name in seen or name not in sys.modules or name.partition(".")[0] not in own:
            continue
        seen.add(name)
        for value in list(vars(sys.modules[name]).values()):
            if isinstance(value, LazyModule):
                found.setdefault(value.__name__)
                todo.append(value.__name__)
            else:
                todo += _home(value)
    return list(found)


def import_declared(cls: type) -> None:
    """Import everything `declared`; one that is not installed is left to the method's own error."""
    done: set[str] = set()
    while missing := [name for name in declared(cls) if name not in done]:
        for name in missing:
            done.add(name)
            try:
                importlib.import_module(name)
            except ModuleNotFoundError:
                continue


def _home(value: Any) -> Iterator[str]:
    """Yield the module that a name comes from."""
    home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    if isinstance(home, str):
        yield home
