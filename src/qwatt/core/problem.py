"""One instance of a task, and what a method returns for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

A = TypeVar("A")


@dataclass(frozen=True)
class Problem:
    """Loaded data of a given size and seed; tasks subclass it and add their data.

    Args:
        task: the task's name, such as "curation/dedup".
        source: where the data came from, as the study wrote it.
        size: rung of the task's ladder ("xs", "s", "m") or "full".
        seed: seed of the split, of the planted truth and of the method's own randomness.
    """

    task: str
    source: str
    size: str
    seed: int


@dataclass
class Solution(Generic[A]):
    """What a method returns.

    Args:
        answer: the task's own type: data without closures, so that it can be pickled, saved and loaded.
        counters: executed work in units of its own, such as `loss_evaluations`; projected
            oracle calls belong in `projected`, never here.
        projected: counts that only a projection may use, such as Grover `oracle_calls`.
        notes: remarks for the record, such as a rule that was applied.
    """

    answer: A
    counters: dict[str, float] = field(default_factory=dict)
    projected: dict[str, float] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Quality:
    """A task's score.

    Args:
        value: the task's metric.
        extras: further metrics by name, such as precision or accuracy with exact expectation values.
    """

    value: float
    extras: Mapping[str, Any] = field(default_factory=dict)
