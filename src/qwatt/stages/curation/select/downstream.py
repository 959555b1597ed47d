"""The light models that are trained on a choice: logistic regression on embeddings, and a model of bytes.

They stand in for a language model, whose loss would be the better judge: a choice that is good for them need
not be good for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.language import Vectors
from qwatt.stages.curation.select.ngram import ByteModel
from qwatt.stages.curation.select.problem import Indices

if TYPE_CHECKING:
    from sklearn import linear_model
else:
    linear_model = lazy("sklearn.linear_model")

_C = 10.0
"""Inverse regularisation strength on vectors of length 1, the same for every choice."""


@dataclass(frozen=True)
class Classifier:
    """Logistic regression whose probabilities are smoothed by one example more for every class.

    Args:
        model: fitted on the labels that were seen; None where there was one alone.
        seen: these labels.
        classes: number of all labels.
        examples: number of examples that it was fitted on.
    """

    model: linear_model.LogisticRegression | None
    seen: Indices
    classes: int
    examples: int

    @classmethod
    def fit(cls, vectors: Vectors, labels: Indices, classes: int) -> Classifier:
        """Fit on vectors, shape (examples, dimensions)."""
        seen = np.unique(labels)
        model = None
        if len(seen) > 1:
            model = linear_model.LogisticRegression(C=_C, max_iter=1_000).fit(vectors, labels)
        return cls(model, seen, classes, len(labels))

    def probabilities(self, vectors: Vectors) -> NDArray[np.float64]:
        """Return the share of every class, none of them 0; shape (examples, classes)."""
        shares = np.zeros((len(vectors), self.classes))
        shares[:, self.seen] = 1.0 if self.model is None else self.model.predict_proba(vectors)
        smoothed: NDArray[np.float64] = (self.examples * shares + 1.0) / (self.examples + self.classes)
        return smoothed

    def bits(self, vectors: Vectors, labels: Indices) -> NDArray[np.float64]:
        """Return the bits that each label takes, shape (examples,)."""
        return np.asarray(
            -np.log2(self.probabilities(vectors)[np.arange(len(labels)), labels]), dtype=np.float64
        )


def equal_texts(texts: Sequence[str], pool: Sequence[str], chosen: int) -> list[str]:
    """Return the texts that the model of bytes is trained on: as many characters for every choice.

    Long texts count with a median text's characters, and all together with what so many texts of the lower
    quartile have, so that nobody wins by choosing long texts.

    Args:
        texts: the chosen ones.
        pool: all candidates.
        chosen: number of chosen texts.
    """
    lengths = np.array([len(text) for text in pool])
    longest, room = int(np.median(lengths)), int(chosen * np.quantile(lengths, 0.25))
    found = []
    for text in texts:
        found.append(text[: min(longest, room)])
        room -= len(found[-1])
    return [text for text in found if text]


def text_bits(training: Sequence[str], held: Sequence[str]) -> tuple[float, int]:
    """Return the bits that held-back texts take, and their characters."""
    return float(ByteModel(training).bits(held).sum()), sum(map(len, held))
