"""From a source's name or path to passages in three parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.data.documents import read_documents
from qwatt.data.plays import SHAKESPEARE, modern_plays
from qwatt.data.sets import get_dataset, list_datasets
from qwatt.data.snippets import read_snippets
from qwatt.stages.encoding.tokenise.numbers import number_documents
from qwatt.stages.encoding.tokenise.problem import TASK, TokeniseProblem, byte_count

NUMBERS = "builtin:numbers"
_NUMBERS_BYTES = 200_000
_ENOUGH_DOCUMENTS = 50
"""From so many on, whole documents are held back; of fewer, passages are."""
_FEWEST_PASSAGES = 10
_PASSAGE_CHARS = 1_000


def load_problem(source: str, size: str, parameters: Mapping[str, Any], seed: int) -> TokeniseProblem:
    """Return a corpus: 80 % of it to learn from, 10 % to validate and 10 % to test.

    Args:
        source: "shakespeare" (modern spelling), "vader" and its siblings, "builtin:numbers", or a path.
        size: name of the rung.
        parameters: `bytes` to take at most, or None for all; `vocabulary` entries.
        seed: seed of the sample and of its split.

    Raises:
        QwattError: the source cannot be read, or there is too little text.
    """
    limit = parameters["bytes"]
    documents = _documents(source, limit, seed)
    chars = sum(map(len, documents))
    width = max(1, min(_PASSAGE_CHARS, chars // _ENOUGH_DOCUMENTS))
    units = [passages(document, width) for document in documents]
    if len(units) < _ENOUGH_DOCUMENTS:
        units = [[passage] for unit in units for passage in unit]
    if len(units) < _FEWEST_PASSAGES:
        what = f"{chars} characters are too few to learn a vocabulary from and to test it"
        raise QwattError(what, where=source, mend="give more text, a thousand characters at least")
    training, validation, test = _split(_sample(units, limit, seed))
    return TokeniseProblem(TASK, source, size, seed, training, validation, test, parameters["vocabulary"])


def passages(text: str, width: int) -> list[str]:
    """Cut a text into passages of at most `width` characters that make it up when put together.

    A cut is made after a line's end, else before a blank, in the second half of a passage; else anywhere.
    """
    found, begin = [], 0
    while len(text) - begin > width:
        half, end = begin + width // 2, begin + width
        cut = text.rfind("\n", half, end) + 1 or text.rfind(" ", half, end)
        cut = cut if cut > begin else end
        found.append(text[begin:cut])
        begin = cut
    return [*found, text[begin:]] if begin < len(text) else found


def _documents(source: str, limit: int | None, seed: int) -> list[str]:
    names = {dataset.name for dataset in list_datasets()}
    if source == NUMBERS:
        return number_documents(limit or _NUMBERS_BYTES, seed)
    if source == SHAKESPEARE:
        return modern_plays()
    if source in names and get_dataset(source).kind == "labelled text":
        return [snippet.text for snippet in read_snippets(source)]
    if source in names:
        mend = f"use shakespeare, vader, {NUMBERS}, or the path of your own text"
        raise QwattError(f"{source!r} is not a source of this task", where="source", mend=mend)
    return read_documents(source).texts


def _sample(units: Sequence[list[str]], limit: int | None, seed: int) -> list[list[str]]:
    """Shuffle the units and keep the first of them that have `limit` bytes together."""
    order = np.random.default_rng([seed, 4]).permutation(len(units)).tolist()
    sizes = np.cumsum([byte_count(units[i]) for i in order])
    count = len(order) if limit is None else max(_FEWEST_PASSAGES, int(np.searchsorted(sizes, limit)) + 1)
    return [units[i] for i in order[:count]]


def _split(units: Sequence[list[str]]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    tenth = len(units) // 10
    parts = units[2 * tenth :], units[:tenth], units[tenth : 2 * tenth]
    training, validation, test = (tuple(text for unit in part for text in unit) for part in parts)
    return training, validation, test
