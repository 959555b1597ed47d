"""What plans of one problem share: graphs of near duplicates, remembered; many documents in one form."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from qwatt.stages.curation.dedup.boilerplate import as_kind
from qwatt.stages.curation.dedup.graph import Distinct, DuplicateGraph, Signed, distinct, joined, signed
from qwatt.stages.curation.dedup.peeling import Pieces, cut_to_fit
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
    cut: dict[tuple[str, float, str, int], Pieces] = field(default_factory=dict)


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
            known.signed[key[::2]] = _signed(problem, kind, normalisation)
        known.joined[key] = joined(problem, known.signed[key[::2]], threshold)
    return known.joined[key]


def planned_pieces(
    problem: DedupProblem, kind: str, threshold: float, normalisation: str, largest: int
) -> Pieces:
    """Return the pieces that this graph is cut into, remembered; see `cut_to_fit`."""
    known = _planned.setdefault(problem, _Planned())
    key = (kind, threshold, normalisation, largest)
    if key not in known.cut:
        graph = planned_graph(problem, kind, threshold, normalisation)
        known.cut[key] = cut_to_fit(graph, problem.weights, largest)[1]
    return known.cut[key]


def _signed(problem: DedupProblem, kind: str, normalisation: str) -> Signed:
    texts, runs = planned_runs(problem, kind, normalisation)
    return signed(texts, as_kind(runs, kind), problem.seed)


def planned_runs(problem: DedupProblem, kind: str, normalisation: str) -> tuple[Distinct, ShingleSets]:
    """Return the documents of distinct text and their shingles, of "own3" before boilerplate is left out."""
    known = _planned.setdefault(problem, _Planned())
    if normalisation not in known.texts:
        known.texts[normalisation] = distinct(problem, normalisation)
    runs = kind.replace("own", "word")  # the same runs, of which boilerplate is left out
    if (runs, normalisation) not in known.shingles:
        known.shingles[runs, normalisation] = shingle_normalised(known.texts[normalisation].texts, runs)
    return known.texts[normalisation], known.shingles[runs, normalisation]
