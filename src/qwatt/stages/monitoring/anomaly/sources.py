"""From a source's name or path to clean texts and mixed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.data import read_documents
from qwatt.data.documents import Documents, split_source
from qwatt.data.domains import DOMAINS, LOGS, WEATHER, read_domain
from qwatt.data.labels import label_names
from qwatt.data.names import listed
from qwatt.data.phrases import phrase_documents
from qwatt.data.report import ReadReport
from qwatt.data.table import read_either, read_table
from qwatt.language.embedding import Embedding
from qwatt.language.table_rows import in_words
from qwatt.stages.monitoring.anomaly.problem import ALPHA, TASK, AnomalyProblem, Counts
from qwatt.stages.monitoring.anomaly.table_values import TableValues

NORMAL = frozenset({"normal", "benign", "clean", "good", "ok", "inlier", "0", "false"})
"""Labels that say that nothing is wrong; without one, the most frequent label does."""
SHARE = 0.1
"""Of the mixed texts that are anomalous where the source does not say how many."""
FEWEST_CLEAN, FEWEST_ODD = 100, 6
_TRAIN, _CALIBRATION, _VALIDATION = 0.4, 0.2, 0.15
"""Shares of the clean texts where there are too few for the size; the rest tests."""


@dataclass(frozen=True)
class _Read:
    """Texts and their names: clean ones and others.

    Args:
        clean: as far as anybody knows.
        odd: anomalous ones.
        share: of the mixed texts that are anomalous.
        planted: whether the anomalies are not the source's own.
        report: of a user's file.
        table: the numbers of its rows where the texts are a table's rows in words.
    """

    clean: Sequence[tuple[str, str]]
    odd: Sequence[tuple[str, str]]
    share: float = SHARE
    planted: bool = False
    report: ReadReport | None = None
    table: TableValues | None = None


def load_problem(source: str, size: str, parameters: Mapping[str, Any], seed: int) -> AnomalyProblem:
    """Return a problem of snippets, log lines, sentences, or a user's file.

    Args:
        source: "vader" and its siblings, whose anomalies are snippets of another domain; "prompts", whose
            anomalies are injected ones; "builtin:logs"; "builtin:weather"; or a path, whose label says which
            texts are normal. A file without labels is taken as clean, and made-up texts are put among it to
            choose settings by; or the path of a table of numbers, likewise, with made-up rows.
        size: name of the rung.
        parameters: `train`, `calibration`, `validation` and `test`, clean texts of each part at most (None
            for all); `of`, the first texts of each side from which every seed draws them, so that an encoder
            need not see more (None for all); and the `encoder`.
        seed: seed of the draws.

    Raises:
        QwattError: the source cannot be read, or there are too few texts.
    """
    found, rng = _read(source), np.random.default_rng([seed, 13])
    sides = found.clean[: parameters["of"]], found.odd[: parameters["of"]]
    clean, odd = ([side[i] for i in rng.permutation(len(side))] for side in sides)
    train, calibration, validation, test = clean_counts(len(clean), parameters)
    ratio = found.share / (1.0 - found.share)
    least = min(3, len(odd) // 3)
    first = int(np.clip(round(ratio * validation), least, len(odd) // 3))
    second = int(np.clip(round(ratio * test), least, len(odd) - first))
    cuts = np.cumsum([train, calibration, validation, test]).tolist()
    parts = [
        (clean[: cuts[1]], []),
        (clean[cuts[1] : cuts[2]], odd[:first]),
        (clean[cuts[2] : cuts[3]], odd[first : first + second]),
    ]
    rows = [row for pair in parts for side in pair for row in side]
    anomalous = [side == 1 for pair in parts for side in (0, 1) for _ in pair[side]]
    if found.report:
        found.report.note(_said(found, train, calibration, validation + first, test + second))
    ids, texts = zip(*rows, strict=True)
    return AnomalyProblem(
        TASK,
        source,
        size,
        seed,
        ids,
        found.table.rows(ids, texts, train) if found.table else Embedding(parameters["encoder"], texts),
        Counts(train, calibration, validation + first, test + second),
        np.array(anomalous),
        found.planted,
    )


def clean_counts(texts: int, parameters: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Return how many clean texts train, calibrate, validate and test.

    The number that calibrate is one less than a multiple of 1 / alpha, which makes the rate of false alarms
    exact.
    """
    step = round(1 / ALPHA)
    wanted = min(parameters["calibration"], int(_CALIBRATION * texts))
    calibration = max(1, (wanted + 1) // step) * step - 1
    train = min(parameters["train"], int(_TRAIN * texts))
    validation = min(parameters["validation"], int(_VALIDATION * texts))
    left = texts - train - calibration - validation
    return train, calibration, validation, min(parameters["test"] or left, left)


def _said(found: _Read, train: int, calibration: int, validation: int, test: int) -> str:
    left = len(found.clean) + len(found.odd) - train - calibration - validation - test
    unit = "text" if found.table is None else "row"
    beyond = "" if found.planted or left <= 0 else f"; {left:,} are more than the size takes, and left out"
    return (
        f"{train:,} clean {unit}s fit a detector, {calibration:,} set its threshold, {validation:,} {unit}s "
        f"choose its settings and {test:,} test it{beyond}"
    )


def _read(source: str) -> _Read:
    if source in DOMAINS:
        domain = read_domain(source)
        return _Read(domain.normal, domain.other)
    if not split_source(source)[0].exists():
        mend = "give a file or folder with texts, or one of " + ", ".join(DOMAINS)
        raise QwattError(f"no such file or data set: {source!r}", mend=mend)
    found = read_either(source, _read_table, _read_texts)
    if len(found.clean) < FEWEST_CLEAN:
        few = f"{len(found.clean)} normal {'texts' if found.table is None else 'rows'}"
        what = f"{few} are too few to fit a detector, set its threshold and test it"
        raise QwattError(what, where=source, mend=f"give {FEWEST_CLEAN} or more")
    return found


def _read_texts(source: str) -> _Read:
    documents = read_documents(source)
    rows = list(zip(documents.ids, documents.texts, strict=True))
    if any(label is not None for label in documents.labels):
        return _labelled(rows, documents.labels, documents.places, source, documents.report)
    return _unlabelled(documents)


def _read_table(source: str) -> _Read:
    """Read the numeric columns of a table; without labels rows are planted that are none of its own."""
    table = read_table(source)
    table.report.note(f"columns of numbers that are read: {listed(table.columns, 8)}")
    rows = list(zip(table.ids, in_words(table.columns, table.values), strict=True))
    values = TableValues(table.columns, dict(zip(table.ids, table.values, strict=True)), table.is_vectors)
    if any(label is not None for label in table.labels):
        found = _labelled(rows, table.labels, table.places, source, table.report)
        return replace(found, table=values)
    planted = values.planted()
    table.report.note(
        "no row is labelled (a column called label, or FILE#,COLUMN, says which are normal): all are taken "
        "as clean, and made-up rows are put among those that choose settings and test; how well these are "
        "found says little about anomalies of yours"
    )
    return _Read(rows, planted.named(), planted=True, report=table.report, table=values | planted)


def _unlabelled(documents: Documents) -> _Read:
    """Take all as clean; made-up texts of three kinds are planted among those that choose and test."""
    rows = list(zip(documents.ids, documents.texts, strict=True))
    kinds = [[text for _, text in read_domain(name).other] for name in (LOGS, WEATHER)]
    kinds.append([text.split("\n")[0] for _, text in phrase_documents(200, seed=0)])
    mixed = [text for together in zip(*kinds, strict=False) for text in together]
    planted = [(f"planted:{i}", text) for i, text in enumerate(mixed)]
    documents.report.note(
        "no text is labelled: all are taken as clean, and made-up texts are put among those that choose "
        "settings and test; how well these are found says little about anomalies of yours"
    )
    return _Read(rows, planted, planted=True, report=documents.report)


def _labelled(
    texts: Sequence[tuple[str, str]],
    given: Sequence[Any],
    places: Sequence[str],
    source: str,
    read: ReadReport,
) -> _Read:
    names, labels, report = label_names(given, places, source)
    known = [i for i, name in enumerate(names) if name.casefold() in NORMAL]
    counts = [report.counts[name] for name in names]
    normal = known[0] if len(known) == 1 else int(np.argmax(counts))
    for reason, count in report.skipped.items():
        for _ in range(count):
            read.skip(f"no label: {reason}", report.places[reason])
    clean = [row for row, label in zip(texts, labels, strict=True) if label == normal]
    odd = [row for row, label in zip(texts, labels, strict=True) if label not in (normal, None)]
    if len(odd) < FEWEST_ODD:
        raise QwattError(
            f"{len(odd)} have another label than the normal one, {names[normal]!r}; "
            f"{FEWEST_ODD} are needed, to choose settings by and to test",
            where=source,
            mend="label more anomalies, or give the file without labels",
        )
    others = len(names) - 1
    said = f"the {others} other labels mean" if others > 1 else "the other label means"
    read.note(f"{names[normal]!r} is the normal label ({len(clean):,} of them); {said} an anomaly")
    return _Read(clean, odd, len(odd) / (len(odd) + len(clean)), report=read)
