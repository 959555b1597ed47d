"""Control: the re-uploading head with random, frozen circuits."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.backends import exact_simulator
from qwatt.stages.tuning.head.adam import descend
from qwatt.stages.tuning.head.problem import HeadProblem
from qwatt.stages.tuning.head.reupload import ReuploadHead
from qwatt.stages.tuning.head.reupload_modules import Modules, encode, logits_of, loss_of

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@method
class RandomCircuitHead(ReuploadHead):
    """The same circuits with angles drawn once; only the linear layer is trained, on every wire.

    With the one wire that the head reads for two classes, a weight and a bias would be all that is trained.
    Heads that were saved before keep what they read.
    """

    name = "reupload-random"
    kind = Kind.CONTROL
    sources = ("the random-circuit ablation of arXiv:2403.07059",)
    companions = ()
    reads_all = True

    def train(
        self,
        modules: Modules,
        weights: list[torch.Tensor],
        x: torch.Tensor,
        targets: torch.Tensor,
        settings: Settings,
        context: Context,
    ) -> list[float]:
        """Train the linear layer in place; the circuits do not change, so that they run only once."""
        angles1, angles2, weight, bias = weights
        backend = exact_simulator(context)
        with torch.no_grad():
            with context.phase(Ring.LOADING, "encode"):
                encoded = encode(modules, angles1, x, backend)
            with context.circuits():
                z = backend.expval(modules.second, encoded, angles2)
        rate, steps = float(settings["learning_rate"]), int(settings["steps"])
        with context.phase(Ring.KERNEL, "train"):
            return descend([weight, bias], rate, steps, lambda: loss_of(logits_of(z, weight, bias), targets))

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill one circuit a sentence; the steps are the linear layer's."""
        once = self.decide_effort(problem, settings, len(problem.train), shots)
        return once + Effort(work={"iteration": float(settings["steps"])})

    def parameters(self, modules: Modules) -> int:
        """Count the layer's weights and a bias a logit."""
        return prod(modules.layer_shape) + modules.outputs
