"""semhash with a hashing encoder instead of its own model, which has to be downloaded: not its own recall.

The encoder adds a sign for each run of five words at a hashed place of as many numbers as semhash's own model
gives. Sets of Jaccard similarity J have a cosine of 2 J / (1 + J) where they are of one size, and more where
not, so that nothing similar is below the cosine asked for but by collisions.
"""

import os
import zlib

import numpy as np
from common import THRESHOLD, rows, shingles, write_rows
from semhash import SemHash

DIMENSIONS = 256


class Hashing:
    """What semhash asks of a model: `encode`."""

    def encode(self, texts, **_):
        """Return vectors of shape (texts, DIMENSIONS)."""
        return np.stack([self.vector(text) for text in texts]).astype(np.float32)

    def vector(self, text):
        """Return the vector of one text, shape (DIMENSIONS,)."""
        codes = np.array([zlib.crc32(shingle.encode()) for shingle in shingles(text)])
        signs = 1.0 - 2.0 * (codes // DIMENSIONS % 2)
        return np.bincount(codes % DIMENSIONS, weights=signs, minlength=DIMENSIONS)


os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # usearch takes a thread for every core it may use
records = [{"id": name, "text": text} for name, text in rows()]
index = SemHash.from_records(records, columns=["text"], model=Hashing())
found = index.self_deduplicate(threshold=2 * THRESHOLD / (1 + THRESHOLD))
write_rows(record["id"] for record in found.selected)
