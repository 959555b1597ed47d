"""What an optimiser trains, a circuit or a small decoder, and what it answers: weights with their curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.decoder.size import DecoderSize
from qwatt.language.embedding import Embedding
from qwatt.language.encoder import Vectors
from qwatt.stages.training.optimise.curve import SpentCurve
from qwatt.stages.training.optimise.passages import Passages

TASK = "training/optimise"
CIRCUIT, DECODER = "circuit", "decoder"

Labels = NDArray[np.int64]
"""Class of each sentence, shape (sentences,)."""
Array = NDArray[Any]


@dataclass(frozen=True)
class Part:
    """Some of the sentences.

    Args:
        labels: class of each, shape (sentences,).
        embedding: all sentences.
        start: position of the first of these in it.
    """

    labels: Labels
    embedding: Embedding
    start: int

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def vectors(self) -> Vectors:
        """Their embeddings, shape (sentences, dimensions)."""
        return self.embedding.embed().value[self.start : self.start + len(self)]


@dataclass(frozen=True)
class CircuitSize:
    """The circuit that is trained, and on how much.

    Args:
        wires: qubits, and components of an embedding that enter as angles.
        uploads: how often they enter.
        layers: entangling layers behind each upload.
        logit_scale: what a Z of 1 stands for, in nats.
        batch: sentences of a step.
        runs: circuits that an optimiser may run; a simulated gradient counts as three a sentence.
    """

    wires: int
    uploads: int
    layers: int
    logit_scale: float
    batch: int
    runs: int


@dataclass(frozen=True)
class CircuitProblem(Problem):
    """Labelled sentences that a small circuit on a frozen encoder learns to tell apart.

    Args:
        train: what batches are drawn from.
        validation: what the tuner chooses by.
        test: held back.
        classes: the labels as the source names them, two or more.
        embedding: the sentences of all parts.
        circuit: what is trained.
    """

    train: Part
    validation: Part
    test: Part
    classes: tuple[str, ...]
    embedding: Embedding
    circuit: CircuitSize


@dataclass(frozen=True)
class DecoderProblem(Problem):
    """Text that a small decoder learns to continue.

    Args:
        text: all passages, with what they are in tokens.
        decoder: sizes of the decoder.
        tokens: budget of training.
    """

    text: Passages
    decoder: DecoderSize
    tokens: int

    @property
    def curve_tokens(self) -> int:
        """Held-back tokens behind a point of the curve: few, as finding its losses is charged as well."""
        return max(2 * self.decoder.context, self.tokens // 64)


OptimiseProblem = CircuitProblem | DecoderProblem


@dataclass(frozen=True)
class Held:
    """What a trained model is worth on held-back data.

    Args:
        loss: nats, of a sentence's label or of a token.
        accuracy: share of sentences that are labelled right; None for a decoder.
        items: sentences or tokens.
    """

    loss: float
    accuracy: float | None
    items: int


@dataclass(frozen=True)
class OptimiseAnswer:
    """Trained weights and how the loss fell.

    Args:
        method: the optimiser's name.
        model: what was trained: "circuit", "separable", "mlp" or "decoder".
        arrays: trained weights by name; of a circuit also `trajectory`, the weights at every point of the
            curve, shape (points, P).
        curve: what was spent at every point; losses of a circuit's trajectory are found when it is scored.
        validation: on the validation part.
        test: on the test part; None until the answer is applied.
        config: plain facts, such as the number of steps.
    """

    method: str
    model: str
    arrays: Mapping[str, Array] = field(repr=False)
    curve: SpentCurve
    validation: Held
    test: Held | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
