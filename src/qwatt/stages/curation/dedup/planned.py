"""What plans of one problem share: graphs of near duplicates, remembered; many documents in one form."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from qwatt.stages.curation.dedup.boilerplate import as_kind
from qwatt.stages.curation.dedup.graph import Distinct, DuplicateGraph, Signed, distinct, joined, signed
from qwatt.stages.curation.dedup.problem import DedupProblem
from qwatt.stages.curation.dedup.shingles import ShingleSets, shingle_normalised

EVERY_FORM = 2_000
"""Documents up to which a plan shingles in every form; of more all forms are planned as the first."""


@dataclass
class _Planned:
    texts: dict[str, Distinct] = field(default_factory=dict)
    shingles: dict[tuple[str, str], ShingleSets] = field(default_factory=dict)
    signed: dict[tuple[str, str], Signed] = field(default_factory=dict)
    joined: dict[tuple[str, float, str], DuplicateGraph] = field(default_factory=dict)


_planned: WeakKeyDictionary[DedupProblem, _Planned] = WeakKeyDictionary()


def planned_form(problem: DedupProblem, kind: str, first: str) -> str:
    """Return the kind of shingles that a plan takes for another: of many documents the first one's."""
    return kind if len(problem) <= EVERY_FORM else first


def form_note(problem: DedupProblem, first: str) -> str:
    """Return what that means for a reader, or nothing."""
    return "" if len(problem) <= EVERY_FORM else f"all shingles planned as {first}"


def planned_graph(
    problem: DedupProblem, kind: str, threshold: float, normalisation: str = "signs"
) -> DuplicateGraph:
    """Return the same graph as `duplicate_graph`, remembered: for plans, which are not measured."""
    known = _planned.setdefault(problem, _Planned())
    key = (kind, threshold, normalisation)
    if key not in known.joined:
        if key[::2] not in known.signed:
            known.signed[key[::2]] = _signed(problem, known, kind, normalisation)
        known.joined[key] = joined(problem, known.signed[key[::2]], threshold)
    return known.joined[key]


def _signed(problem: DedupProblem, known: _Planned, kind: str, normalisation: str) -> Signed:
    if normalisation not in known.texts:
        known.texts[normalisation] = distinct(problem, normalisation)
    texts = known.texts[normalisation]
    runs = kind.replace("own", "word")  # the same runs, of which boilerplate is left out
    if (runs, normalisation) not in known.shingles:
        known.shingles[runs, normalisation] = shingle_normalised(texts.texts, runs)
    return signed(texts, as_kind(known.shingles[runs, normalisation], kind), problem.seed)
