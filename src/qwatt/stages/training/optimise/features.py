"""Sentences as angles: leading whitened components of their frozen embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.stages.training.optimise.problem import Array, CircuitProblem, Part

if TYPE_CHECKING:
    import torch
    from sklearn import decomposition
else:
    torch, decomposition = lazy("torch"), lazy("sklearn.decomposition")

SPREAD = 0.5
"""Standard deviation of an angle on the training part, radians: few are so large that they turn around."""


def fit_features(problem: CircuitProblem) -> dict[str, Array]:
    """Return `mean` (dimensions,) and `components` (dimensions, wires) of the training sentences."""
    found = decomposition.PCA(problem.circuit.wires, random_state=problem.seed).fit(problem.train.vectors)
    deviation = np.sqrt(np.maximum(found.explained_variance_, np.finfo(np.float32).eps))
    return {"mean": found.mean_, "components": SPREAD * (found.components_ / deviation[:, None]).T}


def angles_of(features: Mapping[str, Array], part: Part) -> torch.Tensor:
    """Return a part's angles, shape (sentences, wires), float32."""
    found = (part.vectors - features["mean"]) @ features["components"]
    return torch.as_tensor(np.asarray(found), dtype=torch.float32)
