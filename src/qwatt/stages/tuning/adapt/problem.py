"""What an adaptation gets, text in three parts and a decoder's name; and what it answers, changed weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.decoder.text_windows import Judged

TASK = "tuning/adapt"

Weights = Mapping[str, NDArray[np.float32]]
"""Weights by their name in the decoder."""


@dataclass(frozen=True)
class Budget:
    """What every method gets.

    Args:
        train: tokens that are trained on, repeated where the text has fewer.
        validation: tokens that choose settings, at most.
        test: tokens that are held back, at most.
        batch: tokens in a step, about.
        context: tokens in a window, at most; the decoder may take shorter ones.
    """

    train: int
    validation: int
    test: int
    batch: int
    context: int


@dataclass(frozen=True)
class AdapterShape:
    """Sizes of the adapters.

    Args:
        rank: of low-rank updates.
        tile: sides of the part of a weight matrix that a variational circuit factorises; a power of two.
        svd_steps: optimiser steps of that circuit.
        layers: entangling layers of circuits that generate or turn weights.
        settings: random bases in which a purity is measured.
        spectrum: widest matrix whose purity is measured whole; of wider ones a tile of this side is.
    """

    rank: int
    tile: int
    svd_steps: int
    layers: int
    settings: int
    spectrum: int


@dataclass(frozen=True, eq=False)
class AdaptProblem(Problem):
    """Text of a domain that a decoder is to predict better.

    Args:
        decoder: its name, or its folder.
        train: texts to train on.
        validation: what settings are chosen by.
        test: held back.
        budget: tokens.
        shape: of the adapters, unless a setting says otherwise.
    """

    decoder: str
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    budget: Budget
    shape: AdapterShape


@dataclass(frozen=True)
class AdaptAnswer:
    """An adapted decoder as data: the weights that are no longer those of the decoder's folder.

    Args:
        method: name of the method that adapted it.
        decoder: the decoder's name or folder.
        digest: of the decoder's files.
        parameters: trained ones.
        weights: changed weights, adapters merged into them.
        losses: training loss by step, nats per token; empty where nothing was trained.
        facts: what is worth telling of the adapter; plain values.
        validation: of the validation part.
        test: of the held-back part; None until the answer is applied.
    """

    method: str
    decoder: str
    digest: str
    parameters: int
    weights: Weights = field(repr=False)
    losses: NDArray[np.float32] = field(repr=False)
    facts: Mapping[str, Any]
    validation: Judged
    test: Judged | None = None
