"""The optimiser task: every method's conformance, what runs on which source, and what is recorded."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.core.registry import all_methods, get_method
from qwatt.core.study_file import check_study
from qwatt.energy.meter import Meter
from qwatt.protocol.execute import execute
from qwatt.quantum.engine.gates.program import GateProgram
from qwatt.stages.training.optimise.passages import bigram_loss
from qwatt.stages.training.optimise.task import OptimiseTask
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec

TASK, SOURCE, CORPUS = "training/optimise", "builtin:weather", "builtin:phrases"
ON_TEXT = {"adamw", "kfac", "muon", "shampoo", "soap", "sgd"}
ON_CIRCUITS = {m.name for m in all_methods(TASK)} - {"kfac"}


class TestOptimiseTask(TaskChecks):
    task = OptimiseTask
    source = SOURCE


def checks_of(cls: type, source: str) -> type:
    fields = {"method": cls, "source": source, "tuning_trials": 1}
    return type(f"Test{cls.__name__}", (MethodChecks,), fields)


METHODS = all_methods(TASK)
for _method in METHODS:
    if _method.name in ON_CIRCUITS:
        globals()[f"Test{_method.__name__}"] = checks_of(_method, SOURCE)
for _name in ("adamw", "kfac", "muon", "shampoo", "soap"):
    _checks = checks_of(type(get_method(TASK, _name)), CORPUS)
    globals()[f"TestDecoder{_name}"] = _checks if _name == "soap" else pytest.mark.nightly(_checks)


def ran(name, source=SOURCE, **changes):
    method = type(get_method(TASK, name))
    return run_small(method, small_spec(method, source, **changes))


def methods_of(source, methods=None):
    entry = {"task": TASK, "source": source} | ({"methods": methods} if methods else {})
    return {spec.method for spec in check_study({"tasks": [entry]}, "here").trials()}


def test_text_without_labels_trains_a_decoder_by_the_methods_that_can(tmp_path: Path):
    assert methods_of(CORPUS) == ON_TEXT
    assert methods_of(SOURCE) == ON_CIRCUITS
    plain, labelled = tmp_path / "plain.jsonl", tmp_path / "labelled.jsonl"
    plain.write_text(json.dumps({"text": "one"}) + "\n")
    labelled.write_text(json.dumps({"text": "one", "label": "a"}) + "\n")
    assert methods_of(str(plain)) == ON_TEXT
    assert methods_of(str(labelled)) == ON_CIRCUITS


def test_a_method_of_circuits_that_is_asked_for_says_what_it_misses():
    assert "parameter-shift" in methods_of(CORPUS, ["parameter-shift"])
    problem = OptimiseTask().load(CORPUS, "xs", 0)
    with pytest.raises(QwattError, match="no labels to learn"):
        get_method(TASK, "parameter-shift").run(problem, {}, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["parameter-shift", "qn-spsa", "natural-gradient", "natural-gradient-full"])
def test_no_circuit_beyond_the_budget_but_for_looking_at_held_back_sentences(name):
    trial, problem, _ = ran(name)
    looked = len(problem.validation) + len(problem.test)
    demand = Demand.from_record(trial.demand)
    last = trial.extras["curve"][-1]
    assert last["runs"] == trial.extras["runs"] == demand.circuits - looked
    assert problem.circuit.runs >= last["runs"] > 0.6 * problem.circuit.runs
    assert last["shots"] == last["runs"] * 200


def test_a_simulated_gradient_costs_three_runs_a_sentence_and_no_circuit_of_a_qpu():
    trial, problem, _ = ran("adamw")
    assert trial.extras["runs"] == 3 * problem.circuit.batch * trial.extras["steps"] <= problem.circuit.runs
    assert not Demand.from_record(trial.demand)


@pytest.mark.parametrize("gates", ["arrays", "compiled"])
def test_a_simulated_gradient_is_computed_by_the_gates_that_the_record_names(gates, monkeypatch):
    pytest.importorskip("numba")
    calls, forward = [], GateProgram.forward
    monkeypatch.setattr(GateProgram, "forward", lambda *given: [calls.append(1), forward(*given)][1])
    trial, _, solution = ran("adamw", backend=f"engine:cpu?gates={gates}")
    steps, looks = solution.answer.config["steps"], 2
    assert len(calls) == (steps + looks if gates == "compiled" else 0)
    assert trial.quality == pytest.approx(ran("adamw")[0].quality, abs=1e-4)
    assert trial.demand == Demand().to_record()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_simulated_gradient_is_not_computed_elsewhere_than_on_the_gpu_that_the_record_names():
    method = type(get_method(TASK, "adamw"))
    task, spec = OptimiseTask(), small_spec(method, SOURCE, backend="engine:cuda")
    trial, _ = execute(spec, task, method(), task.load(SOURCE, "xs", 0), Meter())
    assert (trial.status, "PyTorch finds no CUDA GPU here" in trial.error) == ("failed", True)


@pytest.mark.parametrize("name", ["parameter-shift", "adamw"])
def test_the_curve_ends_at_the_answers_exact_loss(name):
    trial, _, _ = ran(name)
    curve = trial.extras["curve"]
    assert curve[-1]["loss"] == pytest.approx(trial.extras["loss_exact"], abs=1e-6)
    assert [p["runs"] for p in curve] == sorted({p["runs"] for p in curve})
    joules = [p["energy"]["value"] for p in curve]
    assert joules == sorted(joules)


def test_what_reaching_the_target_took_is_the_first_point_below_it():
    trial, _, _ = ran("adamw", CORPUS)
    target, spent = trial.extras["target_loss"], trial.extras["to_target"]
    below = [p for p in trial.extras["curve"] if p["loss"] <= target]
    assert (spent is None) == (not below)
    assert spent is None or spent["tokens"] == below[0]["tokens"]


def test_every_optimiser_starts_from_the_same_weights_and_sees_the_same_sentences():
    first, second = (ran(name, fixed=(("rate", 1e-9),))[2].answer for name in ("adamw", "sgd"))
    assert np.allclose(first.arrays["weights"], second.arrays["weights"], atol=1e-6)
    assert first.validation.loss == pytest.approx(second.validation.loss, abs=1e-5)


def test_bigram_loss_is_that_of_counted_pairs():
    tokens = np.array([0, 1, 0, 1, 0, 2])
    alone = np.array([4, 3, 2]) / 9
    after_0 = (np.array([0, 2, 1]) + 2 * alone) / 5
    after_1 = (np.array([2, 0, 0]) + 1 * alone) / 3
    expected = -(math.log(after_0[1]) + math.log(after_1[2]) + math.log(alone[0])) / 3
    assert bigram_loss(tokens, np.array([0, 1, 2, 0]), 3) == pytest.approx(expected)


@pytest.mark.parametrize(("name", "source"), [("adamw", CORPUS), ("parameter-shift", SOURCE)])
def test_a_user_takes_away_weights_and_curve(name, source, tmp_path: Path):
    _, problem, solution = ran(name, source)
    files = OptimiseTask().export(problem, solution, tmp_path)
    assert all(file.is_file() for file in files)
    rows = (tmp_path / "curve.csv").read_text().splitlines()
    assert rows[0].startswith("steps,runs,shots,tokens,host_j,loss")
    assert len(rows) == 1 + len(solution.answer.curve.points)
    if source == CORPUS:
        from qwatt.language.decoder import load_decoder

        assert load_decoder(str(tmp_path)).parameters == problem.decoder.parameters


def test_mistakes_name_source_and_mend(tmp_path: Path):
    few = tmp_path / "few.jsonl"
    few.write_text("".join(json.dumps({"text": f"t{i}", "label": i % 2}) + "\n" for i in range(10)))
    many = tmp_path / "many.jsonl"
    many.write_text("".join(json.dumps({"text": f"t{i}", "label": i % 9}) + "\n" for i in range(90)))
    short = tmp_path / "short.txt"
    short.write_text("A short text.")
    for file, words in ((few, "too few"), (many, "9 labels"), (short, "too few to part")):
        with pytest.raises(QwattError, match=words) as found:
            OptimiseTask().load(str(file), "xs", 0)
        assert found.value.where == str(file) and found.value.mend
    with pytest.raises(QwattError, match="no such file"):
        OptimiseTask().load("nowhere", "xs", 0)
