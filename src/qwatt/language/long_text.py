"""Vectors of documents that are longer than the encoder's input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qwatt.core.shared import Shared
from qwatt.language.encoder import Encoder, Progress, Vectors
from qwatt.language.hashed import HashedEncoder

CHUNKS = 4
CHUNK_CHARS = 1_100
"""About 256 tokens of English, the longest input of MiniLM."""


def spread_chunks(text: str, chunks: int = CHUNKS, chars: int = CHUNK_CHARS) -> list[str]:
    """Return evenly spaced pieces of a long text, from its start to its end; a short text is one piece."""
    if len(text) <= chars:
        return [text]
    starts = np.linspace(0, len(text) - chars, min(chunks, -(-len(text) // chars))).astype(int)
    return [text[start : start + chars] for start in starts]


def embed_long(
    encoder: Encoder | HashedEncoder, texts: Sequence[str], progress: Progress | None = None
) -> Shared[Vectors]:
    """Embed texts of any length: the normalised mean of the vectors of evenly spaced pieces."""
    pieces = [spread_chunks(text) for text in texts]
    result = encoder.embed([piece for some in pieces for piece in some], progress)
    return replace(result, value=_joined(result.value, pieces))


def stream_vectors(encoder: Encoder | HashedEncoder, texts: Sequence[str]) -> Vectors:
    """Return the vectors that `embed_long` returns, shape (texts, dimensions), but leave no trace of them.

    For streams without end, whose texts would fill any cache.
    """
    pieces = [spread_chunks(text) for text in texts]
    return _joined(encoder.compute([piece for some in pieces for piece in some]), pieces)


def _joined(vectors: Vectors, pieces: Sequence[Sequence[str]]) -> Vectors:
    """Return the normalised mean of the vectors of each text's pieces."""
    if len(vectors) == len(pieces):
        return vectors
    starts = np.cumsum([0, *(len(some) for some in pieces[:-1])])
    sums = np.add.reduceat(vectors, starts, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)
