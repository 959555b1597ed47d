"""Relational distillation: distances and angles between the student's states are to be the teacher's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.distil.method import DistilMethod
from qwatt.stages.tuning.distil.objective import Objective
from qwatt.stages.tuning.distil.settings import Setup

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

ROWS = 32
"""Tokens of a step whose relations are compared."""
_ANGLES = 2.0
"""Weight of the angles to that of the distances, as in arXiv:1904.05068."""


class Relations:
    """Huber losses between the distances, and the angles, of a few tokens' states in both spaces.

    Args:
        rng: draws the tokens.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def parameters(self) -> list[torch.nn.Parameter]:
        """Relations have no weights: no space needs to be mapped to the other."""
        return []

    def loss(self, student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
        """Return RKD-D + 2 RKD-A of tokens drawn anew."""
        rows = torch.from_numpy(self.rng.choice(len(student), min(ROWS, len(student)), replace=False))
        own, wanted = student[rows], teacher[rows]
        huber = torch.nn.functional.smooth_l1_loss
        apart = huber(distances(own), distances(wanted))
        return apart + _ANGLES * huber(angles(own), angles(wanted))


def distances(states: torch.Tensor) -> torch.Tensor:
    """Return the distances of all pairs over their mean, shape (pairs,)."""
    found = torch.nn.functional.pdist(states)
    return found / found.mean().clamp_min(1e-12)


def angles(states: torch.Tensor) -> torch.Tensor:
    """Return the cosines of the angles at each state between all pairs of others, (rows, rows, rows)."""
    towards = torch.nn.functional.normalize(states[None] - states[:, None], dim=-1)
    return towards @ towards.mT


@method
class Relational(DistilMethod):
    """The teacher's logits, and the distances and angles between its states as the student's targets."""

    name = "relational"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1904.05068",)

    def objective(
        self, found: Setup, settings: Settings, states: torch.Tensor | None, context: Context
    ) -> Objective:
        """Return logits and relations."""
        term = Relations(context.rng)
        return Objective(settings["mixing"], settings["temperature"], settings["weight"], term)

    def step_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Count distances and angles of both, forward, and backward for the student."""
        widths = 3.0 * found.size.hidden + found.lesson.width
        return Effort(work={"gemm_flop": 2.0 * ROWS**3 * widths, "elementwise": 4.0 * ROWS**3})
