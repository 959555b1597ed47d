"""Where labelled sentences come from: film snippets, or a user's file with text and label."""

from __future__ import annotations

from collections import Counter

from qwatt.core.errors import QwattError
from qwatt.data.documents import read_documents, split_source
from qwatt.data.labels import label_names

SNIPPETS = ("vader", "tweets", "amazon", "nyt")


def read_labelled(source: str) -> tuple[list[str], list[int], tuple[str, str]]:
    """Return texts, labels 0 or 1, and the two labels' names.

    Args:
        source: "vader" (films), "tweets", "amazon", "nyt", "builtin:weather", or a file with fields
            `text` and `label` that holds two labels.

    Raises:
        QwattError: nothing there, or not two labels.
    """
    if source == "builtin:weather":
        from qwatt.stages.tuning.head.weather import sentences

        return *sentences(), ("bad", "good")
    if source in SNIPPETS:
        return _read_snippets(source)
    if not split_source(source)[0].exists():
        raise QwattError(
            f"no such file or data set: {source!r}",
            mend=f"give a file with the fields text and label, or one of {', '.join(SNIPPETS)}",
        )
    return _read_file(source)


def _read_snippets(name: str) -> tuple[list[str], list[int], tuple[str, str]]:
    """Label a snippet by the sign of its mean rating; those rated 0 have none and are left out."""
    from qwatt.data import read_snippets

    rated = [snippet for snippet in read_snippets(name) if snippet.rating != 0]
    labels = [int(snippet.rating > 0) for snippet in rated]
    return [snippet.text for snippet in rated], labels, ("negative", "positive")


def _read_file(source: str) -> tuple[list[str], list[int], tuple[str, str]]:
    documents = read_documents(source)
    names, labels, report = label_names(documents.labels, documents.places, source)
    counts = Counter(report.counts)
    if len(counts) != 2:
        found = ", ".join(f"{name} ({n})" for name, n in counts.most_common(5)) or "none"
        raise QwattError(
            f"a head needs two labels; found {len(counts)}: {found}",
            where=source,
            mend='give every row a field "label" with one of two values',
        )
    pairs = [(text, y) for text, y in zip(documents.texts, labels, strict=True) if y is not None]
    return [text for text, _ in pairs], [y for _, y in pairs], (names[0], names[1])
