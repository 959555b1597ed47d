"""What all ways to remove duplicates share: settings that a user may fix, and a keep-set as the answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.limits import Limit
from qwatt.core.method import Context, Effort, Method, Plan, Settings
from qwatt.core.problem import Solution
from qwatt.stages.curation.dedup.problem import TASK, DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.shingles import shingle_kind
from qwatt.stages.curation.dedup.text import check_normalisation

COMMON: dict[str, Sequence[Any]] = {"normalise": ("signs",), "precision": (0.99,)}
"""What of a text counts, and the precision on planted duplicates that a setting must reach to be chosen."""

Notes = dict[str, Any]


class DedupMethod(Method[DedupProblem, DedupAnswer]):
    """Base of the methods; one gives `keep` and its `work`."""

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON
    limits: ClassVar[Mapping[str, Limit]] = {
        "normalise": check_normalisation,
        "precision": (0.0, 1.0),
        "threshold": (0.01, 1.0),
        "shingles": shingle_kind,
    }

    @abstractmethod
    def keep(self, problem: DedupProblem, settings: Settings, context: Context) -> tuple[DedupAnswer, Notes]:
        """Return the keep-set and remarks for the record."""

    @abstractmethod
    def work(self, problem: DedupProblem, settings: Settings) -> Effort:
        """Return what one setting takes on the host, without circuits."""

    def run(self, problem: DedupProblem, settings: Settings, context: Context) -> Solution[DedupAnswer]:
        """Return the keep-set with the precision that was asked for."""
        answer, notes = self.keep(problem, settings, context)
        return Solution(answer, notes=notes | {"precision_asked": settings["precision"]})

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the host's work; there are no circuits."""
        return Plan(self.work(problem, settings))
