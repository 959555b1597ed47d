"""Near duplicates found by Grover search over pairs of documents, an unknown number of which is marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from qwatt.core.demand import Demand
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Effort, Kind, Plan, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.quantum.primitives import grover
from qwatt.stages.curation.dedup.all_pairs import jaccard_of_pairs
from qwatt.stages.curation.dedup.boilerplate import as_kind, corpus_shingles
from qwatt.stages.curation.dedup.graph import Distinct, distinct
from qwatt.stages.curation.dedup.independent_set import SHINGLES, THRESHOLDS
from qwatt.stages.curation.dedup.keeping import keep_leaders
from qwatt.stages.curation.dedup.leaders import Stars
from qwatt.stages.curation.dedup.method import COMMON, DedupMethod, Notes
from qwatt.stages.curation.dedup.planned import form_note, planned_form, planned_runs
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.work import normalised_bytes

if TYPE_CHECKING:
    from qwatt.quantum.algorithms import search_all
else:
    _pennylane = lazy("pennylane")
    search_all = lazy("qwatt.quantum.algorithms.search_all")

SIDE = 32
"""Documents of each of the two index registers: 2 x 5 qubits, 1,024 pairs a search."""
MOST = 2_000
"""Documents that are searched; of more the worthiest, for a simulated oracle evaluates all pairs."""
PLANNED_WHOLE, PLANNED_SAMPLE = 1_024, 64
"""Blocks up to which a plan is exact; of more it is estimated from about so many, evenly spread."""
_SORTED, _PAIR = 200.0, 100.0
"""Elementwise values that a shingle among all others, and a pair's similarity, take as long as."""


@dataclass
class _Found:
    pairs: dict[tuple[int, int], float]
    search: search_all.Search
    searches: int


