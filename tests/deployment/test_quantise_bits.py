"""Bit allocations against exhaustive search, and what the decoder's forms take."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method, get_task
from qwatt.quantum.qubo import bqm_from_arrays, energy_of
from qwatt.stages.deployment.quantise.bit_budget import BitBudget, brought_back, qubo_of
from qwatt.stages.deployment.quantise.bits_integer import BitsInteger, exact_choice
from qwatt.stages.deployment.quantise.problem import Service
from qwatt.stages.deployment.quantise.qaoa_bits import QaoaBits
from qwatt.stages.deployment.quantise.realised import dearer_forms, realised
from qwatt.stages.deployment.quantise.sensitivity import measured_budget
from qwatt.stages.deployment.quantise.workbench import Workbench
from qwatt.testing import MethodChecks

TASK = "deployment/quantise"


def made(seed, layers=5):
    """Return a knapsack whose losses fall with bits, at sizes that differ."""
    rng = np.random.default_rng(seed)
    loss = (
        rng.exponential(size=(layers, 1)) * np.array([1.0, 0.25, 0.06]) * rng.uniform(0.7, 1.3, (layers, 3))
    )
    size = rng.integers(1, 5, size=(layers, 1)) * np.array([2.0, 3.0, 4.0])
    return BitBudget((2, 3, 4), loss, size, float(size[:, 1].sum()), np.ones(layers, dtype=np.int64))


def best_of_all(knapsack):
    every = (np.array(choice) for choice in product(range(3), repeat=len(knapsack)))
    return min(knapsack.total_loss(choice) for choice in every if knapsack.fits(choice))


@pytest.mark.parametrize("seed", range(6))
def test_the_integer_program_is_solved_to_its_optimum(seed):
    knapsack = made(seed)
    choice = exact_choice(knapsack)
    assert knapsack.fits(choice)
    assert knapsack.total_loss(choice) == pytest.approx(best_of_all(knapsack), rel=1e-9)


@pytest.mark.parametrize("name", ["bits-annealing", "bits-random", "qaoa-bits", "bits-integer"])
def test_every_allocation_fits_and_is_no_worse_than_uniform(name):
    method, context = get_method(TASK, name), Unmetered(get_backend("engine"), shots=200)
    for seed in range(3):
        knapsack = made(seed)
        choice = method.allocated(knapsack, method.defaults(), context)
        assert knapsack.fits(choice)
        least = best_of_all(knapsack)
        assert least - 1e-12 <= knapsack.total_loss(choice) <= knapsack.total_loss(knapsack.start)


def test_annealing_finds_the_optimum_of_small_knapsacks():
    method, context = get_method(TASK, "bits-annealing"), Unmetered(get_backend("engine"))
    found = [made(seed, layers=4) for seed in range(5)]
    for knapsack in found:
        choice = method.allocated(knapsack, method.defaults(), context)
        assert knapsack.total_loss(choice) <= 1.1 * best_of_all(knapsack)


def test_the_qubo_orders_choices_that_use_the_budget_by_their_loss_and_costs_more_without_a_level():
    knapsack = made(1, layers=4)
    model = bqm_from_arrays(*qubo_of(knapsack))
    energies, losses = [], []
    for choice in product(range(3), repeat=4):
        if knapsack.total_size(np.array(choice)) == knapsack.budget:
            bits = np.eye(3, dtype=np.int8)[list(choice)].ravel()
            energies.append(energy_of(model, bits))
            losses.append(knapsack.total_loss(np.array(choice)))
            bits[np.flatnonzero(bits)[0]] = 0
            assert energy_of(model, bits) > energies[-1]
    assert len(losses) > 1
    assert np.array(energies) - energies[0] == pytest.approx(np.array(losses) - losses[0], abs=1e-9)


def test_any_string_is_brought_back_into_the_budget():
    knapsack, rng = made(2), np.random.default_rng(0)
    for _ in range(50):
        assert knapsack.fits(brought_back(knapsack, rng.integers(2, size=15)))
    part = knapsack.of_layers(np.array([0, 2]), knapsack.start)
    assert part.total_size(part.start) == part.budget


def test_more_bits_cost_more_and_lose_less_where_it_matters():
    problem = get_task(TASK).load("held-back", "s", 0)
    bench = Workbench("tiny", "*.down_proj", problem)
    knapsack = measured_budget(bench, 3, 32, "mse").value
    assert (np.diff(knapsack.size, axis=1) > 0).all()
    assert (knapsack.loss[:, 0] > knapsack.loss[:, -1]).all()
    # stored bits of 32 x 96 weights and a scale with its zero for every 32 of them
    assert knapsack.size[0].tolist() == [32 * (96 * bits + 3 * (16 + bits)) for bits in (2, 3, 4)]


def test_the_forms_of_a_decoder_are_measured_and_dearer_ones_are_named():
    problem = get_task(TASK).load("held-back", "xs", 0)
    bench = Workbench("tiny", problem.layers, problem)
    forms = realised(bench, Service(20, 4, 1))
    whole, half, int8 = (forms[name] for name in ("float32", "bfloat16", "int8"))
    assert whole["weight_bytes"] == 4 * bench.decoder.parameters == 2 * half["weight_bytes"]
    assert int8["disk_bytes"] < whole["disk_bytes"]
    assert whole["peak_rss_bytes"] is None and "not measured at this size" in whole["memory_reason"]
    assert abs(int8["nats_per_token"] - whole["nats_per_token"]) < 0.05
    assert all(form["written_ms_per_token"] > 0 for form in forms.values())
    forms = {n: {**f, "request_j": j} for (n, f), j in zip(forms.items(), (1.0, 0.5, 1.5), strict=True)}
    assert [text[:16] for text in dearer_forms(forms)] == ["int8 takes 1.50 "]
    forms["float32"]["request_j"] = None
    assert dearer_forms(forms) == []


class TestQaoaBits(MethodChecks):
    method = QaoaBits
    tuning_trials = 1


@pytest.mark.nightly
class TestBitsInteger(MethodChecks):
    method = BitsInteger
    tuning_trials = 1
