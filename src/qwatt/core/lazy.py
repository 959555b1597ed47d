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
from types import ModuleType
from typing import Any

_STANDARD = frozenset(sys.stdlib_module_names)


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
            ImportError: it is not installed; a note names the extra that brings it.
        """
        try:
            return importlib.import_module(self.__name__)
        except ModuleNotFoundError as error:
            from qwatt.core.extras import RUN, brings

            if brings(RUN, error.name):
                error.add_note(f"pip install 'qwatt[{RUN}]'")
            raise


def lazy(name: str) -> Any:
    """Declare a module that is imported when it is first used."""
    return LazyModule(name)


def declared(cls: type) -> list[str]:
    """Return the modules that a class's file, its bases' files and what these import have declared lazy.

    Files of qwatt and of the packages that the class and its bases are from are looked into, libraries not.
    """
    homes = [base.__module__ for base in cls.__mro__ if base.__module__ != "builtins"]
    own = {"qwatt", *(home.partition(".")[0] for home in homes)} - _STANDARD
    found: dict[str, None] = {}
    seen: set[str] = set()
    todo = [home for home in homes if home.partition(".")[0] in own]
    while todo:
        name = todo.pop()
        if name in seen or name not in sys.modules:
            continue
        seen.add(name)
        for value in list(vars(sys.modules[name]).values()):
            if isinstance(value, LazyModule):
                found.setdefault(value.__name__)
            home = _home(value)
            if home.partition(".")[0] in own:
                todo.append(home)
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


def _home(value: Any) -> str:
    """Return the name of the module that something is or comes from, or an empty text."""
    home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return home if isinstance(home, str) else ""
