"""Writes the deduplicated corpus and what was dropped and why, in the order of the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qwatt.data.rows import write_jsonl
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem, Removal

_EXAMPLES = 3
_EXCERPT = 160
_BEFORE = 40
"""Characters that are shown before the place where two texts begin to differ."""


def write_corpus(problem: DedupProblem, answer: DedupAnswer, folder: Path, method: str) -> list[Path]:
    """Write `corpus.jsonl` (the kept documents with all their fields) and `dropped.jsonl`.

    Planted documents are in neither.
    """
    keep, dropped = real_documents(problem, answer)
    folder.mkdir(parents=True, exist_ok=True)
    corpus, report = folder / "corpus.jsonl", folder / "dropped.jsonl"
    write_jsonl(corpus, (_row(problem, i) for i in keep))
    write_jsonl(report, (_reason(problem, i, removal, method) for i, removal in dropped.items()))
    return [corpus, report]


def real_documents(problem: DedupProblem, answer: DedupAnswer) -> tuple[list[int], dict[int, Removal]]:
    """Return (kept, dropped) among the documents that were not planted, each in the order of the source.

    A document that only a planted one stood for is kept: nothing of the user's goes without a document of
    their own that it was verified to resemble.
    """
    planted = problem.planted
    order = [i for i in problem.positions.argsort().tolist() if not planted[i]]
    dropped = {
        i: answer.dropped[i] for i in order if i in answer.dropped and not planted[answer.dropped[i].kept]
    }
    return [i for i in order if i not in dropped], dropped


def outcome(problem: DedupProblem, answer: DedupAnswer) -> dict[str, Any]:
    """Return what became of the real documents: how many, why, and a few removals to look at."""
    keep, dropped = real_documents(problem, answer)
    return {
        "documents_in": len(keep) + len(dropped),
        "documents_kept": len(keep),
        "removed_by_kind": dict(Counter(removal.reason for removal in dropped.values())),
        "examples": [_example(problem, i, removal) for i, removal in _least_alike(dropped)],
    }


def _example(problem: DedupProblem, i: int, removal: Removal) -> dict[str, Any]:
    kept, removed = excerpts(problem.texts[removal.kept], problem.texts[i])
    return {
        "removed": problem.ids[i],
        "kept": problem.ids[removal.kept],
        "similarity": removal.similarity,
        "removed_text": removed,
        "kept_text": kept,
    }


def excerpts(first: str, second: str) -> tuple[str, str]:
    """Return pieces of two texts on one line each, from shortly before where they begin to differ."""
    first, second = " ".join(first.split()), " ".join(second.split())
    differing = (n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b)
    same = next(differing, min(len(first), len(second)))
    start = 0
    if same > _EXCERPT // 2 and first != second:
        start = first.rfind(" ", same - 2 * _BEFORE, same - _BEFORE) + 1 or same - _BEFORE
    return _piece(first, start), _piece(second, start)


def _piece(text: str, start: int) -> str:
    before = "... " if start else ""
    after = " ..." if len(text) > start + _EXCERPT else ""
    return f"{before}{text[start : start + _EXCERPT]}{after}"


def _least_alike(dropped: Mapping[int, Removal]) -> list[tuple[int, Removal]]:
    """Return the removals that a person should look at: those of least similarity."""
    ranked = sorted(dropped.items(), key=lambda item: item[1].similarity or 0.0)
    return ranked[:_EXAMPLES]


def _row(problem: DedupProblem, i: int) -> Mapping[str, Any]:
    return problem.rows[i] or {"id": problem.ids[i], "text": problem.texts[i]}


def _reason(problem: DedupProblem, i: int, removal: Removal, method: str) -> dict[str, Any]:
    return {
        "id": problem.ids[i],
        "kept": problem.ids[removal.kept],
        "similarity": removal.similarity,
        "method": method,
        "reason": removal.reason,
    }
