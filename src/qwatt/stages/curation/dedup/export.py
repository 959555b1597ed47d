"""Writes the deduplicated corpus and the report of what was dropped and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qwatt.data.rows import write_jsonl
from qwatt.stages.curation.dedup.noise import KINDS
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem, Removal


def write_corpus(problem: DedupProblem, answer: DedupAnswer, folder: Path, method: str) -> list[Path]:
    """Write `corpus.jsonl` (the kept documents with all their fields) and `dropped.jsonl`.

    Planted documents are in neither: where one was kept, a real document that it stood for takes its place.
    """
    keep, dropped = real_documents(problem, answer)
    folder.mkdir(parents=True, exist_ok=True)
    corpus, report = folder / "corpus.jsonl", folder / "dropped.jsonl"
    write_jsonl(corpus, (_row(problem, i) for i in keep))
    write_jsonl(report, (_reason(problem, i, removal, method) for i, removal in sorted(dropped.items())))
    return [corpus, report]


def real_documents(problem: DedupProblem, answer: DedupAnswer) -> tuple[list[int], dict[int, Removal]]:
    """Return (kept, dropped) among the documents that were not planted."""
    planted = {i for i, kind in enumerate(problem.kinds) if kind in KINDS}
    keep = {int(i) for i in answer.keep} - planted
    dropped = {i: removal for i, removal in answer.dropped.items() if i not in planted}
    orphans: dict[int, list[int]] = {}
    for i, removal in dropped.items():
        if removal.kept in planted:
            orphans.setdefault(removal.kept, []).append(i)
    for stand_in, group in orphans.items():
        source = _real_source(problem, stand_in, planted)
        if source in keep:
            heir = source
        else:
            heir = source if source in group else max(group, key=lambda i: (problem.weights[i], -i))
            keep.add(heir)
            del dropped[heir]
        for i in group:
            if i != heir:
                dropped[i] = Removal(heir, None, dropped[i].reason)
    return sorted(keep), dropped


def _real_source(problem: DedupProblem, i: int, planted: set[int]) -> int:
    while i in planted:
        i = int(problem.parents[i])
    return i


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
