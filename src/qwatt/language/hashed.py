"""An encoder without a model: hashed character n-grams (feature hashing, arXiv:0902.2206)."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from qwatt.core.shared import Shared
from qwatt.language.encoder import Progress, Vectors

_WIDTH = 4


class HashedEncoder:
    """Counts of hashed 4-character runs with signs, of length 1. For tests and for work without a network.

    Args:
        dimensions: length of a vector.
    """

    def __init__(self, dimensions: int = 384) -> None:
        self.dimensions = dimensions

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return vectors, shape (texts, dimensions)."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            data = " ".join(text.casefold().split()).encode("utf-8", "surrogatepass")
            runs = [crc32(data[i : i + _WIDTH]) for i in range(max(1, len(data) - _WIDTH + 1))]
            codes = np.array(runs, dtype=np.int64)
            np.add.at(row, codes % self.dimensions, np.where(codes >> 31, 1.0, -1.0).astype(np.float32))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(lengths > 0, lengths, 1.0)
        return vectors

    def compute(self, texts: Sequence[str]) -> Vectors:
        """Return vectors, as `encode` does: nothing is cached."""
        return self.encode(texts)

    def work(self, texts: Sequence[str]) -> dict[str, float]:
        """Predict what embedding texts takes, by kind of `host_power.work`."""
        return {"hashed_byte": float(sum(map(len, texts)))}

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Shared[Vectors]:
        """Return vectors with what computing them cost just now; nothing is cached."""
        from qwatt.energy.meter import Meter

        with Meter().window("embed") as window:
            vectors = self.encode(texts, progress)
        return Shared(vectors, window.energy, window.seconds, "hashed n-grams, measured now")
