"""Control: a classical layer with as many parameters as the circuits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Context, Effort, Kind, Plan, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.circuits import head_circuits
from qwatt.stages.tuning.head.features import feature_count
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem, Vectors
from qwatt.stages.tuning.head.reupload import ReuploadHead


@method
class SameSizeHead(HeadMethod):
    """A linear layer on the leading principal components, with the circuits' number of parameters.

    It draws from the same space as the re-uploading head, builds the same circuits to count their
    parameters P, and trains P - 1 weights and a bias by the same optimiser for as many steps.
    """

    name = "linear-same-size"
    kind = Kind.CONTROL
    sources = ("equal-parameter control",)
    space = ReuploadHead.space

    def plan(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the decomposition, and 6 operations a weight, sentence and step."""
        dimensions, sentences = problem.train.vectors.shape[1], len(problem.train)
        steps = 6.0 * sentences * dimensions * int(settings["steps"])
        return Plan(Effort(work={"gemm_flop": steps + 4.0 * sentences * dimensions**2}))

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadAnswer:
        """Project, standardise, and train the layer."""
        import torch
        from sklearn.decomposition import PCA
        from torch.nn.functional import binary_cross_entropy_with_logits

        from qwatt.stages.tuning.head.model import HeadWeights

        dimensions = problem.train.vectors.shape[1]
        size = HeadWeights.count(head_circuits(feature_count(dimensions, settings), settings))
        with context.phase(Ring.KERNEL, "train"):
            components = min(size - 1, dimensions, len(problem.train) - 1)
            pca = PCA(components, whiten=True, random_state=context.seed).fit(problem.train.vectors)
            x = torch.tensor(pca.transform(problem.train.vectors), dtype=torch.float32)
            y = torch.from_numpy(problem.train.labels).float()
            weight, bias = torch.zeros(components), torch.zeros(1)
            parameters = [weight.requires_grad_(), bias.requires_grad_()]
            optimiser = torch.optim.Adam(parameters, lr=float(settings["learning_rate"]))
            for _ in range(int(settings["steps"])):
                optimiser.zero_grad()
                binary_cross_entropy_with_logits(x @ weight + bias, y).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        coefficients, offset = weight.detach().numpy(), float(bias.detach())

        def scores(vectors: Vectors) -> NDArray[np.float64]:
            return np.asarray(pca.transform(vectors) @ coefficients + offset, dtype=float)

        with context.phase(Ring.KERNEL, "validate"):
            validation = scores(problem.validation.vectors)
        return HeadAnswer(scores, validation, parameters=components + 1)
