"""Control: the bytes themselves, nothing learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.language.byte_level import from_merges
from qwatt.stages.encoding.tokenise.method import TokeniseMethod
from qwatt.stages.encoding.tokenise.problem import TokeniseProblem


@method
class ByteValues(TokeniseMethod):
    """Shows what the text costs when no vocabulary was learnt: 256 entries, one a byte."""

    name: ClassVar[str] = "bytes"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2105.13626",)

    def train(self, texts: Sequence[str], vocabulary: int) -> str:
        """Learn nothing."""
        return from_merges([bytes([value]) for value in range(256)], [])

    def work(self, problem: TokeniseProblem) -> Mapping[str, float]:
        """Nothing is learnt."""
        return {}
