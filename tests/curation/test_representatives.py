"""Representative selection: the objective in plain words, exhaustive search, trivial components."""

import sys
import types
from itertools import combinations, product

import dimod
import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from qwatt.core.context import Unmetered
from qwatt.core.registry import all_methods, get_backend
from qwatt.stages.curation.select.component_shapes import component_shapes
from qwatt.stages.curation.select.representation import Representation, similarity_graph
from qwatt.stages.curation.select.representative_annealer import RepresentativeAnnealer
from qwatt.stages.curation.select.representative_annealing import RepresentativeAnnealing
from qwatt.stages.curation.select.representative_exact import RepresentativeExact, best_choice
from qwatt.stages.curation.select.representative_greedy import RepresentativeGreedy, greedy
from qwatt.stages.curation.select.representative_mcmc import RepresentativeMcmc
from qwatt.stages.curation.select.representative_min_degree import RepresentativeMinDegree, independent
from qwatt.stages.curation.select.representative_one_swap import RepresentativeOneSwap, exchanged
from qwatt.stages.curation.select.representative_qaoa import RepresentativeQaoa
from qwatt.stages.curation.select.representative_quantum_mcmc import RepresentativeQuantumMcmc
from qwatt.stages.curation.select.sources import WEATHER
from qwatt.stages.curation.select.task import SelectTask
from qwatt.testing import MethodChecks
from qwatt.testing.trials import run_small, small_spec

WINDOWED = [
    RepresentativeAnnealing,
    RepresentativeQaoa,
    RepresentativeMcmc,
    RepresentativeQuantumMcmc,
]
WHOLE = [RepresentativeGreedy, RepresentativeMinDegree, RepresentativeOneSwap, RepresentativeExact]
METHODS = [*WHOLE, *WINDOWED, RepresentativeAnnealer]


class RepresentativeChecks(MethodChecks):
    source = WEATHER
    tuning_trials = 1

    def test_the_budget_is_kept_and_components_are_told(self):
        trial, problem, solution = self._run()
        chosen, shapes = solution.answer.chosen, trial.notes["components"]
        assert len(chosen) == problem.budget and (np.diff(chosen) > 0).all()
        members = (
            shapes["isolated"] + 2 * shapes["star"] + 3 * shapes["triangle"] + shapes["examples_in_other"]
        )
        assert members <= len(problem.pool) and "graph_cut" in trial.notes


class TestGreedy(RepresentativeChecks):
    method = RepresentativeGreedy


class TestMinDegree(RepresentativeChecks):
    method = RepresentativeMinDegree


class TestOneSwap(RepresentativeChecks):
    method = RepresentativeOneSwap


class TestExact(RepresentativeChecks):
    method = RepresentativeExact


class TestAnnealing(RepresentativeChecks):
    method = RepresentativeAnnealing


class TestQaoa(RepresentativeChecks):
    method = RepresentativeQaoa


class TestMcmc(RepresentativeChecks):
    method = RepresentativeMcmc


class TestQuantumMcmc(RepresentativeChecks):
    method = RepresentativeQuantumMcmc


def test_the_headline_says_how_many_components_were_trivial():
    trial, _, _ = run_small(RepresentativeGreedy, small_spec(RepresentativeGreedy, WEATHER))
    shapes = trial.notes["components"]
    trivial = shapes["isolated"] + shapes["star"] + shapes["triangle"]
    facts = " ".join(SelectTask().headline(trial, None).facts)
    assert f"{trivial} trivial component" in facts and f"{shapes['examples_in_other']} example" in facts


class FakeSampler:
    """Stands in for D-Wave's chip behind the same calls: random reads by dimod."""

    def __init__(self, solver=None):
        self.calls = []

    def sample(self, bqm, num_reads):
        self.calls.append((len(bqm.variables), num_reads))
        return dimod.RandomSampler().sample(bqm, num_reads=num_reads, seed=len(self.calls))


@pytest.fixture(autouse=True)
def chip(monkeypatch):
    module = types.ModuleType("dwave.system")
    module.DWaveSampler, module.EmbeddingComposite = FakeSampler, lambda child: child
    monkeypatch.setitem(sys.modules, "dwave.system", module)


class TestAnnealer(RepresentativeChecks):
    method = RepresentativeAnnealer


