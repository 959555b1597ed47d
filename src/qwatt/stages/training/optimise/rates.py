"""The learning rate's schedule, the same for every method."""

from __future__ import annotations


def falling(step: int, steps: int) -> float:
    """Return the factor on the first step's rate: it falls linearly and would be 0 after the last step."""
    return 1.0 - step / steps
