"""Seconds that a trial is expected to take, before it runs; for the time left, never for a result."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.problem import Problem
from qwatt.core.registry import AnyMethod
from qwatt.core.trial import TrialSpec
from qwatt.protocol.plan import trial_effort


def expected_seconds(spec: TrialSpec, method: AnyMethod, problem: Problem) -> float | None:
    """Return the core-seconds of a classical method's plan, or None where it states no work.

    Other methods' plans build circuits and graphs first, which may take as long as the trial: None.
    """
    from qwatt.energy.host_work import core_seconds

    if method.kind is not Kind.CLASSICAL:
        return None
    try:
        effort, _ = trial_effort(method, problem, spec)
        return None if effort.work is None else core_seconds(effort.work).value
    except Exception:  # whatever a plan raises, the run itself says what is wrong
        return None
