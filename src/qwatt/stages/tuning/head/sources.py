"""Where labelled sentences come from: film snippets, or a user's file with text and label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qwatt.core.errors import QwattError
from qwatt.data import read_documents, read_snippets, weather
from qwatt.data.documents import split_source
from qwatt.data.labels import label_names

SNIPPETS = ("vader", "tweets", "amazon", "nyt")
WEATHER = "builtin:weather"


@dataclass(frozen=True)
class Labelled:
    """Labelled sentences.

    Args:
        texts: the sentences.
        ids: their names in the source.
        labels: number of each sentence's class.
        classes: the classes' names.
        note: tells the source's user once what was decided with the data.
    """

    texts: list[str]
    ids: list[str]
    labels: list[int]
    classes: tuple[str, ...]
    note: Callable[[str], None] = lambda _: None


def read_labelled(source: str) -> Labelled:
    """Return sentences with their labels.

    Args:
        source: "vader" (films), "tweets", "amazon", "nyt", "builtin:weather", or a file with the columns
            `text` and `label`; "file#body,topic" names others. Rows without a label are counted.

    Raises:
        QwattError: nothing there, a label that is a list, or fewer than two labels.
    """
    if source == WEATHER:
        texts, labels = weather.sentences()
        return Labelled(texts, [f"weather:{i}" for i in range(len(texts))], labels, ("bad", "good"))
    if source in SNIPPETS:
        return _read_snippets(source)
    if not split_source(source)[0].exists():
        raise QwattError(
            f"no such file or data set: {source!r}",
            mend=f"give a file with the fields text and label, or one of {', '.join(SNIPPETS)}",
        )
    return _read_file(source)


def _read_snippets(name: str) -> Labelled:
    """Label a snippet by the sign of its mean rating; those rated 0 have none and are left out."""
    rated = [snippet for snippet in read_snippets(name) if snippet.rating != 0]
    labels = [int(snippet.rating > 0) for snippet in rated]
    texts, ids = [snippet.text for snippet in rated], [f"{name}:{snippet.id}" for snippet in rated]
    return Labelled(texts, ids, labels, ("negative", "positive"))


def _read_file(source: str) -> Labelled:
    documents = read_documents(source)
    names, labels, report = label_names(documents.labels, documents.places, source)
    for reason, count in report.skipped.items():
        for _ in range(count):
            documents.report.skip(f"no label: {reason}", report.places[reason])
    for note in report.notes:
        documents.report.note(note)
    if len(names) < 2:
        found = ", ".join(f"{name} ({count:,})" for name, count in report.counts.items()) or "none"
        column = split_source(source)[1].label or "label"
        raise QwattError(
            f"a head needs two labels or more; found {len(names)}: {found}",
            where=source,
            mend=f'give every row one of two or more values in the field "{column}", '
            "or name another field after the path, as in data.csv#text,topic",
        )
    kept = [i for i, label in enumerate(labels) if label is not None]
    texts, ids = [documents.texts[i] for i in kept], [documents.ids[i] for i in kept]
    numbers = [label for label in labels if label is not None]
    return Labelled(texts, ids, numbers, tuple(names), documents.report.note)
