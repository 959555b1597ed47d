"""What the re-uploading head loads as amplitudes: a whole embedding, or its leading components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Settings
from qwatt.stages.tuning.head.problem import HeadProblem, Vectors
from qwatt.stages.tuning.head.standardise import fit_components, projected


def loadable(problem: HeadProblem) -> int:
    """Return how many values there are to load: an embedding's, or a table's columns and a constant."""
    return problem.dimensions + (problem.scale is not None)


def fit_amplitudes(
    vectors: Vectors, settings: Settings, seed: int, whole: bool = True
) -> tuple[dict[str, NDArray[Any]], float]:
    """Return the arrays and constant that `amplitudes` takes; none when the whole embedding is encoded.

    Args:
        vectors: of the training part, shape (samples, dimensions).
        settings: "amplitudes" and "constant".
        seed: of the components.
        whole: whether all values go in as they are where there is room; a table's few columns, which mean
            nothing up to their sign, never do.
    """
    count = int(settings["amplitudes"])
    if whole and count >= vectors.shape[1]:
        return {}, 0.0
    return fit_components(vectors, count - 1, seed), float(settings["constant"])


def amplitudes(arrays: Mapping[str, NDArray[Any]], constant: float, inputs: int, vectors: Vectors) -> Vectors:
    """Return the values to encode, shape (sentences, inputs), not normalised.

    Amplitude encoding reads an embedding only up to sign, and every measured Z is a quadratic form in it. A
    constant beside whitened principal components, in units of their length, lets the circuit build linear
    terms too: without it the head is not given the chance that the classical heads have.
    """
    if "components" not in arrays:
        return vectors
    found = projected(arrays, vectors)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    padding = np.zeros((len(found), inputs - 1 - found.shape[1]))
    return np.hstack([found, padding, constant * length]).astype(np.float32)
