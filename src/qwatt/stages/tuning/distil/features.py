"""Feature matching: the student's states, linearly projected, are to be the teacher's."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class Projection:
    """Mean squared error between projected and wanted states, over the mean square of these.

    Args:
        student: width of the student's states.
        teacher: width of the teacher's.
    """

    def __init__(self, student: int, teacher: int) -> None:
        self.map = torch.nn.Linear(student, teacher)

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return the projection's weights."""
        return list(self.map.parameters())

    def loss(self, student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
        """Return the relative error of all tokens."""
        return torch.nn.functional.mse_loss(self.map(student), teacher) / teacher.square().mean()


@method
class Features(DistilMethod):
    """The teacher's logits, and its states before the head as targets of a linear map of the student's."""

    name = "features"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1412.6550", "arXiv:1909.10351")

    def objective(
        self, found: Setup, settings: Settings, states: torch.Tensor | None, context: Context
    ) -> Objective:
        """Return logits and projected states."""
        term = Projection(found.size.hidden, found.lesson.width)
        return Objective(settings["mixing"], settings["temperature"], settings["weight"], term)

    def step_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Count the projection of all tokens, forward and backward."""
        flop = 6.0 * found.size.hidden * found.lesson.width * found.size.step_tokens
        return Effort(work={"gemm_flop": flop})
