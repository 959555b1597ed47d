"""What a layer gets, text in three parts and a decoder's name; and what it answers, its trained numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.decoder.text_windows import Judged

TASK = "architecture/layer"


@dataclass(frozen=True)
class Budget:
    """What every method gets.

    Args:
        train: tokens that are trained on, repeated where the text has fewer.
        validation: tokens that choose settings, at most.
        test: tokens that are held back, at most.
        batch: tokens in a step, about.
    """

    train: int
    validation: int
    test: int
    batch: int


@dataclass(frozen=True)
class CircuitShape:
    """Sizes of the quantum layer, which all others have as many parameters as.

    Args:
        qubits: qubits, and features of the bottleneck.
        reuploads: how often the features enter the circuit.
        layers: entangling layers behind each of them.
    """

    qubits: int
    reuploads: int
    layers: int


@dataclass(frozen=True, eq=False)
class LayerProblem(Problem):
    """Text that a frozen decoder is to predict better.

    Args:
        decoder: its name, or its folder.
        train: texts to train on.
        validation: what settings are chosen by.
        test: held back.
        budget: tokens.
        shape: of the quantum layer, unless a setting says otherwise.
    """

    decoder: str
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    budget: Budget
    shape: CircuitShape


@dataclass(frozen=True)
class LayerAnswer:
    """A trained layer as data.

    Args:
        method: name of the method that trained it.
        decoder: the decoder's name or folder.
        digest: of the decoder's files.
        block: number of the block, -1 for the last.
        place: "adapter" or "ffn".
        parameters: trained ones.
        state: the layer's numbers by name.
        config: how the layer is built.
        losses: training loss by step, nats per token.
        validation: of the validation part.
        test: of the held-back part; None until the layer is applied.
    """

    method: str
    decoder: str
    digest: str
    block: int
    place: str
    parameters: int
    state: Mapping[str, NDArray[Any]] = field(repr=False)
    config: Mapping[str, Any]
    losses: NDArray[np.float32] = field(repr=False)
    validation: Judged
    test: Judged | None = None
