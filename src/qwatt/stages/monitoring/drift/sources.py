"""From a source's name or path to texts of a reference, texts of elsewhere, and pairs with planted drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.data import read_documents
from qwatt.data.documents import split_source
from qwatt.data.domains import ELSEWHERE, WEATHER, read_domain
from qwatt.data.report import ReadReport
from qwatt.language.embedding import Embedding
from qwatt.stages.monitoring.drift.problem import TASK, DriftProblem, Indices, Pair

_FEWEST = 80
_SIDES = ("reference", "stream")
"""Stems of the two files of a folder that says itself what is compared."""

_Text = tuple[str, str]
"""Name and text."""


@dataclass(frozen=True)
class _Read:
    """Texts and their names: like the reference, and of elsewhere.

    Args:
        normal: in the order of the source.
        other: likewise.
        report: of a user's file, whose `other` is a stream to be watched as it stands.
    """

    normal: Sequence[_Text]
    other: Sequence[_Text]
    report: ReadReport | None = None


def load_problem(source: str, size: str, parameters: Mapping[str, Any], seed: int) -> DriftProblem:
    """Return a problem of "vader" and its siblings, "builtin:weather", or a user's file.

    The first half of a user's texts is the reference and the second half its stream, unless a folder holds a
    file of each name (reference.jsonl, stream.jsonl): a planted window holds a
    share of the second half's, and the second half itself is watched window after window.

    Args:
        source: a name or a path.
        size: name of the rung.
        parameters: `pool`, texts of each side at most (None for all); `of`, the first texts of each side
            from which every seed draws that pool, so that an encoder need not see more (None for all);
            `window`; `encoder`; `strengths`; `planted`, windows of each strength; `nulls`, windows without
            drift.
        seed: seed of the draws.

    Raises:
        QwattError: the source cannot be read, or there are too few texts.
    """
    found, rng = _read(source), np.random.default_rng([seed, 11])
    normal, other = _drawn(found, parameters["pool"], parameters["of"], rng)
    sides = np.arange(len(normal)), len(normal) + np.arange(len(other))
    halves = [rng.permutation(side) for side in sides]
    chosen, held = ([side[part::2] for side in halves] for part in (0, 1))
    window = min(parameters["window"], len(held[0]) // 2, *(len(half[1]) for half in (chosen, held)))
    counts = [(strength, parameters["planted"]) for strength in parameters["strengths"]]
    tuning = [(strength, -(-count // 3)) for strength, count in counts]
    pairs = _pairs(held[0], held[1], window, [(0.0, parameters["nulls"]), *counts], rng)
    if found.report:
        watched = _stream(held[0], sides[1], window, rng)
        found.report.note(_said(len(found.normal), len(found.other), window, len(watched)))
        pairs += watched
    ids, texts = zip(*normal, *other, strict=True)
    return DriftProblem(
        TASK,
        source,
        size,
        seed,
        ids,
        Embedding(parameters["encoder"], texts),
        len(normal),
        tuple(_pairs(chosen[0], chosen[1], window, tuning, rng)),
        tuple(pairs),
    )


def _drawn(
    found: _Read, most: int | None, of: int | None, rng: np.random.Generator
) -> tuple[list[_Text], list[_Text]]:
    """Return the texts in use of both sides, in the order of the source; a stream's are its first ones."""
    parts = []
    for texts, in_time in ((found.normal, False), (found.other, found.report is not None)):
        order = range(len(texts)) if in_time else rng.permutation(len(texts[:of]))
        parts.append([texts[i] for i in sorted(order[:most])])
    return parts[0], parts[1]


def _pairs(
    normal: Indices,
    other: Indices,
    window: int,
    counts: Sequence[tuple[float, int]],
    rng: np.random.Generator,
) -> list[Pair]:
    """Return so many pairs of each strength, each drawn afresh: given the texts, they are independent."""
    found = []
    for strength, count in counts:
        foreign = round(strength * window)
        for _ in range(count):
            drawn = rng.permutation(normal)
            replaced = rng.permutation(other)[:foreign]
            mixed = np.concatenate([replaced, drawn[window : 2 * window - foreign]])
            found.append(Pair(drawn[:window], mixed, strength))
    return found


def _stream(normal: Indices, stream: Indices, window: int, rng: np.random.Generator) -> list[Pair]:
    """Return the whole windows of a stream, one after the other, each with a reference drawn afresh."""
    starts = range(0, len(stream) - window + 1, window)
    return [Pair(rng.permutation(normal)[:window], stream[start : start + window], None) for start in starts]


def _said(reference: int, stream: int, window: int, watched: int) -> str:
    """Say what of a user's file is watched, and what of its end is not."""
    left = stream - watched * window
    end = f"; the last {left:,} are not: too few for a window, or beyond the size" if left else ""
    return (
        f"the first {reference:,} texts are the reference, the next {watched * window:,} are watched in "
        f"{watched:,} windows{end}"
    )


def _read(source: str) -> _Read:
    return _Read(*read_domain(source)) if source in (WEATHER, *ELSEWHERE) else _read_file(source)


def _read_file(source: str) -> _Read:
    """Read a user's file, or a folder's reference and stream; equal texts stay, as traffic repeats itself."""
    folder, named = split_source(source)
    places = _two_files(folder)
    if places is None:
        documents = read_documents(source)
        if len(documents) < _FEWEST:
            what = f"{len(documents)} texts are too few: a half is the reference and a half is watched"
            raise QwattError(what, where=source, mend=f"give {_FEWEST} or more, in the order of time")
        rows = list(zip(documents.ids, documents.texts, strict=True))
        return _Read(rows[: len(rows) // 2], rows[len(rows) // 2 :], documents.report)
    sides = [read_documents(f"{place}#{named.text}" if named.text else str(place)) for place in places]
    parts = []
    for side, place in zip(sides, places, strict=True):
        if len(side) < _FEWEST // 2:
            mend = f"give {_FEWEST // 2} or more on each side"
            raise QwattError(f"{len(side)} texts are too few", where=str(place), mend=mend)
        stem = _stem(place)
        parts.append([(f"{stem}:{name}", text) for name, text in zip(side.ids, side.texts, strict=True)])
    return _Read(parts[0], parts[1], sides[1].report)


def _two_files(folder: Path) -> tuple[Path, Path] | None:
    """Return the files called reference and stream of a folder that has both, whatever they end in."""
    if not folder.is_dir():
        return None
    found = [[file for file in sorted(folder.iterdir()) if _stem(file) == stem] for stem in _SIDES]
    return (found[0][0], found[1][0]) if all(len(files) == 1 for files in found) else None


def _stem(file: Path) -> str:
    return file.name.split(".")[0]
