"""Control: no adaptation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.effort import Plan
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.core.threads import one_thread
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.method import AdaptMethod, reading
from qwatt.stages.tuning.adapt.problem import AdaptAnswer, AdaptProblem
from qwatt.stages.tuning.adapt.settings import FIXED, Setup, setup
from qwatt.stages.tuning.adapt.train import window_nats

if TYPE_CHECKING:
    import torch


@method
class Unchanged(AdaptMethod):
    """The decoder as it is: what every adaptation must be better than."""

    name = "unchanged"
    kind = Kind.CONTROL
    sources = ("no adaptation",)
    space = FIXED

    def adapter(self, setup: Setup, context: Context) -> Adapter:
        """Return what changes nothing."""
        return Nothing()

    def run(self, problem: AdaptProblem, settings: Settings, context: Context) -> Solution[AdaptAnswer]:
        """Measure the loss on the validation part."""
        subject = setup(problem, settings).pretrained
        with one_thread(), context.phase(Ring.KERNEL, "validate"):
            nats = window_nats(subject.model, subject.validation)
        judged = subject.judged(subject.validation, nats)
        none = np.zeros(0, dtype=np.float32)
        decoder = subject.decoder
        return Solution(AdaptAnswer(self.name, decoder.name, decoder.digest, 0, {}, none, {}, judged))

    def plan(self, problem: AdaptProblem, settings: Settings, shots: int | None) -> Plan:
        """Count reading the two parts."""
        found = setup(problem, settings)
        subject = found.pretrained
        return Plan(
            reading(found, subject.validation.shape[0]),
            reading(found, subject.test.shape[0]),
            note=f"{subject.decoder.name} is left as it is",
        )


class Nothing(Adapter):
    """An adapter without parameters."""

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return none."""
        return []

    def merge(self) -> None:
        """Nothing is to be merged."""
