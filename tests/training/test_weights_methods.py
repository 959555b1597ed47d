"""Every way to train: it runs, repeats, is planned as it is charged, and never lets the loss rise."""

from collections import Counter

import numpy as np
import pytest

from qwatt.core.context import Unmetered
from qwatt.core.registry import all_methods, get_backend, get_method, get_task
from qwatt.stages.training.weights.adam import Adam, epochs_of
from qwatt.stages.training.weights.candidates import evaluations
from qwatt.stages.training.weights.coordinate import CoordinateSearch
from qwatt.stages.training.weights.grover import GroverSearch
from qwatt.stages.training.weights.grover_method import oracle_toffoli
from qwatt.stages.training.weights.grover_published import GroverPublished
from qwatt.stages.training.weights.grover_uniform import GroverUniform
from qwatt.stages.training.weights.marked_candidate import MarkedCandidate
from qwatt.stages.training.weights.pair_flips import PairFlips
from qwatt.stages.training.weights.qaoa import BlockQaoa
from qwatt.stages.training.weights.qubo_exact import BlockExact
from qwatt.stages.training.weights.qubo_random import BlockRandom
from qwatt.stages.training.weights.random_candidate import RandomCandidate
from qwatt.stages.training.weights.random_search import RandomSearch
from qwatt.stages.training.weights.sweep import Search
from qwatt.stages.training.weights.task import WeightsTask
from qwatt.testing import MethodChecks, TaskChecks

TASK = "training/weights"


class TestWeightsTask(TaskChecks):
    task = WeightsTask


class WeightsChecks(MethodChecks):
    source = "iris"
    tuning_trials = 1


class TestAdam(WeightsChecks):
    method = Adam


class TestCoordinateSearch(WeightsChecks):
    method = CoordinateSearch


class TestGroverSearch(WeightsChecks):
    method = GroverSearch


class TestGroverPublished(WeightsChecks):
    method = GroverPublished


class TestGroverUniform(WeightsChecks):
    method = GroverUniform


class TestMarkedCandidate(WeightsChecks):
    method = MarkedCandidate


class TestRandomCandidate(WeightsChecks):
    method = RandomCandidate


class TestRandomSearch(WeightsChecks):
    method = RandomSearch


class TestBlockQaoa(WeightsChecks):
    method = BlockQaoa
    tuning_trials = 2


class TestBlockExact(WeightsChecks):
    method = BlockExact


class TestBlockRandom(WeightsChecks):
    method = BlockRandom


class TestPairFlips(WeightsChecks):
    method = PairFlips


def trained(name, problem, **settings):
    method = get_method(TASK, name)
    context = Unmetered(get_backend("engine"), 200, seed=1)
    return method.run(problem, method.defaults() | settings, context)


@pytest.fixture(scope="module")
def iris():
    return get_task(TASK).load("iris", "xs", 0)


@pytest.mark.parametrize("name", [m.name for m in all_methods(TASK) if m.name != "adam"])
def test_the_loss_never_rises(iris, name):
    curve = trained(name, iris, epochs=2).answer.curve
    assert len(curve) == 3 and (np.diff(curve) <= 1e-6).all()


def test_searches_start_from_the_same_weights_and_count_every_candidate(iris):
    names = ("coordinate-search", "grover", "grover-published", "random-candidate", "random-search")
    found = [trained(name, iris, epochs=1) for name in names]
    assert len({solution.answer.curve[0] for solution in found}) == 1
    assert {s.counters["loss_evaluations"] for s in found} == {evaluations(iris.widths)}
    told = {get_task(TASK).score(iris, s).extras["loss_evaluations"] for s in found}
    assert told == {evaluations(iris.widths)}, "the report shows them beside the quality"


def test_only_the_projection_counts_coherent_calls(iris):
    weights = 4 * 2 + 2 * 3
    for name, least in (("grover", 0), ("grover-published", weights)):  # the program always iterates
        found = trained(name, iris, epochs=1)
        calls = found.projected["oracle_calls"]
        assert calls >= least and found.projected["oracle_checks"] == weights
        per_call = oracle_toffoli(len(iris.train), iris.widths)
        assert per_call == len(iris.train) * weights * 256
        assert found.projected["oracle_toffoli"] == (calls + weights) * per_call
        assert not {"oracle_calls", "oracle_toffoli"} & found.counters.keys()
    assert trained("grover-uniform", iris, epochs=1).projected["oracle_calls"] == 0


def test_an_ideal_search_is_its_classical_twin_in_distribution(iris):
    losses = np.array([*[1.0, 1.04], *[2.0] * 30])
    search, context = Search(losses, 3.0, 5, Counter()), Unmetered(get_backend("engine"), 400, seed=3)
    for name in ("grover", "grover-published", "marked-candidate"):
        method = get_method(TASK, name)
        picked = [method.pick(search, method.defaults(), context) for _ in range(40)]
        assert set(picked) == {0, 1}, name


def test_adam_may_use_as_many_evaluations_as_the_searches():
    wine = (13, 32, 3)
    assert epochs_of({"epochs": 0}, wine) * 4 == 10 * evaluations(wine) == 194_560
    assert epochs_of({"epochs": 7}, wine) == 7


def test_adam_keeps_its_best_weights_and_stops_when_nothing_improves(iris):
    found = trained("adam", iris, learning_rate=0.03, epochs=0)
    assert found.answer.curve[-1] == min(found.answer.curve)
    assert found.notes["epochs"] < epochs_of({"epochs": 0}, iris.widths)
    assert found.counters["loss_evaluations"] == 4 * found.notes["epochs"]
