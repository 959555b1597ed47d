"""Loss sampling: examples are drawn by the loss that a small model has on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.features import embedded, proxy
from qwatt.stages.curation.select.method import COMMON, Notes, SelectMethod
from qwatt.stages.curation.select.ngram import ByteModel
from qwatt.stages.curation.select.problem import SelectAnswer, SelectProblem


@method
class LossSampling(SelectMethod):
    """Probability proportional to a power of the loss: positive ones prefer hard examples, others easy ones.

    The small model, fitted on as many random examples as are chosen, is that of the score.
    """

    name: ClassVar[str] = "loss-sampling"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1803.00942", "arXiv:2206.14486", "arXiv:1906.11829")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {"power": (1.0, -1.0, 0.5, -0.5)}
    stochastic: ClassVar[bool] = True

    def choose(
        self, problem: SelectProblem, settings: Settings, context: Context
    ) -> tuple[SelectAnswer, Notes]:
        """Fit, take the losses, draw without replacement."""
        losses = self.losses(problem, context)
        with context.phase(Ring.KERNEL, "choose"):
            weights = np.maximum(losses, 1e-6) ** settings["power"]
            drawn = context.rng.choice(len(losses), problem.budget, replace=False, p=weights / weights.sum())
        return SelectAnswer(drawn.astype(np.int64), losses[drawn], "loss of the small model, in bits"), {}

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the small model's fit and its losses: a product, or a look-up a byte."""
        if problem.pool.labels is None:
            return Effort(work={"elementwise": 40.0 * sum(map(len, problem.pool.texts))})
        products = 4.0 * len(problem.pool) * problem.pool.embedding.dimensions
        return Effort(work={"fit": 2.0, "gemm_flop": products})

    def losses(self, problem: SelectProblem, context: Context) -> NDArray[np.float64]:
        """Return bits per label, or bits per byte, of every example in the pool."""
        labels = problem.pool.labels
        if labels is not None:
            vectors = embedded(problem, context)
            with context.phase(Ring.KERNEL, "proxy"):
                return proxy(vectors, labels, problem, context.rng).bits(vectors, labels)
        with context.phase(Ring.KERNEL, "proxy"):
            texts = problem.pool.texts
            some = context.rng.choice(len(texts), size=problem.budget, replace=False)
            sizes = np.array([len(text.encode("utf-8")) for text in texts])
            return np.asarray(ByteModel([texts[i] for i in some]).bits(texts) / sizes)
