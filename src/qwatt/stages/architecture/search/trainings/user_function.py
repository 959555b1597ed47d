"""Finds a user's training function: "module:function", or "file.py:function", with its search space.

    def train(settings, budget, seed):   # budget and seed only if it takes them
        return {"loss": ..., "held_back": ...}   # or the validation loss alone

    train.space = {"learning_rate": {"log": [1e-4, 1e-1], "levels": 7}, "layers": {"int": [1, 4]}}

Without the attribute the space is a TOML file: "module:function#space.toml".
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.stages.architecture.search.declared import declared_space, read_space
from qwatt.stages.architecture.search.space import Space
from qwatt.stages.architecture.search.trainings.live import Training

_FORM = "give module:function or file.py:function, as in --train my_model:train"
_KNOWN = ("budget", "seed")


def load_training(reference: str) -> Training:
    """Return the function and its space.

    Raises:
        QwattError: no such module, file or function, it cannot be imported, it takes other arguments, or its
            space is none.
    """
    name, _, file = reference.partition("#")
    module, colon, attribute = name.rpartition(":")
    if not (colon and module and attribute):
        raise QwattError(f"{reference!r} names no function", where="--train", mend=_FORM)
    function = _function(_module(module, name), attribute, name)
    return Training(name, function, _space(function, file, name), _takes(function, name))


def _module(module: str, name: str) -> ModuleType:
    path = Path(module).expanduser()
    from_file = path.suffix == ".py"
    if from_file and not path.is_file():
        raise QwattError(f"no such file: {module!r}", where=name, mend=_FORM)
    folder = path.parent.resolve() if from_file else Path.cwd()
    try:
        with _first_on_path(folder):
            return _from_file(path) if from_file else importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            what = f"no module {module!r} in {folder} or on Python's path"
            raise QwattError(what, where=name, mend=_FORM) from error
        what = f"it imports {error.name!r}, which is not installed"
        raise QwattError(what, where=name, mend=f"install {error.name}") from error
    except (Exception, SystemExit) as error:
        what = f"the module cannot be imported: {type(error).__name__}: {error}"
        raise QwattError(what, where=name, mend="see that Python imports it without an error") from error


def _from_file(path: Path) -> ModuleType:
    """Import a file under its own name, so that what it defines can be pickled.

    One that has the name of a library, such as random.py, gets another: it must not take the library's place.
    """
    name = f"own_{path.stem}" if _is_library(path) else path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        raise
    return module


def _is_library(path: Path) -> bool:
    """Return whether a file's name is that of another module which Python would import."""
    if path.stem in sys.stdlib_module_names:
        return True
    known = PathFinder.find_spec(
        path.stem, [p for p in sys.path if Path(p).resolve() != path.parent.resolve()]
    )
    return known is not None


@contextmanager
def _first_on_path(folder: Path) -> Iterator[None]:
    """Let imports find what lies in a folder, as `python file.py` would."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _function(module: ModuleType, attribute: str, name: str) -> Callable[..., Any]:
    try:
        found = attrgetter(attribute)(module)  # also Model.train
    except AttributeError:
        found = None
    if callable(found):
        return found  # type: ignore[no-any-return]
    functions = sorted(n for n, v in vars(module).items() if inspect.isfunction(v) and not n.startswith("_"))
    what = f"it has no function {attribute!r}" if found is None else f"{attribute!r} is no function"
    raise QwattError(what, where=name, mend=f"its functions: {', '.join(functions) or 'none'}")


def _space(function: Callable[..., Any], file: str, name: str) -> Space:
    if file:
        return read_space(Path(file).expanduser())
    declared = getattr(function, "space", None)
    if declared is None:
        raise QwattError(
            "the function has no search space",
            where=name,
            mend=f'set {name.rpartition(":")[2]}.space = {{"lr": {{"log": [1e-4, 1e-1]}}}} below it, '
            "or name a TOML file, as in --train my_model:train#space.toml",
        )
    return declared_space(declared, f"{name}, its attribute space")


def _takes(function: Callable[..., Any], name: str) -> frozenset[str]:
    """Return which of budget and seed the function takes.

    Raises:
        QwattError: it cannot be called with one dictionary.
    """
    try:
        signature = inspect.signature(function)
        takes = frozenset(parameter for parameter in signature.parameters if parameter in _KNOWN)
        signature.bind({}, **dict.fromkeys(takes))
    except (TypeError, ValueError) as error:
        raise QwattError(
            f"it cannot be called with the settings alone: {error}",
            where=name,
            mend="define it as train(settings), train(settings, budget), train(settings, seed) or "
            "train(settings, budget, seed)",
        ) from error
    return takes
