"""Where vectors come from: made ones, embedded snippets, a user's documents, or a user's array file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.data import read_documents, read_snippets
from qwatt.data.documents import split_source
from qwatt.data.phrases import PHRASES
from qwatt.language import embed_long, get_encoder
from qwatt.language.encoder import Vectors
from qwatt.stages.encoding.load.problem import TASK, LoadProblem
from qwatt.stages.encoding.load.topics import topic_vectors

SNIPPETS = ("vader", "tweets", "amazon", "nyt")
TOPICS = "builtin:topics"
FEWEST = 40
"""Vectors without which ten neighbours mean nothing."""

_POOL_SEED = 2_508
"""Every seed draws from one pool of texts, so that most embeddings are computed once."""
_POOL_SHARE = 1.25


def load_problem(source: str, size: str, rung: Mapping[str, int], encoder: str, seed: int) -> LoadProblem:
    """Return stored vectors and queries, drawn without replacement.

    Args:
        source: "vader" (films), "tweets", "amazon", "nyt", "builtin:topics", documents, or a `.npy` file.
        size: name of the rung.
        rung: "vectors" to store, "queries" of each split, and "dimensions" of made vectors.
        encoder: of texts.
        seed: of the draw.

    Raises:
        QwattError: nothing there, too little, or no vectors.
    """
    vectors, ids = _read(source, rung, encoder, seed)
    rows = len(ids)
    if rows < FEWEST:
        raise QwattError(
            f"{rows} vectors are too few to look for ten neighbours among",
            where=source,
            mend=f"give at least {FEWEST}",
        )
    queries = min(rung["queries"], rows // 10)
    drawn = np.random.default_rng([seed, 1]).permutation(rows)
    kept = np.sort(drawn[2 * queries : 2 * queries + rung["vectors"]])
    parts = (vectors[kept], vectors[drawn[:queries]], vectors[drawn[queries : 2 * queries]])
    return LoadProblem(TASK, source, size, seed, *parts, tuple(ids[i] for i in kept))


def _read(source: str, rung: Mapping[str, int], encoder: str, seed: int) -> tuple[Vectors, Sequence[str]]:
    """Return unit vectors, shape (rows, dimensions), and the rows' names."""
    wanted = rung["vectors"] + 2 * rung["queries"]
    if source == TOPICS:
        made = topic_vectors(wanted, rung["dimensions"], seed)
        return made, [f"topics:{i}" for i in range(wanted)]
    if source.endswith(".npy"):
        return read_array(split_source(source)[0])
    texts, ids = _texts(source)
    pool = np.random.default_rng(_POOL_SEED).permutation(len(texts))[: round(_POOL_SHARE * wanted)]
    embedded = embed_long(get_encoder(encoder), [texts[i] for i in pool]).value
    return embedded, [ids[i] for i in pool]


def _texts(source: str) -> tuple[Sequence[str], Sequence[str]]:
    if source in SNIPPETS:
        snippets = read_snippets(source)
        return [s.text for s in snippets], [f"{source}:{s.id}" for s in snippets]
    if source != PHRASES and not split_source(source)[0].exists():
        named = ", ".join([TOPICS, PHRASES, *SNIPPETS])
        mend = f"give documents, a .npy file of vectors, or one of {named}"
        raise QwattError(f"no such file or data set: {source!r}", mend=mend)
    documents = read_documents(source)
    return documents.texts, documents.ids


def read_array(file: Path) -> tuple[Vectors, Sequence[str]]:
    """Return the rows of a NumPy file, shape (rows, dimensions), each divided by its length.

    Raises:
        QwattError: no such file, not a table of finite numbers, or a row of zeros; names the row.
    """
    try:
        array = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise QwattError(
            f"no array can be read here: {error}", where=str(file), mend="write it by numpy.save"
        ) from error
    if not isinstance(array, np.ndarray) or array.ndim != 2 or not np.issubdtype(array.dtype, np.number):
        shape = getattr(array, "shape", "several arrays")
        raise QwattError(
            f"vectors are a table of numbers, not {shape} of {getattr(array, 'dtype', 'unknown type')}",
            where=str(file),
            mend="save one array with a row for each vector",
        )
    if np.iscomplexobj(array):
        raise QwattError("the vectors are complex", where=str(file), mend="save real vectors")
    with np.errstate(over="ignore"):  # of long doubles
        array = array.astype(np.float64)
    largest = np.abs(array).max(axis=1, initial=0.0)
    bad = np.flatnonzero(~np.isfinite(largest) | (largest == 0))
    if len(bad):
        raise QwattError(
            f"row {bad[0]} is zero or not finite, as are {len(bad) - 1} more" if len(bad) > 1
            else f"row {bad[0]} is zero or not finite",
            where=str(file),
            mend="leave such rows out",
        )  # fmt: skip
    array = np.ldexp(array, -np.frexp(largest)[1][:, None])  # exact, and squares are finite and not 0
    unit = (array / np.linalg.norm(array, axis=1)[:, None]).astype(np.float32)
    return unit, [f"{file.name}:{i}" for i in range(len(unit))]
