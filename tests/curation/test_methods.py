"""Every method on the tiny built-in corpus, which needs neither a network nor a model."""

import numpy as np
import pytest

from qwatt.core.registry import all_methods, get_method, get_task
from qwatt.data.phrases import phrase_documents
from qwatt.stages.curation.dedup.embedding import EmbeddingSimilarity
from qwatt.stages.curation.dedup.exact_hash import ExactHash
from qwatt.stages.curation.dedup.greedy import Greedy
from qwatt.stages.curation.dedup.grover import GroverPairs
from qwatt.stages.curation.dedup.independent_set_annealing import IndependentSetAnnealing
from qwatt.stages.curation.dedup.independent_set_qaoa import IndependentSetQaoa
from qwatt.stages.curation.dedup.minhash import MinHash
from qwatt.stages.curation.dedup.random_keep import RandomKeep
from qwatt.stages.curation.dedup.semantic import Semantic
from qwatt.stages.curation.dedup.semantic_quantum import SemanticQuantum
from qwatt.stages.curation.dedup.sources import PHRASES
from qwatt.stages.curation.dedup.task import DedupTask
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec

METHODS = [
    ExactHash,
    MinHash,
    EmbeddingSimilarity,
    Semantic,
    SemanticQuantum,
    GroverPairs,
    IndependentSetAnnealing,
    IndependentSetQaoa,
    Greedy,
    RandomKeep,
]


class TestTask(TaskChecks):
    task = DedupTask
    source = PHRASES

    def fingerprint(self, problem):
        return repr((problem.texts, problem.clusters.tolist(), problem.validation.tolist()))


class DedupChecks(MethodChecks):
    source = PHRASES

    def test_every_document_is_kept_or_stood_for(self):
        _, problem, solution = self._run()
        keep, dropped = solution.answer.keep, solution.answer.dropped
        assert sorted([*keep.tolist(), *dropped]) == list(range(len(problem)))
        assert {removal.kept for removal in dropped.values()} <= set(keep.tolist())
        assert all(i < j for i, j in solution.answer.pairs)


class TestExactHash(DedupChecks):
    method = ExactHash


class TestMinHash(DedupChecks):
    method = MinHash


class TestEmbedding(DedupChecks):
    method = EmbeddingSimilarity


class TestSemantic(DedupChecks):
    method = Semantic


class TestSemanticQuantum(DedupChecks):
    method = SemanticQuantum


class TestGrover(DedupChecks):
    method = GroverPairs


class TestAnnealing(DedupChecks):
    method = IndependentSetAnnealing


class TestQaoa(DedupChecks):
    method = IndependentSetQaoa


class TestGreedy(DedupChecks):
    method = Greedy


class TestRandomKeep(DedupChecks):
    method = RandomKeep


def test_these_are_all_methods_of_the_task_with_equal_rights_to_tune():
    assert {m.name for m in all_methods("curation/dedup")} == {m.name for m in METHODS}
    spaces = {
        m.name: np.prod([len(c) for c in m.space.values()])
        for m in METHODS
        if m not in (ExactHash, RandomKeep)
    }
    assert set(spaces.values()) == {12}


@pytest.fixture(scope="module")
def qualities():
    """Median pair F1 of three seeds by method."""
    found = {}
    for method in METHODS:
        trials = [run_small(method, small_spec(method, PHRASES, seed=seed))[0] for seed in range(3)]
        found[method.name] = float(np.median([t.quality for t in trials]))
    return found


def test_what_looks_harder_finds_more(qualities):
    assert qualities["minhash"] > qualities["exact-hash"] > qualities["random-keep"]
    assert qualities["embedding"] > qualities["exact-hash"]
    assert qualities["minhash"] > 0.7


def test_the_keep_set_matters_not_only_its_size(qualities):
    for name in ("independent-set-qaoa", "independent-set-annealing", "greedy"):
        assert qualities[name] > qualities["random-keep"] + 0.5


def test_the_quantum_keep_set_weighs_no_more_than_the_best():
    """On components this small annealing finds the heaviest independent set; sampling cannot beat it."""
    weights = {}
    for method in (IndependentSetAnnealing, IndependentSetQaoa, Greedy):
        weights[method.name] = run_small(method, small_spec(method, PHRASES))[0].extras["kept_weight"]
    assert weights["independent-set-qaoa"] <= weights["independent-set-annealing"]
    assert weights["greedy"] <= weights["independent-set-annealing"]


def test_components_beyond_the_qubit_limit_are_peeled_and_planned_so(monkeypatch):
    from qwatt.stages.curation.dedup import independent_set_qaoa as qaoa

    monkeypatch.setattr(qaoa, "QUBITS", 2)
    trial, problem, solution = run_small(IndependentSetQaoa, small_spec(IndependentSetQaoa, PHRASES, seed=16))
    assert solution.notes["components_peeled"] > 0
    assert trial.demand["qubits"] == 2
    plan = IndependentSetQaoa().plan(problem, trial.settings, 200)
    assert plan.demand.to_record() == trial.demand
    kept = set(solution.answer.keep.tolist())
    assert not any(i in kept and j in kept for i, j in solution.answer.pairs)


def test_methods_answer_for_the_problem_alone_not_for_its_truth():
    """Hiding the planted truth changes no answer."""
    from dataclasses import replace

    from qwatt.core.trial import TrialSpec
    from qwatt.energy.meter import Meter
    from qwatt.protocol.context import TrialContext

    problem = get_task("curation/dedup").load(PHRASES, "xs", 1)
    blind = replace(
        problem,
        clusters=np.arange(len(problem)),
        kinds=("original",) * len(problem),
        parents=np.full(len(problem), -1),
    )
    for method in METHODS:
        chosen = get_method("curation/dedup", method.name)
        spec = TrialSpec("curation/dedup", method.name, PHRASES, "xs", 1, "engine", 200, 1)
        keeps = [
            chosen.run(p, chosen.defaults(), TrialContext(spec, Meter())).answer.keep
            for p in (problem, blind)
        ]
        np.testing.assert_array_equal(*keeps)


def test_our_own_phrases_are_distinct_documents():
    texts = [text for _, text in phrase_documents(200, 0)]
    assert len(set(texts)) == 200
    assert all(len(text.split("\n")) == 7 for text in texts)
