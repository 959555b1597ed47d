"""Control: a classical layer with as many parameters as the circuits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.adam import descend
from qwatt.stages.tuning.head.loaded_amplitudes import loadable
from qwatt.stages.tuning.head.method import HeadMethod, class_scores
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors
from qwatt.stages.tuning.head.reupload import ReuploadHead
from qwatt.stages.tuning.head.reupload_modules import head_count, loss_of
from qwatt.stages.tuning.head.standardise import fit_components, projected

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@method
class SameSizeHead(HeadMethod):
    """A linear layer on the leading principal components, with the circuits' number of parameters.

    It draws from the same space as the re-uploading head, builds the same circuits to count their
    parameters P, and trains P - 1 weights and a bias (shared out among several classes) by the same optimiser
    for as many steps.
    """

    name = "linear-same-size"
    kind = Kind.CONTROL
    sources = ("equal-parameter control",)
    space = ReuploadHead.space
    limits = ReuploadHead.limits

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Project, standardise, and train the layer."""
        outputs = problem.outputs
        with context.phase(Ring.KERNEL, "train"):
            arrays = fit_components(problem.train.vectors, _components(problem, settings), context.seed)
            x = torch.tensor(projected(arrays, problem.train.vectors), dtype=torch.float32)
            labels = torch.from_numpy(problem.train.labels)
            targets = labels.float()[:, None] if outputs == 1 else labels
            weight, bias = torch.zeros(x.shape[1], outputs), torch.zeros(outputs)
            rate, steps = float(settings["learning_rate"]), int(settings["steps"])
            descend([weight, bias], rate, steps, lambda: loss_of(x @ weight + bias, targets))
        arrays |= {"weight": weight.detach().numpy(), "bias": bias.detach().numpy()}
        return self.model(problem, arrays, weight.numel() + bias.numel())

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return the logits."""
        arrays = model.arrays
        return class_scores(projected(arrays, vectors) @ arrays["weight"].astype(np.float64) + arrays["bias"])

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the decomposition, and 6 operations a weight, sentence and step."""
        dimensions, sentences, steps = problem.dimensions, len(problem.train), int(settings["steps"])
        weights = _components(problem, settings) * problem.outputs
        flops = 4.0 * sentences * dimensions**2 + 6.0 * sentences * weights * steps
        return Effort(work={"gemm_flop": flops, "iteration": steps})

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Count the projection and the layer."""
        columns = problem.dimensions + problem.outputs
        return Effort(work={"gemm_flop": 2.0 * sentences * _components(problem, settings) * columns})


def _components(problem: HeadProblem, settings: Settings) -> int:
    """Return how many components give the layer the circuits' number of parameters, at most all."""
    classes, circuit_head = len(problem.classes), ReuploadHead()
    modules = circuit_head.modules(loadable(problem), classes, settings)
    size = circuit_head.parameters(modules) * head_count(classes, modules)
    return max(1, min(size // problem.outputs - 1, problem.dimensions, len(problem.train) - 1))
