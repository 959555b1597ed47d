"""What all prunings share: the model and its calibration, what stays as the answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.effort import Effort, Plan
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.stages.deployment.prune.problem import TASK, Mask, PruneAnswer, PruneProblem
from qwatt.stages.deployment.prune.reconstruct import fit_effort, reconstructed
from qwatt.stages.deployment.prune.setup import COMMON, LIMITS, Setup, loaded, setup
from qwatt.stages.deployment.prune.units import Units

Notes = dict[str, Any]

_STREAM_VALUES, _CHANNEL_VALUES, _WEIGHT_VALUES, _LOGIT_VALUES = 20, 4, 3, 4
"""How often a block's pass goes over each value of the stream, of a channel, of the attention's weights; and
over the logits."""


class PruneMethod(Method[PruneProblem, PruneAnswer]):
    """Base of the prunings; one gives `choose`."""

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON
    limits: ClassVar[Mapping[str, Limit]] = LIMITS

    @abstractmethod
    def choose(self, found: Setup, settings: Settings, context: Context) -> tuple[Units, Mask, Notes]:
        """Return variables, which of them stay, and remarks for the record; inside energy windows."""

    @abstractmethod
    def effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Return what choosing takes."""

    def once(self, found: Setup, settings: Settings) -> Effort:
        """Return the work that it shares with others."""
        return Effort()

    def run(self, problem: PruneProblem, settings: Settings, context: Context) -> Solution[PruneAnswer]:
        """Choose, and say what the choice does to the loss on the calibration text."""
        found = context.shared(Ring.LOADING, "load", lambda: loaded(problem, settings))
        units, mask, notes = self.choose(found, settings, context)
        with context.phase(Ring.OUTER, "report"):
            loss = float(found.calibration.losses(units, [mask])[0])
        kept, weights = units.kept(mask), {}
        if ridge := float(settings["ridge"]):
            with context.phase(Ring.KERNEL, "reconstruct"), one_thread():
                weights = reconstructed(found.calibration, found.anatomy, kept, ridge)
        answer = PruneAnswer(self.name, found.whole.name, found.whole.digest, found.cut, kept, loss, weights)
        counters = {"calibration_tokens": float(found.calibration.tokens)}
        return Solution(answer, counters=counters, notes=notes | {"variables": len(units)})

    def plan(self, problem: PruneProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the passes over the calibration text."""
        found = setup(problem, settings)
        note = f"{found.calibration.tokens:,} tokens of calibration; {found.variables} variables"
        run = self.effort(found, settings, shots) + passes(found, 1)
        if settings["ridge"]:
            run += passes(found, 1) + fit_effort(found.anatomy, found.calibration.tokens)
        return Plan(run=run, once=self.once(found, settings), note=note)


def passes(found: Setup, forward: float, backward: float = 0.0) -> Effort:
    """Return the work of passes over the calibration text; a backward one is as much as two forward.

    Beside its products a pass reads and writes values: the norms, rotations and sums of the stream, the gated
    channels, the attention's weights, the logits. In small decoders that is most of it.
    """
    calibration, whole, a = found.calibration, found.whole, found.anatomy
    stream = _STREAM_VALUES * whole.model.config.hidden_size + _CHANNEL_VALUES * a.channels
    weights = _WEIGHT_VALUES * a.heads * a.queries * calibration.context
    values = a.blocks * (stream + weights) + _LOGIT_VALUES * whole.logits
    times = forward + 2.0 * backward
    return Effort(
        work={
            "gemm_flop": 2.0 * whole.multiplied * calibration.tokens * times,
            "elementwise": float(values * calibration.tokens) * times,
            "iteration": calibration.calls * a.blocks * times,
        }
    )
