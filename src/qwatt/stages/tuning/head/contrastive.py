"""Contrastive tuning of the encoder, then logistic regression (SetFit, arXiv:2209.11055)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.core.threads import one_thread
from qwatt.language.tunable import TunableEncoder
from qwatt.stages.tuning.head.adam import adam
from qwatt.stages.tuning.head.method import HeadMethod, class_scores
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Part, Scores, Vectors
from qwatt.stages.tuning.head.rows import refuse_rows

if TYPE_CHECKING:
    import torch
    from sklearn import linear_model
else:
    torch, linear_model = lazy("torch"), lazy("sklearn.linear_model")

_BATCH = 16
_PADDING = 1.8
"""A batch is as long as its longest sentence; measured on film reviews."""
_PREFIX = "encoder."


@method
class ContrastiveHead(HeadMethod):
    """Pull sentences of one label together and push others apart, then fit a logistic regression.

    The cosine of every pair in a batch is drawn to 1 or 0, with the squared error as the loss; all pairs of a
    batch are used, so that a sentence passes the encoder once an epoch and not once a pair.
    """

    name = "contrastive"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2209.11055",)
    space = {"epochs": (1, 2), "learning_rate": (1e-4,)}
    frozen_encoder = False
    only = "texts"

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Tune a copy of the encoder on pairs, embed the training sentences with it, fit the regression."""
        refuse_rows(problem.embedding.encoder, self.name)
        with context.phase(Ring.LOADING, "load encoder"):
            encoder = TunableEncoder(problem.embedding.encoder)
        texts, labels = problem.train.texts, torch.from_numpy(problem.train.labels)
        trained, epochs = encoder.trained(), int(settings["epochs"])
        optimiser = adam([weights for _, weights in trained], float(settings["learning_rate"]))
        with context.phase(Ring.KERNEL, "tune encoder"):
            for epoch in range(epochs):
                order = context.rng.permutation(len(texts))
                for start in range(0, len(order), _BATCH):
                    rows = order[start : start + _BATCH]
                    optimiser.zero_grad()
                    vectors = encoder.vectors([texts[i] for i in rows])
                    pair_loss(vectors, labels[rows]).backward()  # type: ignore[no-untyped-call]
                    optimiser.step()
                    context.progress(epoch * len(order) + start + len(rows), epochs * len(order), "sentences")
        with context.phase(Ring.KERNEL, "train"):
            estimator = linear_model.LogisticRegression(max_iter=1000)
            fitted = estimator.fit(encoder.encode(texts), problem.train.labels)
        arrays: dict[str, Any] = {_PREFIX + name: array for name, array in encoder.state().items()}
        arrays |= {"coefficients": fitted.coef_, "intercepts": fitted.intercept_}
        return self.model(problem, arrays, sum(array.size for array in arrays.values()))

    def label(self, model: HeadModel, part: Part, context: Context, phase: str) -> Scores:
        """Embed the sentences with the tuned encoder and decide."""
        with context.phase(Ring.LOADING, "load encoder"):
            state = {n.removeprefix(_PREFIX): a for n, a in model.arrays.items() if n.startswith(_PREFIX)}
            encoder = TunableEncoder(model.encoder, state)
        with one_thread(), context.phase(Ring.KERNEL, phase):
            return self.decide(model, encoder.encode(part.texts), context)

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return the logits of sentences embedded by the tuned encoder."""
        arrays = model.arrays
        return class_scores(vectors.astype(np.float64) @ arrays["coefficients"].T + arrays["intercepts"])

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count three passes (one forward, two backward) a sentence and epoch, and one to embed it."""
        epochs, share = int(settings["epochs"]), len(problem.train) / len(problem.embedding.texts)
        passes = (3.0 * _PADDING * epochs + 1.0) * share
        work = {kind: units * passes for kind, units in problem.embedding.work.items()}
        steps = epochs * -(-len(problem.train) // _BATCH)
        return Effort(work=work) + Effort(work={"iteration": steps, "fit": 1.0})

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Count one pass a sentence; sentences of all parts are alike in length."""
        share = sentences / len(problem.embedding.texts)
        return Effort(work={kind: units * share for kind, units in problem.embedding.work.items()})


def pair_loss(vectors: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error of the cosines of all pairs: 1 for one label, 0 for two.

    Args:
        vectors: of length 1, shape (sentences, dimensions).
        labels: shape (sentences,).
    """
    rows, columns = torch.triu_indices(len(labels), len(labels), offset=1)
    cosines = (vectors @ vectors.T)[rows, columns]
    return ((cosines - (labels[rows] == labels[columns]).float()) ** 2).sum() / max(1, len(rows))
