"""What examples are compared by: sentence embeddings, or the gradients that a small model takes from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import unknown_name
from qwatt.core.method import Context, Ring
from qwatt.language import Vectors
from qwatt.stages.curation.select.downstream import Classifier
from qwatt.stages.curation.select.problem import Features, Indices, SelectProblem

KINDS = ("embedding", "gradient")
_BUCKETS = 512
_MOST = 1_024
"""Features; more are projected at random, which keeps inner products (Johnson and Lindenstrauss)."""


def features(problem: SelectProblem, kind: str, context: Context) -> Features:
    """Return the pool's features, shape (examples, features): mean 0, mean squared length 1.

    "embedding" is the sentence's vector, with its label where there are any. "gradient" is the gradient of a
    small model's loss at the example: logistic regression fitted on as many random examples as are chosen.
    For text alone it is how its runs of three bytes differ from the pool's: the gradient of a softmax over
    them.
    """
    if kind not in KINDS:
        raise unknown_name("kind of features", kind, KINDS, where="features")
    labels = problem.pool.labels
    if kind == "gradient" and labels is None:
        with context.phase(Ring.LOADING, "features"):
            return _centred(_byte_runs(problem.pool.texts))
    vectors = embedded(problem, context)
    with context.phase(Ring.LOADING, "features"):
        if kind == "gradient" and labels is not None:
            return _centred(_projected(_gradients(vectors, labels, problem, context.rng), problem.seed))
        if labels is None:
            return _centred(vectors)
        return _centred(np.hstack([vectors, np.eye(len(problem.classes))[labels]]))


def embedded(problem: SelectProblem, context: Context) -> Vectors:
    """Return the pool's sentence vectors, charged once a trial."""
    pool = problem.pool.embedding
    return context.shared(Ring.LOADING, "embed", pool.embed)


def proxy(vectors: Vectors, labels: Indices, problem: SelectProblem, rng: np.random.Generator) -> Classifier:
    """Return a classifier fitted on as many random examples of the pool as are chosen."""
    some = rng.choice(len(labels), size=problem.budget, replace=False)
    return Classifier.fit(vectors[some], labels[some], len(problem.classes))


def _gradients(
    vectors: Vectors, labels: Indices, problem: SelectProblem, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return (p - y) x (vector, 1) of every example, flattened; of two classes the second's part is all."""
    residual = proxy(vectors, labels, problem, rng).probabilities(vectors)
    residual[np.arange(len(labels)), labels] -= 1.0
    if residual.shape[1] == 2:
        residual = residual[:, 1:]
    inputs = np.hstack([vectors, np.ones((len(vectors), 1))])
    return np.asarray(np.einsum("nc,nd->ncd", residual, inputs).reshape(len(vectors), -1))


def _byte_runs(texts: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the shares of hashed runs of three bytes, shape (texts, buckets)."""
    shares = np.zeros((len(texts), _BUCKETS))
    for i, text in enumerate(texts):
        data = np.frombuffer(b"\0\0" + text.encode("utf-8"), dtype=np.uint8).astype(np.uint64)
        codes = data[:-2] << np.uint64(16) | data[1:-1] << np.uint64(8) | data[2:]
        mixed = codes * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(55)
        shares[i] = np.bincount(mixed.astype(np.int64), minlength=_BUCKETS) / len(codes)
    return shares


def _projected(rows: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    if rows.shape[1] <= _MOST:
        return rows
    signs = np.random.default_rng([seed, 7]).choice([-1.0, 1.0], size=(rows.shape[1], _MOST))
    return np.asarray(rows @ signs / np.sqrt(_MOST))


def _centred(rows: NDArray[np.floating]) -> Features:
    moved = rows - rows.mean(axis=0, dtype=np.float64)
    length = np.sqrt((moved**2).sum(axis=1).mean())
    return np.asarray(moved / (length or 1.0), dtype=np.float64)
