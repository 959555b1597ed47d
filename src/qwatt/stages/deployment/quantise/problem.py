"""What a quantisation gets, a decoder's name and text; and what it answers, rounded weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.text_parts import Parts
from qwatt.stages.deployment.quantise.grid import Codes, Grid, Weights

TASK = "deployment/quantise"


@dataclass(frozen=True)
class Budget:
    """Tokens that every method gets, at most.

    Args:
        calibration: whose hidden states say which errors matter.
        validation: that choose settings.
        test: that are held back.
    """

    calibration: int
    validation: int
    test: int


@dataclass(frozen=True)
class Service:
    """What is measured of a decoder in service.

    Args:
        read: tokens of the prompt.
        written: tokens that are written after it.
        rounds: of time and joules.
        memory: whether a fresh process is started for each form, to see what it takes.
    """

    read: int
    written: int
    rounds: int
    memory: bool = False


@dataclass(frozen=True, eq=False)
class QuantiseProblem(Problem):
    """A decoder whose linear layers are to be rounded.

    Args:
        decoder: its name, or its folder, unless a setting says otherwise.
        layers: pattern of the names of the layers that are rounded, such as "*.mlp.*".
        group: weights in a row that share a scale, unless a setting says otherwise.
        parts: a source's texts; None for text like that which the decoder was trained on.
        budget: tokens.
    """

    decoder: str
    layers: str
    group: int
    parts: Parts | None
    budget: Budget


@dataclass(frozen=True, eq=False)
class RoundedLayer:
    """One linear layer as data.

    Args:
        codes: of every weight, shape (outputs, inputs).
        grid: what codes stand for.
        input_scale: what the inputs are divided by before they meet the weights, shape (inputs,); None for 1.
    """

    codes: Codes = field(repr=False)
    grid: Grid = field(repr=False)
    input_scale: NDArray[np.float32] | None = field(default=None, repr=False)

    @property
    def weights(self) -> Weights:
        """The weights that the codes stand for, shape (outputs, inputs)."""
        found = self.grid.values(self.codes)
        return found if self.input_scale is None else found / self.input_scale

    @property
    def stored_bits(self) -> float:
        """Bits of the codes, scales, zeros and input scales."""
        shared = 0 if self.input_scale is None else 16 * self.input_scale.size
        return float((self.codes.shape[1] * self.grid.bits).sum()) + self.grid.stored_bits + shared


@dataclass(frozen=True, eq=False)
class QuantiseAnswer:
    """A decoder's rounded layers.

    Args:
        method: name of the method.
        decoder: the decoder's name or folder.
        digest: of the decoder's files.
        pattern: of the names of the layers.
        layers: by the name that the layer has in the model.
        validation: nats per token of the validation part.
        test: of the held-back part; None until the answer is applied.
    """

    method: str
    decoder: str
    digest: str
    pattern: str
    layers: Mapping[str, RoundedLayer]
    validation: float
    test: float | None = None

    @property
    def bits_per_weight(self) -> float:
        """Stored bits over rounded weights, scales included."""
        stored = sum(layer.stored_bits for layer in self.layers.values())
        return stored / sum(layer.codes.size for layer in self.layers.values())
