"""Labelled sentences, split by a hash of their text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.problem import Problem
from qwatt.core.quantity import Quantity

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """One split: embeddings, shape (sentences, dimensions), and labels 0 or 1, shape (sentences,)."""

    vectors: Vectors
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class HeadProblem(Problem):
    """Embedded sentences in three parts.

    Args:
        train: what heads are fitted on.
        validation: what the tuner chooses by.
        test: held back; its labels are for the task's score only.
        embed_energy: joules that embedding these sentences took when it was done, or unknown.
        embed_seconds: wall time of it.
        classes: the two labels as the source names them.
    """

    train: Part
    validation: Part
    test: Part
    embed_energy: Quantity
    embed_seconds: float
    classes: tuple[str, str]


@dataclass
class HeadAnswer:
    """A fitted head.

    Args:
        scores: decision values of embedded sentences, positive for class 1, on the trial's backend.
        validation: decision values of the validation part.
        test: decision values of the test part; None until the head is applied.
        parameters: trainable parameters.
        diagnostics: further metrics, computed outside the trial's energy, from the test part.
    """

    scores: Callable[[Vectors], NDArray[np.float64]]
    validation: NDArray[np.float64]
    test: NDArray[np.float64] | None = None
    parameters: int = 0
    diagnostics: Callable[[Part], dict[str, Any]] = field(default=lambda _: {})


def split_by_hash(
    texts: Sequence[str], labels: Sequence[int], per_class: int, seed: int, pool: int | None = None
) -> tuple[list[int], list[int], list[int]]:
    """Return indices of training, validation and test sentences.

    Sentences are ordered by a hash of seed and text, so that the split depends on nothing else; repeats of
    a text are dropped. The first `per_class` of each class are for fitting, 85 % of them to train and 15 %
    to validate; the rest is for testing.

    Args:
        texts: sentences.
        labels: 0 or 1.
        per_class: fitting sentences of each class.
        seed: seed of the split.
        pool: use only so many sentences, the same for every seed, so that an encoder need not see all.

    Raises:
        QwattError: a class has too few sentences.
    """
    first: dict[str, int] = {}
    for index, text in enumerate(texts):
        first.setdefault(text, index)
    pooled = sorted(first.values(), key=lambda i: _hash("pool", texts[i]))[:pool]
    order = sorted(pooled, key=lambda i: _hash(str(seed), texts[i]))
    chosen = {c: [i for i in order if labels[i] == c][:per_class] for c in (0, 1)}
    for label, indices in chosen.items():
        if len(indices) < per_class:
            raise QwattError(
                f"class {label} has {len(indices)} different sentences; {per_class} are needed for fitting",
                mend="give more labelled sentences, or a smaller --size",
            )
    training, validation = [], []
    for indices in chosen.values():
        cut = round(0.85 * per_class)
        training += indices[:cut]
        validation += indices[cut:]
    used = {*training, *validation}
    return training, validation, [i for i in order if i not in used]


def _hash(salt: str, text: str) -> bytes:
    return hashlib.sha256(f"{salt}\n{text}".encode()).digest()
