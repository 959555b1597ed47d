"""What the first circuit gets: the whole embedding, or its leading components and a constant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qwatt.core.method import Settings
from qwatt.stages.tuning.head.problem import Vectors


def feature_count(dimensions: int, settings: Settings) -> int:
    """Return the number of values that are encoded as amplitudes.

    Args:
        dimensions: length of the embedding.
        settings: "amplitudes" is the largest number; a smaller one than the embedding's asks for components.
    """
    return min(int(settings["amplitudes"]), dimensions)


@dataclass(frozen=True)
class Features:
    """Maps embeddings, shape (sentences, dimensions), to values to encode, shape (sentences, count).

    Amplitude encoding reads an embedding only up to sign, and every measured Z is a quadratic form in it. A
    constant beside whitened principal components lets the circuit build linear terms too: without it the
    head is not given the chance that the classical heads have.
    """

    transform: Callable[[Vectors], Vectors]

    @classmethod
    def fit(cls, vectors: Vectors, settings: Settings, seed: int) -> Features:
        """Fit on training embeddings.

        Args:
            vectors: shape (sentences, dimensions).
            settings: "amplitudes" and "constant", the constant relative to the components' length.
            seed: seed of the decomposition.
        """
        count = feature_count(vectors.shape[1], settings)
        if count == vectors.shape[1]:
            return cls(lambda given: given)
        from sklearn.decomposition import PCA

        pca = PCA(min(count - 1, len(vectors) - 1), whiten=True, random_state=seed).fit(vectors)
        padding = count - 1 - pca.n_components_
        constant = float(settings["constant"])

        def transform(given: Vectors) -> Vectors:
            components = pca.transform(given)
            length = np.linalg.norm(components, axis=1, keepdims=True)
            columns = (components, np.zeros((len(given), padding)), constant * length)
            return np.hstack(columns).astype(np.float32)

        return cls(transform)
