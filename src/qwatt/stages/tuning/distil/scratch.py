"""The student alone: trained on the text without a teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.distil.method import DistilMethod
from qwatt.stages.tuning.distil.objective import Objective
from qwatt.stages.tuning.distil.settings import COMMON, Setup

if TYPE_CHECKING:
    import torch


@method
class Scratch(DistilMethod):
    """Next-token prediction on as many tokens as all others get: what a teacher must be worth more than."""

    name = "scratch"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1503.02531 (the student without a teacher)",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"rate": (0.0, 0.2, 0.3, 0.6, 0.8, 1.2)} | COMMON

    def objective(
        self, found: Setup, settings: Settings, states: torch.Tensor | None, context: Context
    ) -> Objective:
        """Return the text alone."""
        return Objective()

    def taught(self, settings: Settings) -> bool:
        """No teacher."""
        return False