def test_these_are_all_and_have_equal_rights_to_tune():
    names = {m.name for m in all_methods("curation/select") if m.name.startswith("representative-")}
    assert names == {m.name for m in METHODS}
    assert {int(np.prod([len(c) for c in m.space.values()])) for m in METHODS} == {4}


def instance(examples, budget, seed, chance=0.4, redundancy=0.7):
    rng = np.random.default_rng(seed)
    upper = np.triu(
        rng.uniform(0.3, 1.0, (examples, examples)) * (rng.random((examples, examples)) < chance), 1
    )
    return Representation(sparse.csr_array(upper + upper.T), redundancy, budget)


def every_choice(examples, budget):
    for chosen in combinations(range(examples), budget):
        bits = np.zeros(examples, dtype=np.int8)
        bits[list(chosen)] = 1
        yield bits


def least(problem):
    return min(problem.objective(bits) for bits in every_choice(len(problem), problem.budget))


def test_the_objective_is_the_graph_cut():
    """What the choice has in common with the pool, less lambda times with itself; own cosines are 1."""
    problem = instance(9, 4, 0)
    cosines = problem.similar.toarray() + np.eye(9)
    for bits in every_choice(9, 4):
        chosen = np.flatnonzero(bits)
        cut = cosines[:, chosen].sum() - 0.7 * cosines[np.ix_(chosen, chosen)].sum()
        assert -problem.objective(bits) == pytest.approx(cut + 0.7 * 4)
        without = bits.copy()
        without[chosen[0]] = 0
        rise = problem.objective(without) - problem.objective(bits)
        assert problem.loss_without(chosen)[0] == pytest.approx(rise)


def test_a_window_is_the_objective_up_to_a_constant():
    problem, inside = instance(10, 5, 1), np.array([0, 2, 3, 5, 8, 9])
    outside = np.zeros(10, dtype=np.int8)
    outside[[1, 4]] = 1
    linear, quadratic = problem.window(outside, inside)
    gaps = set()
    for part in product([0, 1], repeat=6):
        bits = outside.copy()
        bits[inside] = part
        x = np.array(part, dtype=float)
        gaps.add(round(problem.objective(bits) - float(x @ linear + x @ quadratic @ x), 9))
    assert len(gaps) == 1


def test_the_graph_has_the_cosines_at_the_threshold_and_no_diagonal(monkeypatch):
    monkeypatch.setattr("qwatt.stages.curation.select.representation._BLOCK", 7)
    rows = np.random.default_rng(0).normal(size=(20, 4))
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = similarity_graph(unit, 0.4).toarray()
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, 0.0)
    np.testing.assert_allclose(found, np.where(cosines >= 0.4, cosines, 0.0))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("budget", [1, 4, 8])
def test_the_integer_program_is_exhaustive_search(seed, budget):
    problem = instance(11, budget, seed, redundancy=(0.5, 1.0, 3.0)[seed % 3])
    bits, proved = best_choice(problem)
    assert proved and bits.sum() == budget
    assert problem.objective(bits) == pytest.approx(least(problem))


def test_exchanges_end_where_no_exchange_helps_and_never_above_greedy():
    for seed in range(6):
        problem = instance(12, 5, seed)
        start = greedy(problem)
        bits, _ = exchanged(problem, start)
        assert least(problem) - 1e-9 <= problem.objective(bits) <= problem.objective(start) + 1e-9
        for off, on in product(np.flatnonzero(bits), np.flatnonzero(bits == 0)):
            other = bits.copy()
            other[off], other[on] = 0, 1
            assert problem.objective(other) >= problem.objective(bits) - 1e-8


def test_greedy_takes_the_largest_gain_each_time():
    problem = instance(10, 5, 3)
    bits = np.zeros(10, dtype=np.int8)
    for _ in range(5):
        options = [i for i in range(10) if not bits[i]]
        bits[min(options, key=lambda i: problem.objective(bits + np.eye(10, dtype=np.int8)[i]))] = 1
    assert greedy(problem).tolist() == bits.tolist()


def test_the_min_degree_rule_finds_an_independent_set():
    for seed in range(5):
        problem = instance(14, 14, seed, chance=0.25)
        graph = nx.from_scipy_sparse_array(problem.similar)
        chosen = independent(problem)
        assert not graph.subgraph(chosen).edges
        assert set(chosen) | {n for v in chosen for n in graph[v]} == set(graph)
    assert len(independent(instance(14, 2, 0, chance=0.1))) == 2


