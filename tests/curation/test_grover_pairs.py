"""Grover search over pairs against all pairs: similarities, pairs, and what stays."""

from itertools import combinations

import numpy as np
import pytest

from qwatt.core.registry import get_task
from qwatt.stages.curation.dedup import all_pairs, look_up
from qwatt.stages.curation.dedup import grover as pairs
from qwatt.stages.curation.dedup.all_pairs import jaccard_of_pairs
from qwatt.stages.curation.dedup.boilerplate import corpus_shingles
from qwatt.stages.curation.dedup.grover import GroverPairs, searched, stars_of_pairs
from qwatt.stages.curation.dedup.leaders import stars
from qwatt.stages.curation.dedup.shingles import jaccard
from qwatt.stages.curation.dedup.sources import PHRASES
from qwatt.testing.trials import run_small, small_spec


@pytest.fixture(scope="module")
def shingles():
    problem = get_task("curation/dedup").load(PHRASES, "xs", 3)
    return corpus_shingles(sorted(set(problem.texts)), "char5")


@pytest.mark.parametrize("at_a_time", [50, 1 << 20])
def test_one_product_gives_every_jaccard_similarity(shingles, monkeypatch, at_a_time):
    for module in (all_pairs, look_up):
        monkeypatch.setattr(module, "AT_A_TIME", at_a_time)
    found = jaccard_of_pairs(shingles)
    for i, j in combinations(range(len(shingles)), 2):
        assert found[i, j] == pytest.approx(jaccard(shingles[i], shingles[j]), abs=1e-6)
    assert jaccard_of_pairs([np.zeros(0, dtype=np.uint64)] * 3).tolist() == [[0.0] * 3] * 3


def test_searches_find_the_pairs_above_the_threshold(shingles, monkeypatch):
    """In one block and in many; a search may overlook a pair, but invents none."""
    alike = jaccard_of_pairs(shingles)
    true = {(i, j) for i, j in combinations(range(len(shingles)), 2) if alike[i, j] >= 0.45}
    shares = []
    for side in (8, 32, 64):
        monkeypatch.setattr(pairs, "SIDE", side)
        for seed in range(3):
            found = searched(alike, 0.45, seed)
            assert set(found.pairs) <= true
            shares.append(len(found.pairs) / len(true))
            assert found.search.items <= len(shingles) ** 2
    assert len(true) > 5 and np.mean(shares) > 0.97


def test_stars_of_all_pairs_are_those_of_minhash(shingles):
    """Leaders that visit by worth, from a table of pairs and from buckets."""
    alike, worth = jaccard_of_pairs(shingles), np.array([float(len(one)) for one in shingles])
    table = {(i, j): float(alike[i, j]) for i, j in combinations(range(len(worth)), 2) if alike[i, j] >= 0.6}
    ours, theirs = stars_of_pairs(len(worth), table, worth), stars(shingles, worth, 0.6, 0)
    assert (ours.leader != np.arange(len(worth))).any()
    agree = ours.leader == theirs.leader
    assert agree.mean() > 0.95  # buckets may miss a pair at the threshold


def test_calls_are_projected_and_evaluations_counted():
    trial, problem, solution = run_small(GroverPairs, small_spec(GroverPairs, PHRASES))
    assert set(solution.projected) == {"oracle_calls"}
    distinct = len(problem) - sum(r.similarity == 1.0 for r in solution.answer.dropped.values())
    assert distinct**2 / 2 < solution.counters["pairs_evaluated"] <= len(problem) ** 2
    assert trial.demand["qubits"] == 10 and trial.demand["circuits"] == solution.notes["circuits"]
    again = run_small(GroverPairs, small_spec(GroverPairs, PHRASES))[2]
    assert again.answer.keep.tolist() == solution.answer.keep.tolist()


def test_more_documents_than_an_oracle_holds_are_kept(monkeypatch):
    monkeypatch.setattr(pairs, "MOST", 20)
    _, problem, solution = run_small(GroverPairs, small_spec(GroverPairs, PHRASES))
    assert solution.notes["documents_not_searched"] > 0
    assert len(solution.answer.keep) + len(solution.answer.dropped) == len(problem)


def test_a_plan_of_many_blocks_is_estimated_from_a_sample_and_says_so(monkeypatch):
    """The estimate keeps within a fifth of the circuits of all blocks, and a plan of few blocks is exact."""
    problem = get_task("curation/dedup").load(PHRASES, "xs", 3)
    monkeypatch.setattr(pairs, "SIDE", 4)
    settings = {name: values[0] for name, values in GroverPairs.space.items()}
    whole = GroverPairs().plan(problem, settings, None)
    monkeypatch.setattr(pairs, "PLANNED_WHOLE", 20)
    monkeypatch.setattr(pairs, "PLANNED_SAMPLE", 40)
    monkeypatch.setattr(pairs, "_plans", {})  # plans of one problem are remembered
    sampled = GroverPairs().plan(problem, settings, None)
    assert "estimated from" in sampled.note and "estimated" not in whole.note
    assert sampled.run.demand.circuits == pytest.approx(whole.run.demand.circuits, rel=0.2)
    assert sampled.run.simulation_flops == pytest.approx(whole.run.simulation_flops, rel=0.2)
