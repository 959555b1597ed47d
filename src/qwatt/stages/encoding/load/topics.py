"""Made unit vectors that look like sentence embeddings: topics, and a spectrum that decays."""

from __future__ import annotations

import numpy as np

from qwatt.language.encoder import Vectors

_TOPICS = 12


def topic_vectors(count: int, dimensions: int, seed: int) -> Vectors:
    """Return unit vectors, shape (count, dimensions): a topic and as much of its own, directions unequal.

    Args:
        count: number of vectors.
        dimensions: length of each.
        seed: of everything that is drawn.
    """
    rng = np.random.default_rng([seed, 7])
    spectrum = 1.0 / np.sqrt(1.0 + np.arange(dimensions))
    topics = rng.normal(size=(_TOPICS, dimensions)) * spectrum
    own = rng.normal(size=(count, dimensions)) * spectrum
    vectors = topics[rng.integers(_TOPICS, size=count)] + own
    rotation = np.linalg.qr(rng.normal(size=(dimensions, dimensions)))[0]
    turned = vectors @ rotation
    return np.asarray(turned / np.linalg.norm(turned, axis=1, keepdims=True), dtype=np.float32)
