"""What the package's extras bring, read from its own metadata, and a clear word where they are missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec

from qwatt.core.errors import MissingExtraError

RUN = "run"
"""What executing methods needs; calculating, projecting, reporting and listing do not."""

_IMPORTED_AS = {
    "dwave-samplers": "dwave",
    "faiss-cpu": "faiss",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}
"""Import names that differ from the names of the packages."""


@cache
def modules_of(extra: str) -> tuple[str, ...]:
    """Return the import names of what an extra brings; none where qwatt itself is not installed."""
    try:
        lines = requires("qwatt") or []
    except PackageNotFoundError:
        return ()
    marked = (line.partition(";") for line in lines)
    wanted = re.compile(rf"""extra\s*==\s*['"]{re.escape(extra)}['"]""")
    packages = [re.split(r"[^\w.-]", line.strip())[0] for line, _, marker in marked if wanted.search(marker)]
    return tuple(_IMPORTED_AS.get(name.lower(), name.replace("-", "_")) for name in packages)


def missing_of(extra: str) -> list[str]:
    """Return the modules of an extra that cannot be found here; nothing is imported."""
    return [module for module in modules_of(extra) if not _is_here(module)]


def require(extra: str, feature: str) -> None:
    """Refuse where an extra is not installed whole.

    Raises:
        MissingExtraError: modules are missing; the mend is the install line.
    """
    missing = missing_of(extra)
    if missing:
        raise MissingExtraError(feature, extra, missing)


@contextmanager
def importing(feature: str, extra: str = RUN) -> Iterator[None]:
    """Name the extra where an import inside finds nothing that it would bring: `import qwatt.torch`.

    Raises:
        MissingExtraError: a module of the extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if not brings(extra, error.name):
            raise
        raise MissingExtraError(feature, extra, [str(error.name)]) from error


def brings(extra: str, module: str | None) -> bool:
    """Return whether an extra brings the package that a module is of."""
    return module is not None and module.partition(".")[0] in modules_of(extra)


def _is_here(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:
        return False
