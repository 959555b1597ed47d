"""Adaptations on the tiny decoder, outside any trial, for tests."""

from __future__ import annotations

from typing import Any

from qwatt.core.context import Unmetered
from qwatt.core.problem import Solution
from qwatt.core.registry import get_backend, get_method
from qwatt.stages.tuning.adapt.problem import TASK, AdaptAnswer, AdaptProblem
from qwatt.stages.tuning.adapt.task import AdaptTask


def problem(size: str = "xs", seed: int = 0) -> AdaptProblem:
    """Return the text of the weather."""
    return AdaptTask().load("builtin:weather", size, seed)


def adapted(
    given: AdaptProblem, name: str, shots: int | None = 200, seed: int = 0, **settings: Any
) -> Solution[AdaptAnswer]:
    """Return what a method answers, applied to the held-back part."""
    method = get_method(TASK, name)
    chosen = method.defaults() | settings
    context = Unmetered(get_backend("engine"), shots, seed)
    solution: Solution[AdaptAnswer] = method.run(given, chosen, context)
    return method.apply(given, solution, chosen, context)