@method
class GroverPairs(DedupMethod):
    """Every block of 32 x 32 pairs is searched until a search gives up; the worthier of a pair stays.

    Executed: the similarities of all pairs, which are the oracle's table, and measurements drawn from the
    circuits' closed form. The bill holds these circuits with a diagonal for an oracle; `oracle_calls` are
    those of one that computes similarities coherently. The scaling card projects one search over all pairs.
    """

    name: ClassVar[str] = "grover"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:quant-ph/9605034", "arXiv:1911.01973")
    companions: ClassVar[tuple[str, ...]] = ("minhash", "greedy", "random-keep")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {"shingles": SHINGLES, "threshold": THRESHOLDS}
    stochastic: ClassVar[bool] = True

    def run(self, problem: DedupProblem, settings: Settings, context: Context) -> Solution[DedupAnswer]:
        """Return the keep-set, with the calls that only a projection may use."""
        solution = super().run(problem, settings, context)
        counts = solution.notes.pop("projected"), solution.notes.pop("counted")
        return Solution(solution.answer, counters=counts[1], projected=counts[0], notes=solution.notes)

    def keep(self, problem: DedupProblem, settings: Settings, context: Context) -> tuple[DedupAnswer, Notes]:
        """Collapse exact copies, evaluate all pairs of the rest, search them, and let the worthiest lead."""
        with context.phase(Ring.KERNEL, "hash"):
            names, copies, alike = _similarities(problem, settings)
        with context.circuits():
            found = searched(alike, float(settings["threshold"]), problem.seed)
            context.backend.recorder.add(_demand(found))
        with context.phase(Ring.KERNEL, "solve"):
            stars = stars_of_pairs(len(names), found.pairs, problem.weights[names])
        search = found.search
        notes = {
            "searches": found.searches,
            "circuits": len(search.iterations),
            "documents_not_searched": max(0, len(names) - MOST),
            "projected": {"oracle_calls": float(search.oracle_calls)},
            "counted": {"pairs_evaluated": float(search.items)},
        }
        return keep_leaders(names, copies, stars), notes

    def work(self, problem: DedupProblem, settings: Settings) -> Effort:
        """Count bringing texts into one form, and shingling and sorting the shingles of all documents."""
        work = normalised_bytes(problem)
        return Effort(work=work | {"elementwise": _SORTED * sum(work.values())})

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Search as a run does, which is classical, and bill the circuits; many blocks are sampled."""
        known = _plans.setdefault(problem, {})
        kind = planned_form(problem, settings["shingles"], SHINGLES[0])
        key = kind, float(settings["threshold"]), settings["normalise"]
        if key not in known:
            known[key] = self._plan(problem, {**settings, "shingles": kind})
        return known[key]

    def _plan(self, problem: DedupProblem, settings: Settings) -> Plan:
        alike = _planned_similarities(problem, settings)
        every = list(_blocks(len(alike)))
        sample = every if len(every) <= PLANNED_WHOLE else every[:: len(every) // PLANNED_SAMPLE]
        found = _searched_blocks(alike, float(settings["threshold"]), problem.seed, sample)
        scale = len(every) / len(sample) if sample else 1.0
        flops = scale * sum(grover.simulation_flops(SIDE**2, k) for k in found.search.iterations)
        note = f"{len(every)} blocks of {SIDE} x {SIDE} pairs; measurements as the problem's seed draws them"
        if len(sample) < len(every):
            note += f", estimated from {len(sample)} blocks"
        note = "; ".join(filter(None, [note, form_note(problem, SHINGLES[0])]))
        host = self.work(problem, settings) + Effort(work={"elementwise": _PAIR * float(len(alike)) ** 2})
        return Plan(host + Effort(_demand(found, scale), {}, flops), note=note)


_plans: WeakKeyDictionary[DedupProblem, dict[tuple[str, float, str], Plan]] = WeakKeyDictionary()
_planned: WeakKeyDictionary[DedupProblem, dict[tuple[str, str], NDArray[np.float32]]] = WeakKeyDictionary()


def _planned_similarities(problem: DedupProblem, settings: Settings) -> NDArray[np.float32]:
    """Return the similarities, remembered from threshold to threshold: for plans, which are not measured."""
    known = _planned.setdefault(problem, {})
    key = settings["shingles"], settings["normalise"]
    if key not in known:
        texts, runs = planned_runs(problem, *key)
        order = _worthiest_first(problem, texts)[:MOST]
        own = [runs[n] for n in order.tolist()]
        known[key] = jaccard_of_pairs(as_kind(own, settings["shingles"]))
    return known[key]


def _similarities(
    problem: DedupProblem, settings: Settings
) -> tuple[list[int], dict[int, int], NDArray[np.float32]]:
    """Return documents of distinct text, all others with their twins, and the similarities of the former."""
    texts = distinct(problem, settings["normalise"])
    order = _worthiest_first(problem, texts)
    shingles = corpus_shingles([texts.texts[n] for n in order[:MOST]], settings["shingles"])
    return texts.names[order].tolist(), texts.copies, jaccard_of_pairs(shingles)


def _worthiest_first(problem: DedupProblem, texts: Distinct) -> NDArray[np.int64]:
    """Return the places of documents of distinct text by falling worth."""
    return np.argsort(-problem.weights[texts.names], kind="stable")


def searched(alike: NDArray[np.float32], threshold: float, seed: int) -> _Found:
    """Search every block of pairs; the same seed measures the same.

    Args:
        alike: similarities, shape (documents, documents).
        threshold: least similarity of a marked pair.
        seed: of the measurements.
    """
    return _searched_blocks(alike, threshold, seed, _blocks(len(alike)))


def _searched_blocks(
    alike: NDArray[np.float32],
    threshold: float,
    seed: int,
    blocks: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> _Found:
    rng, found = np.random.default_rng([seed, 17]), _Found({}, search_all.Search(), 0)
    for rows, columns in blocks:
        table = alike[np.ix_(rows, columns)]
        marked = np.zeros((SIDE, SIDE), dtype=bool)
        marked[: len(rows), : len(columns)] = (table >= threshold) & (rows[:, None] < columns[None, :])
        search = search_all.find_all(marked.reshape(-1), rng)
        for item in search.found:
            i, j = int(rows[item // SIDE]), int(columns[item % SIDE])
            found.pairs[i, j] = float(alike[i, j])
        found.search.iterations += search.iterations
        found.search.items += table.size
        found.searches += 1
    return found


def _blocks(documents: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    sides = [np.arange(start, min(start + SIDE, documents)) for start in range(0, documents, SIDE)]
    for n, rows in enumerate(sides):
        for columns in sides[n:]:
            if len(rows) > 1 or rows is not columns:
                yield rows, columns


def stars_of_pairs(
    documents: int, pairs: Mapping[tuple[int, int], float], worth: NDArray[np.float64]
) -> Stars:
    """Return stars: by falling worth a document follows the leader most similar to it, or leads.

    Args:
        documents: how many.
        pairs: similar ones, with their similarity.
        worth: shape (documents,).
    """
    near: list[list[tuple[float, int]]] = [[] for _ in range(documents)]
    for (i, j), similarity in pairs.items():
        near[i].append((similarity, -j))
        near[j].append((similarity, -i))
    leader, similarity_to = np.arange(documents, dtype=np.int64), np.ones(documents)
    leads = np.zeros(documents, dtype=bool)
    for i in np.argsort(-worth, kind="stable").tolist():
        best = max(((s, j) for s, j in near[i] if leads[-j]), default=None)
        if best is None:
            leads[i] = True
        else:
            similarity_to[i], leader[i] = best[0], -best[1]
    return Stars(leader, similarity_to)


def _demand(found: _Found, scale: float = 1.0) -> Demand:
    wires = (SIDE**2 - 1).bit_length()
    counts = sorted(Counter(found.search.iterations).items())
    scaled = [(k, round(scale * circuits)) for k, circuits in counts]
    return Demand.sum(grover.diagonal_bill(wires, k, circuits).demand("grover") for k, circuits in scaled)
