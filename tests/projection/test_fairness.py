"""The same rule for both sides: idle hours, progress, reading; each was once broken in favour of one."""

import dataclasses

import numpy as np
import pytest

from qwatt.energy.qpu import accounting
from qwatt.projection.futures.costs import best_job
from qwatt.projection.futures.drawn import interval, tables
from qwatt.projection.futures.duel import duel
from qwatt.projection.futures.machines import modalities
from qwatt.projection.futures.montecarlo import DrawSettings, drawn_world, play
from qwatt.projection.futures.progress import classes, idle_factor
from qwatt.projection.scaling import all_cards, find_card, scenario_sizes, today
from qwatt.projection.scaling.quantile import random_quantiles
from qwatt.projection.scenario.file import load_scenario

SCENARIO = load_scenario("llama-3.1-8b-chat")
SIZES, PUE = scenario_sizes(SCENARIO), SCENARIO.place().pue
SETTINGS = DrawSettings(draws=400)
QUANTILES = random_quantiles(SETTINGS.draws, 0)
WORLD = drawn_world(QUANTILES, PUE, SETTINGS)


def test_a_machine_that_idles_at_full_power_pays_one_over_its_utilisation():
    """The QPU's rule, joules over utilisation, is the common one at a share of 1."""
    busy = np.array([[0.2], [0.5], [1.0]])
    assert idle_factor(np.ones((3, 1)), busy) == pytest.approx(1.0 / busy)
    assert idle_factor(np.zeros((3, 1)), busy) == pytest.approx(1.0)


def test_idle_hours_are_charged_to_classical_rivals_too():
    card = find_card("quantise/annealer")
    battle = duel(card, SIZES, QUANTILES, WORLD)
    busy = dataclasses.replace(WORLD, classical_idle=np.ones_like(WORLD.classical_idle))
    never_idle = duel(card, SIZES, QUANTILES, busy)
    assert battle.classical_j == pytest.approx(never_idle.classical_j * WORLD.classical_idle)
    assert np.median(WORLD.classical_idle) > 1.02
    assert np.median(WORLD.utilisation) == pytest.approx(accounting("with_idle").value, rel=0.1)


@pytest.mark.parametrize("name", modalities())
def test_gate_machines_and_annealers_get_faster_by_one_law(name):
    gate, annealer = WORLD.machines[name], WORLD.annealer
    for times in (gate.shot_s, gate.layer_s, gate.cycle_s, annealer.program_s):
        assert times / times[:, :1] == pytest.approx(annealer.read_s / annealer.read_s[:, :1])


def test_some_futures_have_slower_machines_and_none_passes_the_floor():
    ratio = WORLD.annealer.read_s[:, -1] / WORLD.annealer.read_s[:, 0]
    assert 0.02 < (ratio > 1).mean() < 0.3 and np.median(ratio) < 0.5
    assert ratio.min() >= interval("growth", "least_time").low * 0.3


def test_a_short_job_takes_at_least_one_shot_however_many_copies_fit():
    demand = {"circuits": 1, "shots": 10, "qubits": 1, "gates_1q": 0, "gates_2q": 0, "depth": 1}
    gate = {"gate": {key: np.full((1, 1), float(n)) for key, n in demand.items()}}
    huge = {
        name: dataclasses.replace(one, qubits=one.qubits * 1e9, qubit_w=one.qubit_w * 0)
        for name, one in WORLD.machines.items()
    }
    job = best_job(gate, "sample", np.ones((1, 1)), 1e9, dataclasses.replace(WORLD, machines=huge))
    shots = np.array([one.shot_s + one.layer_s for one in huge.values() if one.circuits])
    assert (job.seconds >= shots.min(axis=0) * (1 - 1e-9)).all()


def test_every_task_names_a_class_of_progress_with_a_source():
    table = tables()["baseline"]["algorithms"]
    used = {card.progress for card in all_cards().values()}
    assert used <= set(classes()) and {"training", "search", "optimisation", "linear_algebra"} <= used
    assert all(table[name]["source"] for name in classes())
    assert "general" not in used
    ten_years = {name: np.median(factor[:, 10]) for name, factor in WORLD.classical.items()}
    assert ten_years["search"] > ten_years["linear_algebra"] > ten_years["training"]


def test_what_runs_today_is_read_as_in_the_futures():
    """A sampling card whose circuits survive once in some shots runs now, where means drown in noise."""
    cards = [c for c in all_cards().values() if "gate" in c.demands and c.kind == "quantum"]
    outcomes = {o.card.id: o for o in play(cards, SIZES, PUE, DrawSettings(years=(2026,), draws=200))}
    contradicted = []
    for card in cards:
        found = today(card, SIZES)
        now = bool(found and found["executable"])
        drawn = float((outcomes[card.id].first_runs == 0).mean())
        if (drawn > 0.6 and not now) or (drawn < 0.4 and now):
            contradicted.append((card.id, drawn, found["why"]))
    assert not contradicted
