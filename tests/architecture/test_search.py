"""The task and every method of it: the checks of all methods, budgets, fairness, failures."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.core.registry import all_methods, get_backend, get_method, get_task
from qwatt.core.shared import Shared
from qwatt.core.study_file import load_study
from qwatt.stages.architecture.search.cma_es import CmaEs
from qwatt.stages.architecture.search.fourier_surrogate import FourierSurrogate
from qwatt.stages.architecture.search.gaussian_process import GaussianProcess
from qwatt.stages.architecture.search.grover_minimum import GroverMinimum
from qwatt.stages.architecture.search.halving import SuccessiveHalving
from qwatt.stages.architecture.search.history import PATIENCE, WINDOW
from qwatt.stages.architecture.search.one_hot_annealing import AnnealingOneHot
from qwatt.stages.architecture.search.one_hot_exact import ExactOneHot
from qwatt.stages.architecture.search.one_hot_qaoa import QaoaOneHot
from qwatt.stages.architecture.search.one_hot_random import RandomOneHot
from qwatt.stages.architecture.search.problem import TASK, SearchProblem
from qwatt.stages.architecture.search.random_search import RandomSearch
from qwatt.stages.architecture.search.sources import TRAININGS
from qwatt.stages.architecture.search.space import Choice, Space
from qwatt.stages.architecture.search.task import SearchTask
from qwatt.stages.architecture.search.tpe import TreeParzen
from qwatt.stages.architecture.search.trainings import decoder, digits
from qwatt.stages.architecture.search.trainings.live import Live, Training
from qwatt.stages.architecture.search.trainings.objective import Outcome
from qwatt.stages.architecture.search.trainings.table import load_table, table_names
from qwatt.stages.architecture.search.vqc_random import RandomCircuitSurrogate
from qwatt.stages.architecture.search.vqc_separable import SeparableSurrogate
from qwatt.stages.architecture.search.vqc_surrogate import VqcSurrogate
from qwatt.stages.architecture.search.whole import Exhaustive
from qwatt.testing import MethodChecks, TaskChecks

EQUAL = ("random", "tpe", "cma-es", "fourier-surrogate", "vqc-surrogate-random", "exact-one-hot")
"""Quick methods that ask for one full training after another."""


class TestSearchTask(TaskChecks):
    task = SearchTask


class TestRandom(MethodChecks):
    method = RandomSearch


class TestParzen(MethodChecks):
    method = TreeParzen


@pytest.mark.nightly
class TestGaussianProcess(MethodChecks):
    method = GaussianProcess


class TestCmaEs(MethodChecks):
    method = CmaEs


class TestHalving(MethodChecks):
    method = SuccessiveHalving


class TestFourier(MethodChecks):
    method = FourierSurrogate


class TestVqc(MethodChecks):
    method = VqcSurrogate


class TestVqcSeparable(MethodChecks):
    method = SeparableSurrogate


class TestVqcRandom(MethodChecks):
    method = RandomCircuitSurrogate


class TestGrover(MethodChecks):
    method = GroverMinimum


class TestExhaustive(MethodChecks):
    method = Exhaustive


class TestQaoaOneHot(MethodChecks):
    method = QaoaOneHot


class TestAnnealingOneHot(MethodChecks):
    method = AnnealingOneHot


class TestExactOneHot(MethodChecks):
    method = ExactOneHot


class TestRandomOneHot(MethodChecks):
    method = RandomOneHot


def ran(name, problem, shots=200, **changes):
    method = get_method(TASK, name)
    context = Unmetered(get_backend("engine"), shots, problem.seed)
    return method.run(problem, {**method.defaults(), **changes}, context)


def bowl(function, takes=(), trainings=12, sizes=(5, 4)):
    """A live problem whose function is called with {"x": level, "y": level}."""
    choices = [Choice(name, "ordered", tuple(range(n))) for name, n in zip("xy", sizes, strict=True)]
    space = Space(tuple(choices))
    live = Live(Training("bowl", function, space, frozenset(takes)), 0)
    return SearchProblem(TASK, "train:bowl", "full", 0, live, trainings, (0, 7))


def height(settings):
    return float((settings["x"] - 3) ** 2 + (settings["y"] - 1) ** 2)


@pytest.mark.parametrize("name", EQUAL)
def test_all_begin_alike_and_train_equally_often(name):
    problem = get_task(TASK).load("builtin:digits", "xs", 3)
    tried = ran(name, problem).answer.tried
    points = [one.point for one in tried]
    assert points[: len(problem.start)] == list(problem.start)
    assert len(points) == len(set(points)) == problem.trainings


@pytest.mark.parametrize("name", [m.name for m in all_methods(TASK)])
def test_the_best_of_what_was_trained_is_answered(name):
    problem = bowl(height, trainings=6)
    solution = ran(name, problem)
    answer, losses = solution.answer, [one.loss for one in solution.answer.tried]
    assert answer.loss == height(answer.settings)
    if name == "grover-minimum":
        assert answer.loss in losses
    else:
        assert answer.loss == min(losses)
    assert solution.counters["trainings"] == len(losses) == 6
    assert sum(problem.objective.rungs[one.rung] for one in answer.tried) == pytest.approx(6)


@pytest.mark.parametrize("name", EQUAL)
def test_a_failed_training_is_lost_alone(name):
    def fragile(settings):
        if settings["x"] == 0:
            raise ValueError("no width of 0")
        return float("nan") if settings["x"] == 1 else height(settings)

    solution = ran(name, bowl(fragile, trainings=20))
    failed = [one for one in solution.answer.tried if one.loss is None]
    assert len(failed) == 8, "every point with x of 0 or 1"
    assert {one.error for one in failed} == {"ValueError: no width of 0", "the loss is nan"}
    assert solution.answer.loss == 0.0 and solution.counters["failed"] == 8


def test_a_function_that_always_fails_is_given_up():
    calls = []

    def broken(settings):
        calls.append(settings)
        raise KeyError("depth")

    with pytest.raises(QwattError) as told:
        ran("random", bowl(broken, trainings=20))
    assert len(calls) == PATIENCE
    assert "none of 8 trainings gave a loss; the last: KeyError: 'depth'" in told.value.what


def test_a_training_is_made_once_for_all_methods():
    calls = []

    def counted(settings):
        calls.append(tuple(settings.values()))
        return height(settings)

    problem = bowl(counted, trainings=20)
    for name in ("random", "fourier-surrogate", "exhaustive"):
        ran(name, problem)
    assert len(calls) == len(set(calls)) == 20


def test_seed_and_budget_are_passed_to_those_that_take_them():
    seen = []

    def train(settings, budget, seed):
        seen.append((round(budget, 3), seed))
        return height(settings) + 1 - budget

    ran("successive-halving", bowl(train, ("budget", "seed"), trainings=4))
    assert {budget for budget, _ in seen} == {0.111, 0.333, 1.0} and {seed for _, seed in seen} == {0}


@pytest.mark.parametrize("seed", range(6))
def test_halving_stops_what_is_bad(seed):
    problem = get_task(TASK).load("builtin:digits", "s", seed)
    tried = ran("successive-halving", problem).answer.tried
    losses = problem.objective.table.losses
    full = {one.point for one in tried if one.rung == 2}
    short = {one.point for one in tried} - full
    assert len(short) > len(full) > 2
    assert losses[list(full), 0].mean() < losses[list(short), 0].mean()
    spent = sum(problem.objective.rungs[one.rung] for one in tried)
    assert problem.trainings - problem.objective.rungs[0] < spent <= problem.trainings + 1e-9


@pytest.mark.parametrize("trainings", [1, 2, 20])
def test_halving_ends_and_trains_one_point_in_full(trainings):
    def train(settings, budget):
        return height(settings) + 1 - budget

    problem = bowl(train, ("budget",), trainings=trainings)
    answer = ran("successive-halving", problem).answer
    full = [one for one in answer.tried if one.rung == 2]
    assert full and answer.loss == min(one.loss for one in full)
    points = {(one.point, one.rung) for one in answer.tried}
    assert len(points) == len(answer.tried)
    assert sum(problem.objective.rungs[one.rung] for one in answer.tried) <= max(trainings, 2)


def test_joules_bound_a_search():
    problem = get_task(TASK).load("builtin:digits", "m", 0)
    table = problem.objective.table
    solution = ran("random", problem, energy_j=20.0)
    joules = [table.energy_j[one.point, one.rung, 1] for one in solution.answer.tried]
    assert [one.energy_j for one in solution.answer.tried] == pytest.approx(joules)
    assert 20.0 - 2 * max(joules) < sum(joules) <= 20.0
    assert "energy" in solution.answer.stopped


def test_a_search_ends_where_joules_buy_too_little():
    problem = get_task(TASK).load("builtin:digits", "m", 0)
    free, dear = (ran("random", problem, price=price).answer for price in (0.0, 1e3))
    assert len(free.tried) == problem.trainings and free.stopped == "all trainings are made"
    assert len(dear.tried) == WINDOW + 1 and "not worth" in dear.stopped
    cheap = ran("random", problem, price=1e-12).answer
    recent = [one.loss for one in cheap.tried]
    assert len(cheap.tried) == problem.trainings or min(recent[:-WINDOW]) == min(recent)


def test_unknown_joules_rule_no_search(monkeypatch):
    problem = bowl(height)
    unknown = Shared(Outcome(1.0), Quantity.unknown("no reader"), 0.1, "")
    monkeypatch.setattr(problem.objective, "train", lambda point, rung: unknown)
    assert ran("random", problem).answer.tried[0].energy_j is None
    for limit in ("energy_j", "price", "weight"):
        with pytest.raises(QwattError, match="unknown: no reader"):
            ran("random", problem, **{limit: 1.0})


def test_a_weight_on_joules_chooses_a_cheaper_point():
    problem = get_task(TASK).load("builtin:digits", "s", 0)
    table = problem.objective.table
    plain, thrifty = (ran("exhaustive", problem, weight=weight).answer for weight in (0.0, 1.0))
    worth = table.losses[:, -1] + table.energy_j[:, -1, 1]
    assert plain.point == table.losses[:, -1].argmin() and thrifty.point == worth.argmin()
    assert table.energy_j[thrifty.point, -1, 1] < table.energy_j[plain.point, -1, 1]


def test_regret_and_rank_are_those_of_the_table():
    task, problem = get_task(TASK), get_task(TASK).load("builtin:digits", "s", 2)
    solution = ran("random", problem)
    losses = problem.objective.table.losses[:, -1]
    found = task.score(problem, solution)
    assert found.value == problem.objective.table.held_back[solution.answer.point]
    assert found.extras["regret"] == solution.answer.loss - losses.min()
    assert losses[losses.argsort()[found.extras["rank"] - 1]] == solution.answer.loss
    best = ran("exhaustive", problem)
    extras = task.score(problem, best).extras
    order = [one.point for one in best.answer.tried]
    tops = [order.index(point) for point in losses.argsort()[:2]]
    assert (extras["regret"], extras["rank"], extras["trainings_to_top"]) == (0.0, 1, min(tops) + 1)


@pytest.mark.parametrize("name", table_names())
def test_a_shipped_table_is_whole_and_no_two_trainings_look_alike(name):
    table = load_table(name)
    shape = (table.space.size, len(table.rungs))
    assert table.losses.shape == shape == table.seconds.shape and table.energy_j.shape == (*shape, 3)
    assert table.held_back.shape == shape[:1] and (table.losses > 0).all() and table.rungs[-1] == 1
    low, value, high = table.energy_j.transpose(2, 0, 1)
    assert (low > 0).all() and (low <= value).all() and (value <= high).all()
    charged = {
        (*table.energy_j[p, r].tolist(), table.seconds[p, r])
        for p in range(shape[0])
        for r in range(shape[1])
    }
    assert len(charged) == shape[0] * shape[1], "equal charges would be taken for one"
    assert table.about and "estimated" in table.measured


@pytest.mark.parametrize("name", [m.name for m in all_methods(TASK) if m.name != "gp"])
def test_one_choice_alone_can_be_searched(name):
    space = Space((Choice("x", "ordered", tuple(range(9))),))
    live = Live(Training("line", lambda settings: float(settings["x"]), space), 0)
    problem = SearchProblem(TASK, "train:line", "full", 0, live, 4, (8, 5))
    assert ran(name, problem).answer.loss == min(one.loss for one in ran(name, problem).answer.tried)


def test_too_many_choices_for_a_circuit_are_refused():
    space = Space(tuple(Choice(f"x{i}", "ordered", (0, 1)) for i in range(15)))
    live = Live(Training("wide", lambda settings: 1.0, space), 0)
    with pytest.raises(QwattError, match="15 choices is too wide"):
        ran("vqc-surrogate", SearchProblem(TASK, "train:wide", "full", 0, live, 4, (8, 5)))


@pytest.mark.parametrize("point", [37, 90])
def test_a_training_of_the_table_is_what_its_recipe_makes(point):
    """Another processor rounds otherwise, hence the margin."""
    table = load_table("digits")
    found = digits.train(table.space.settings(point), table.rungs[0], seed=0)
    assert found["loss"] == pytest.approx(table.losses[point, 0], rel=0.01)
    assert table.space == digits.training().space


@pytest.mark.network
@pytest.mark.nightly
@pytest.mark.parametrize("point", [36, 95])
def test_a_decoder_of_the_table_is_what_its_recipe_makes(point):
    table = load_table("decoder")
    found = decoder.train(table.space.settings(point), table.rungs[0], seed=0)
    assert found["loss"] == pytest.approx(table.losses[point, 0], rel=0.01)
    assert table.space == decoder.training().space


def test_the_case_of_lighthouse_names_known_methods_and_data():
    study = load_study(Path(__file__).parents[2] / "studies" / "cases" / "lighthouse_hpo.toml")
    names = {spec.method for spec in study.trials()}
    assert names >= {"random", "tpe", "gp", "fourier-surrogate", "vqc-surrogate", "vqc-surrogate-separable"}
    assert {spec.source.removeprefix("live:") for spec in study.trials()} <= set(TRAININGS)


def test_the_export_holds_the_settings_and_every_training(tmp_path):
    task, problem = get_task(TASK), bowl(height)
    solution = ran("random", problem)
    files = task.export(problem, solution, tmp_path / "random")
    assert [file.name for file in files] == ["best.toml", "trainings.csv", "artifact.json"]
    assert tomllib.loads(files[0].read_text()) == {
        "settings": solution.answer.settings,
        "found": {"loss": solution.answer.loss},
    }
    assert len(files[1].read_text().splitlines()) == 1 + len(solution.answer.tried)
    assert json.loads(files[2].read_text())["task"] == TASK


def test_a_loss_that_was_chosen_by_is_said_to_be_that():
    task, problem = get_task(TASK), bowl(height)
    extras = task.score(problem, ran("random", problem)).extras
    assert not extras["held_back"]
    both = bowl(lambda settings: {"loss": height(settings), "held_back": 7.0})
    found = task.score(both, ran("random", both))
    assert found.extras["held_back"] and found.value == 7.0


def test_a_search_of_part_of_the_table_is_planned_and_run_alike():
    problem = replace(get_task(TASK).load("builtin:digits", "xs", 1), trainings=8)
    method = get_method(TASK, "vqc-surrogate")
    settings = {**method.defaults(), "trainings": 9, "steps": 5}
    context = Unmetered(get_backend("engine"), 200, 1)
    context.backend.bill_shots = 200
    method.run(problem, settings, context)
    planned, recorded = method.plan(problem, settings, 200).run.demand, context.backend.recorder.demand
    assert (planned.circuits, planned.shots) == (recorded.circuits, recorded.shots)
