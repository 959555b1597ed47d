"""What would have to be true, and triggers: against closed forms, and by putting the answer back in."""

import dataclasses
import datetime

import numpy as np
import pytest

from qwatt.energy.qpu import load_qpus
from qwatt.projection.futures.improved import Better
from qwatt.projection.futures.montecarlo import DrawSettings
from qwatt.projection.scaling import find_card, rivals, scenario_sizes
from qwatt.projection.scaling.evaluate import central
from qwatt.projection.scaling.quantile import central_quantiles
from qwatt.projection.scenario.file import load_scenario
from qwatt.projection.verdicts.needs import CLASSICAL, NAMES, better_after, joint_years, needs, standing
from qwatt.projection.verdicts.triggers import FIELDS, Condition, Trigger, expires, fields_of, trigger

SCENARIO = load_scenario("llama-3.1-8b-chat")
SIZES, PUE = scenario_sizes(SCENARIO), SCENARIO.place().pue
SETTINGS = DrawSettings(draws=400)


def _standing(name, draws=120):
    card = find_card(name)
    return standing(card, SIZES, PUE, SETTINGS, rivals(card), draws)


def _factors(found, quality=1.0, alone=True, target="parity"):
    rows = [r for r in needs(found, quality) if r["alone"] is alone and r["target"] == target]
    rows = [r for r in rows if r["what"] != "host time"]
    return {row["what"]: row["factor"] for row in rows}


def test_an_annealers_joules_fall_as_time_and_watts_so_the_factors_are_the_ratio():
    """E = P t: the factor on either is joules over budget, as is that on the classical side."""
    found = _standing("quantise/annealer")
    ratio = np.quantile(found.joules(Better()) / found.budget_j, 0.5, method="inverted_cdf")
    factors = _factors(found)
    for what in ("shot time", "watts per qubit", CLASSICAL):
        assert factors[what] == pytest.approx(ratio, rel=0.01)
    assert "error rate" not in factors and "loading cost" not in factors


@pytest.mark.parametrize(
    "name", ["coreset-qaoa", "qaoa-windows", "quantise/annealer", "representative-quantum-mcmc"]
)
def test_the_answers_put_back_in_bring_parity_in_half_of_the_futures(name):
    found = _standing(name)
    keys = {what: key for key, what in NAMES.items()}
    for what, factor in _factors(found).items():
        if what != CLASSICAL and factor is not None:
            better = Better(**{keys[what]: np.full((1, 1), 1.0 / factor)})
            won = found.joules(better) <= found.budget_j * 1.02
            assert 0.45 <= won.mean() <= 0.6, what
    joint = _factors(found, alone=False)
    better = Better(**{keys[what]: np.full((1, 1), 1.0 / factor) for what, factor in joint.items()})
    assert 0.45 <= (found.joules(better) <= found.budget_j * 1.02).mean() <= 0.6


def test_loading_is_asked_only_of_those_who_load_and_free_loading_never_costs_more():
    found = _standing("dedup/grover")
    assert "loading cost" in _factors(found) and "loading cost" not in _factors(_standing("prune/qaoa"))
    free = found.joules(Better(loading=np.zeros((1, 1))))
    assert (free < found.joules(Better())).all()


def test_without_loading_a_lookup_takes_no_gates_and_keeps_its_qubits():
    card = find_card("load/qrom")
    with_loading = central(card, SIZES).demands["logical"]
    from qwatt.projection.scaling.evaluate import evaluate

    without = evaluate(card, SIZES, central_quantiles, free_loading=True).demands["logical"]
    assert without["toffoli"].item() == 0.0 and without["depth"].item() == 0.0
    assert without["qubits"] == with_loading["qubits"]


@pytest.mark.parametrize("name", ["adapt/quantum-parameterised", "quantum-student"])
def test_what_loses_by_construction_says_that_no_qpu_helps(name):
    (row,) = needs(_standing(name), 1.0)
    assert row["factor"] is None and "classical part alone" in row["why"]
    assert trigger(_standing(name, draws=0)) is None


def test_a_quality_that_is_reached_too_seldom_cannot_be_made_up_by_hardware():
    rows = [r for r in needs(_standing("quantise/annealer"), 0.1) if r["target"] != "parity"]
    assert rows and all(row["factor"] is None for row in rows)
    assert any("quality" in row["why"] for row in rows)
    easier = _factors(_standing("quantise/annealer"), 0.9, target="P = 20 %")
    assert easier["shot time"] < _factors(_standing("quantise/annealer"))["shot time"]


def test_a_host_whose_calls_take_too_much_is_asked_to_be_cheaper_by_that_factor():
    """One call of a millisecond of a core against 0.4 ms that the whole classical search takes."""
    found = _standing("independent-set-qaoa")
    (row,) = (r for r in needs(found, 1.0) if r["what"] == "host time" and r["target"] == "parity")
    expected = np.quantile(found.host_j / found.budget_j, 0.5, method="inverted_cdf")
    assert row["factor"] == pytest.approx(expected, rel=0.01) and row["factor"] > 1 and row["why"]
    assert not any(r["what"] == "host time" for r in needs(_standing("quantise/annealer"), 1.0))


def test_more_years_of_everything_are_better_in_everything():
    one, ten = better_after(1.0), better_after(10.0)
    for field in dataclasses.fields(Better):
        assert (
            getattr(ten, field.name) == pytest.approx(getattr(one, field.name) ** 10)
            and getattr(one, field.name) < 1
        )


@pytest.mark.parametrize("name", ["coreset-qaoa", "quantise/annealer", "representative-quantum-mcmc"])
def test_a_machine_that_meets_the_trigger_brings_parity(name):
    """The central machine with the trigger's times, watts and error takes what the rival takes."""
    found = _standing(name, draws=0)
    test = trigger(found)
    better = better_after(np.full((1, 1), test.years), ("time", "watts", "error"))
    assert found.joules(better).item() == pytest.approx(found.budget_j.item(), rel=0.1)
    assert all(t.field in FIELDS for t in test.tests) and str(test).count(" and ") == len(test.tests) - 1
    assert not any(test.fired_by(qpu) for qpu in load_qpus().values()), "none is there yet"


def test_a_trigger_fires_on_a_catalogued_machine_that_meets_it_and_not_on_unpublished_numbers():
    qpu = load_qpus()["dwave_adv2"]
    found = fields_of(qpu)
    assert found["clique"] == 160 and found["program_us"] == pytest.approx(22_260)
    met = Trigger("anneal", (Condition("clique", ">=", 100), Condition("kw", "<=", 12.5)), 0.0)
    assert met.fired_by(qpu) and not dataclasses.replace(met, program="circuit").fired_by(qpu)
    assert not Trigger("anneal", (Condition("error_2q", "<=", 1.0),), 0.0).fired_by(qpu)
    assert not Trigger("anneal", (Condition("clique", ">=", 161),), 0.0).fired_by(qpu)


def test_a_verdict_expires_when_its_distance_has_moved_by_one_power_of_ten():
    assert expires({2026: 5.0, 2030: 3.0}, "") == "2028-11-21"
    assert expires({2026: 5.0, 2030: 4.9}, "") == expires({2026: None, 2030: None}, "")
    soonest = expires({2026: 30.0, 2030: 2.0}, "")
    assert soonest == expires({2026: 5.0, 2030: 4.9}, "watch")
    assert datetime.date.fromisoformat(soonest) == datetime.date(2027, 5, 23)


def test_joint_years_grow_with_the_distance():
    near, far = (float(joint_years(_standing(n, draws=0))[0]) for n in ("qaoa-windows", "prune/annealer"))
    assert 0 < near < far
