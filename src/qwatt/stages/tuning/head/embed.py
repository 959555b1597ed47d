"""Sentences to vectors: the frozen encoder, measured when it runs, or a hashing trick for tiny problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qwatt.core.errors import unknown_name
from qwatt.core.quantity import Quantity
from qwatt.stages.tuning.head.problem import Vectors

HASHING_DIMENSIONS = 16


@dataclass(frozen=True)
class Embedded:
    """Vectors, shape (sentences, dimensions), with the joules and seconds that computing them took."""

    vectors: Vectors
    energy: Quantity
    seconds: float


def embed(texts: Sequence[str], encoder: str) -> Embedded:
    """Embed sentences with "minilm", or with "hashing": signed character n-grams, no model needed.

    Raises:
        QwattError: no such encoder, or the model cannot be fetched.
    """
    encoders = {"minilm": _minilm, "hashing": _hashing}
    if encoder not in encoders:
        raise unknown_name("encoder", encoder, encoders)
    return encoders[encoder](texts)


def _minilm(texts: Sequence[str]) -> Embedded:
    from qwatt.language import Encoder

    found = Encoder.load("minilm").embed(texts)
    return Embedded(found.value, found.energy, found.seconds)


def _hashing(texts: Sequence[str]) -> Embedded:
    from sklearn.feature_extraction.text import HashingVectorizer

    from qwatt.energy.meter import Meter

    vectorizer = HashingVectorizer(n_features=HASHING_DIMENSIONS, analyzer="char_wb", ngram_range=(3, 4))
    with Meter().window("embed") as window:
        vectors = np.asarray(vectorizer.transform(texts).todense(), dtype=np.float32)
    return Embedded(vectors, window.energy, window.seconds)
