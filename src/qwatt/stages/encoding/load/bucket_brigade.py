"""Bucket-brigade QRAM: the address opens a path of routers to its cell."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.registry import method
from qwatt.stages.encoding.load.lookup import LookupMethod


@method
class BucketBrigade(LookupMethod):
    """Trees of two layers, four cells each: 10 qubits of routers beside address and word, all kept alive."""

    name = "qram"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:0708.1879", "arXiv:2012.05340")
    space = {"bits": (4, 5, 6)}
    lookup: ClassVar[str] = "bucket_brigade"
    entries: ClassVar[int] = 4
    word: ClassVar[int] = 2