@pytest.mark.parametrize("method", WINDOWED, ids=lambda m: m.name)
@pytest.mark.parametrize("seed", range(2))
def test_a_window_of_the_whole_pool_is_solved_as_by_exhaustive_search(method, seed):
    """Ten examples, five to choose: 252 choices. Stochastic: the best of four runs is the optimum."""
    problem = instance(10, 5, seed)
    found = []
    for run in range(4):
        context = Unmetered(get_backend("engine"), 400, 10 * seed + run)
        bits, notes = method().search(problem, method.defaults(), context)
        assert bits.sum() == 5 and notes["windows"] == method.sweeps
        found.append(problem.objective(bits))
    assert min(found) == pytest.approx(least(problem))


def sorted_by_hand(weights, shared, centre=None):
    """The best value for each number of ones of a star: with its centre, or without."""
    others = [i for i in range(len(weights)) if i != centre]
    plain = np.sort([weights[i] for i in others])[::-1]
    values = np.concatenate([[0.0], np.cumsum(plain), [-np.inf]])
    if centre is None:
        return values[:-1]
    joined = np.sort([weights[i] - shared[centre, i] for i in others])[::-1]
    return np.maximum(values, np.concatenate([[-np.inf], weights[centre] + np.append(0, np.cumsum(joined))]))


@pytest.mark.parametrize("shape", ["isolated", "star", "triangle"])
def test_the_shapes_called_trivial_are_solved_by_hand(shape):
    rng = np.random.default_rng(4)
    n = {"isolated": 6, "star": 6, "triangle": 3}[shape]
    graph = {"isolated": nx.empty_graph(n), "star": nx.star_graph(n - 1), "triangle": nx.complete_graph(n)}[
        shape
    ]
    for _ in range(20):
        cosines = np.zeros((n, n))
        for i, j in graph.edges:
            cosines[i, j] = cosines[j, i] = rng.uniform(0.3, 1.0)
        problem = Representation(sparse.csr_array(cosines), 2.0, 1)
        weights, shared = problem.coverage, 4.0 * cosines
        for ones in range(n + 1):
            best = -min(problem.objective(bits) for bits in every_choice(n, ones))
            if shape == "triangle":
                by_hand = max(
                    weights[list(c)].sum() - sum(shared[i, j] for i, j in combinations(c, 2))
                    for c in combinations(range(3), ones)
                )
            else:
                by_hand = sorted_by_hand(weights, shared, 0 if shape == "star" else None)[ones]
            assert best == pytest.approx(by_hand)


def test_components_are_told_apart():
    graphs = [nx.empty_graph(3), nx.star_graph(4), nx.path_graph(2), nx.complete_graph(3), nx.path_graph(4)]
    graphs += [nx.complete_graph(5), nx.cycle_graph(4)]
    matrix = sparse.csr_array(nx.to_numpy_array(nx.disjoint_union_all(graphs)))
    assert component_shapes(matrix) == {
        "isolated": 3, "star": 2, "triangle": 1, "other": 3, "examples_in_other": 13,
    }  # fmt: skip


def test_windows_hold_neighbours():
    problem = instance(40, 12, 0, chance=0.05)
    bits, rng = greedy(problem), np.random.default_rng(0)
    joined = []
    for _ in range(30):
        inside = problem.neighbourhood(bits, 4, rng)
        assert len(set(inside.tolist())) == 8 and bits[inside].sum() == 4
        joined.append(problem.similar[inside][:, inside].nnz)
        random = rng.permutation(40)[:8]
        joined[-1] -= problem.similar[random][:, random].nnz
    assert np.mean(joined) > 2


def test_samplers_come_near_one_swap_search_and_far_above_chance():
    """Windows of ten of sixty examples; of the way from a random choice to one-swap search 70 % or more."""
    notes = {}
    for method in (RepresentativeOneSwap, *WINDOWED):
        spec = small_spec(method, WEATHER, fixed=(("redundancy", 1.0), ("threshold", 0.3)))
        notes[method.name] = run_small(method, spec)[0].notes
    best = notes.pop("representative-one-swap")["graph_cut"]
    for name, found in notes.items():
        start, cut = found["graph_cut_at_random"], found["graph_cut"]
        assert start < cut <= best * 1.02, name
        assert cut - start > 0.7 * (best - start), name
