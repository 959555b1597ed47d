"""Matching by tabu search, with the number of chosen examples as a penalty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching_annealing import ByPenalty


@method
class MatchingTabu(ByPenalty):
    """Multistart tabu search on windows of 64 examples."""

    name: ClassVar[str] = "matching-tabu"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1287/ijoc.1.3.190", "arXiv:1302.5843")
    sampler: ClassVar[str] = "tabu"
    options: ClassVar[Mapping[str, int]] = {"restarts": 1, "updates": 100}
