"""Select-only look-up: every stored one is a flip under all address qubits."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.registry import method
from qwatt.stages.encoding.load.lookup import LookupMethod


@method
class SelectOnly(LookupMethod):
    """No qubits beside address and word, and the most gates."""

    name = "select-only"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2012.05340 figure 8",)
    space = {"bits": (4, 5, 6)}
    lookup: ClassVar[str] = "select"
