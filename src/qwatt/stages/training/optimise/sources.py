"""Where the data come from: labelled sentences for a circuit, or text alone for a decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.headline import counted
from qwatt.data import read_documents, read_snippets, weather
from qwatt.data.documents import iter_documents, split_source
from qwatt.data.labels import label_names
from qwatt.language.decoder.load import recipe_texts
from qwatt.language.decoder.size import DecoderSize
from qwatt.language.embedding import Embedding
from qwatt.stages.training.optimise.passages import PASSAGE_CHARS, Passages, cut
from qwatt.stages.training.optimise.problem import (
    CIRCUIT,
    DECODER,
    TASK,
    CircuitProblem,
    CircuitSize,
    DecoderProblem,
    Part,
)

WEATHER = "builtin:weather"
CORPORA = ("builtin:phrases", "shakespeare")
TOPICS = "snippet-topics"
SNIPPETS = {"vader": "films", "tweets": "tweets", "amazon": "products", "nyt": "news"}
"""What the snippets of each set are about."""
MOST_CLASSES = 8
"""Classes that a circuit can read a wire each for."""
_FEWEST = 40
_FEWEST_PASSAGES = 10
_SAMPLE_SEED = 20_720
"""Every seed splits one sample, a quarter larger than it needs, so that most texts are embedded once."""


@dataclass(frozen=True)
class Read:
    """Distinct texts, with the number of each one's class where they are labelled."""

    texts: Sequence[str]
    labels: Sequence[int] | None
    classes: tuple[str, ...] = ()


def read_source(source: str) -> Read:
    """Return the texts of "snippet-topics", "vader" and its siblings, a corpus, or a path.

    Raises:
        QwattError: no such source, or it cannot be read.
    """
    if source == WEATHER:
        texts, labels = weather.sentences()
        return Read(texts, labels, ("bad", "good"))
    if source == TOPICS:
        parts = [[snippet.text for snippet in read_snippets(name)] for name in SNIPPETS]
        topics = [number for number, part in enumerate(parts) for _ in part]
        return _distinct([text for part in parts for text in part], topics, tuple(SNIPPETS.values()))
    if source in CORPORA:
        return Read(recipe_texts(source), None)
    if source in SNIPPETS:
        rated = [snippet for snippet in read_snippets(source) if snippet.rating != 0]
        signs = [int(snippet.rating > 0) for snippet in rated]
        return _distinct([snippet.text for snippet in rated], signs, ("negative", "positive"))
    if not split_source(source)[0].exists():
        known = ", ".join([TOPICS, *SNIPPETS, *CORPORA])
        mend = f"give a file of text, with the field label to train a circuit, or one of {known}"
        raise QwattError(f"no such file or data set: {source!r}", mend=mend)
    documents = read_documents(source)
    names, numbers, report = label_names(documents.labels, documents.places, source)
    if len(names) < 2:
        return Read(documents.texts, None)
    for reason, count in report.skipped.items():
        for _ in range(count):
            documents.report.skip(f"no label: {reason}", report.places[reason])
    kept = [i for i, number in enumerate(numbers) if number is not None]
    return _distinct([documents.texts[i] for i in kept], [n for n in numbers if n is not None], tuple(names))


@lru_cache(maxsize=64)
def trains(source: str) -> str:
    """Return what a source is for by its first rows, "circuit" where they have labels and else "decoder".

    A source that cannot be read is for a circuit; reading all of it tells what is wrong.
    """
    if source in CORPORA:
        return DECODER
    if source in (WEATHER, TOPICS, *SNIPPETS) or not split_source(source)[0].exists():
        return CIRCUIT
    try:
        first = next(iter_documents(source))
    except (QwattError, StopIteration):
        return CIRCUIT
    return DECODER if first.label is None else CIRCUIT


def circuit_problem(
    found: Read, source: str, size: str, parameters: dict[str, Any], seed: int
) -> CircuitProblem:
    """Split labelled sentences at random and return the problem.

    Args:
        found: labelled.
        source: where they are from.
        size: name of the rung.
        parameters: `train` and `held` sentences (None for three fifths and a fifth), `encoder`, and what a
            `CircuitSize` holds.
        seed: seed of the split.

    Raises:
        QwattError: too few sentences, or more classes than a circuit reads.
    """
    assert found.labels is not None
    if len(found.texts) < _FEWEST:
        what = f"{counted(len(found.texts), 'different labelled sentence')} are too few to train and test on"
        raise QwattError(what, where=source, mend=f"give {_FEWEST} or more")
    if len(found.classes) > MOST_CLASSES:
        raise QwattError(
            f"{len(found.classes)} labels; a circuit here reads a wire for each, {MOST_CLASSES} at most",
            where=source,
            mend="merge labels, or name another field after the path, as in data.csv#text,topic",
        )
    parameters = dict(parameters)
    train, held, encoder = (parameters.pop(name) for name in ("train", "held", "encoder"))
    held = min(held or len(found.texts) // 5, len(found.texts) // 5)
    train = min(train or len(found.texts), len(found.texts) - 2 * held)
    starts = (0, train, train + held, train + 2 * held)
    sample = np.random.default_rng(_SAMPLE_SEED).permutation(len(found.texts))[: starts[-1] * 5 // 4]
    chosen = np.random.default_rng([seed, 10]).permutation(sample)[: starts[-1]]
    embedding = Embedding(encoder, [found.texts[i] for i in chosen])
    labels = np.array(found.labels, dtype=np.int64)[chosen]
    parts = [Part(labels[a:b], embedding, a) for a, b in pairwise(starts)]
    wires = max(parameters.pop("wires"), len(found.classes) if len(found.classes) > 2 else 1)
    circuit = CircuitSize(wires=wires, **parameters)
    return CircuitProblem(
        TASK, source, size, seed, parts[0], parts[1], parts[2], found.classes, embedding, circuit
    )


def decoder_problem(
    found: Read, source: str, size: str, parameters: dict[str, Any], seed: int
) -> DecoderProblem:
    """Part passages at random and return the problem.

    Args:
        found: texts.
        source: where they are from.
        size: name of the rung.
        parameters: `tokens`, `held` passages for each of validation and test, and the fields of
            `DecoderSize`.
        seed: seed of the split, of the weights and of the order of training.

    Raises:
        QwattError: too little text.
    """
    passages = cut(found.texts)
    if len(passages) < _FEWEST_PASSAGES:
        what = f"{counted(len(passages), 'passage')} of {PASSAGE_CHARS:,} characters are too few to part"
        raise QwattError(what, where=source, mend=f"give text for {_FEWEST_PASSAGES} or more")
    order = np.random.default_rng([seed, 13]).permutation(len(passages)).tolist()
    held = min(parameters["held"], len(passages) // 5)
    test, validation, train = order[:held], order[held : 2 * held], order[2 * held :]
    parts = [[passages[i] for i in part] for part in (train, validation, test)]
    sizes = {name: number for name, number in parameters.items() if name not in ("tokens", "held")}
    decoder = DecoderSize(**sizes)
    text = Passages(parts[0], parts[1], parts[2], decoder.vocabulary)
    return DecoderProblem(TASK, source, size, seed, text, decoder, parameters["tokens"])


def _distinct(texts: list[str], labels: list[int], classes: tuple[str, ...]) -> Read:
    """Keep the first of equal texts, so that no held-back text was trained on."""
    first: dict[str, int] = {}
    for text, label in zip(texts, labels, strict=True):
        first.setdefault(text, label)
    return Read(list(first), list(first.values()), classes)
