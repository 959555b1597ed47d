"""Samplers against exhaustive search, and their bills against their plans."""

import itertools
import sys
import types

import dimod
import numpy as np
import pytest

from qwatt.core.backend import Backend
from qwatt.core.demand import AnnealLine, Demand
from qwatt.core.errors import MissingExtraError, QwattError
from qwatt.quantum.backends.engine import EngineBackend
from qwatt.quantum.qubo import bqm_from_arrays, bqm_shape, get_sampler, ordered_reads


class Till(Backend):
    """A backend that only collects bills."""

    name = "till"


def random_bqm(n, seed, vartype="BINARY"):
    rng = np.random.default_rng(seed)
    bqm = bqm_from_arrays(rng.normal(size=n), np.triu(rng.normal(size=(n, n)), 1), offset=0.7)
    return bqm.relabel_variables({i: f"v{n - i}" for i in range(n)}, inplace=False).change_vartype(
        vartype, inplace=False
    )


@pytest.mark.parametrize("vartype", ["BINARY", "SPIN"])
@pytest.mark.parametrize("name", ["exact", "annealing", "tabu", "steepest", "qaoa"])
def test_finds_the_ground_state_of_small_models(name, vartype):
    for seed in range(3):
        bqm = random_bqm(8, seed, vartype)
        truth = dimod.ExactSolver().sample(bqm).first.energy
        found = get_sampler(name).sample(bqm, 200, seed)
        assert found.first.energy == pytest.approx(truth)
        assert found.vartype is bqm.vartype
        assert set(found.variables) == set(bqm.variables)
        assert found.record.energy == pytest.approx(bqm.energies(found))


@pytest.mark.parametrize("name", ["annealing", "tabu", "steepest", "qaoa"])
def test_returns_the_reads_and_repeats_with_the_seed(name):
    bqm = random_bqm(12, 5)
    first, again, other = (get_sampler(name).sample(bqm, 7, seed) for seed in (3, 3, 4))
    assert first.record.num_occurrences.sum() == 7
    assert np.array_equal(first.record.sample, again.record.sample)
    if name == "qaoa":
        assert not np.array_equal(first.record.sample, other.record.sample)


def test_exact_returns_the_lowest_states_in_order():
    bqm = random_bqm(6, 1)
    found = get_sampler("exact").sample(bqm, 10, 0).record.energy
    everything = np.sort(dimod.ExactSolver().sample(bqm).record.energy)
    assert found == pytest.approx(everything[:10])
    assert len(get_sampler("exact").sample(bqm, 1000, 0)) == 64


def test_exact_and_qaoa_refuse_what_is_too_wide():
    wide = dimod.BinaryQuadraticModel(dict.fromkeys(range(25), 1.0), {}, "BINARY")
    for name in ("exact", "qaoa"):
        with pytest.raises(QwattError, match="24 at most"):
            get_sampler(name).sample(wide, 10, 0)


def test_annealing_and_tabu_agree_at_forty_variables():
    bqm = random_bqm(40, 9)
    lowest = {get_sampler(n).sample(bqm, 20, 0).first.energy for n in ("annealing", "tabu")}
    assert max(lowest) == pytest.approx(min(lowest))


@pytest.mark.parametrize("name", ["exact", "annealing", "tabu", "steepest", "qaoa"])
def test_an_empty_model_costs_nothing(name):
    till = EngineBackend()
    sampler = get_sampler(name, till)
    empty = dimod.BinaryQuadraticModel("BINARY")
    found = sampler.sample(empty, 3, 0)
    assert len(found) == 3
    assert till.recorder.demand == sampler.plan(bqm_shape(empty), 3) == Demand()


@pytest.mark.parametrize("name", ["exact", "annealing", "tabu", "steepest"])
def test_classical_samplers_have_no_bill(name):
    till, bqm = Till(), random_bqm(6, 0)
    sampler = get_sampler(name, till)
    sampler.sample(bqm, 5, 0)
    assert till.recorder.demand == sampler.plan(bqm_shape(bqm), 5) == Demand()


@pytest.mark.parametrize("steps", [0, 3])
def test_qaoa_is_billed_as_planned_with_its_tuning(steps):
    backend, bqm = EngineBackend(), random_bqm(6, 2)
    sampler = get_sampler("qaoa", backend, depth=4, steps=steps)
    sampler.sample(bqm, 50, 0)
    assert backend.recorder.demand == sampler.plan(bqm_shape(bqm), 50)
    assert backend.recorder.demand.circuits == 1 + 2 * steps
    assert backend.recorder.demand.shots == 50 * (1 + 2 * steps)
    assert backend.recorder.demand.gates_2q == (1 + 2 * steps) * 4 * 2 * 15


def test_qaoa_beats_random_guessing_and_improves_with_depth():
    means = {}
    for depth in (1, 10):
        sampler = get_sampler("qaoa", depth=depth)
        means[depth] = np.mean(
            [sampler.sample(random_bqm(10, s), 400, s).record.energy.mean() for s in range(4)]
        )
    guess = np.mean([dimod.ExactSolver().sample(random_bqm(10, s)).record.energy.mean() for s in range(4)])
    assert means[10] < means[1] < guess


def test_spsa_lowers_the_energy_of_a_bad_ramp():
    bqm = random_bqm(8, 3)
    start, tuned = (
        get_sampler("qaoa", depth=2, delta_gamma=0.1, delta_beta=0.1, steps=steps).sample(bqm, 500, 0)
        for steps in (0, 60)
    )
    assert tuned.record.energy.mean() < start.record.energy.mean() - 0.2


def test_qaoa_needs_a_backend_that_runs_circuits():
    with pytest.raises(QwattError, match="runs no circuits"):
        get_sampler("qaoa", Till())


def test_reads_must_be_positive_and_names_known():
    with pytest.raises(QwattError, match="at least 1 read"):
        get_sampler("exact").sample(random_bqm(3, 0), 0, 0)
    with pytest.raises(QwattError, match="annealing"):
        get_sampler("anealing")
    with pytest.raises(QwattError, match="wrong options"):
        get_sampler("annealing", reads=3)


def test_dwave_plans_without_an_account_and_names_the_extra():
    sampler, bqm = get_sampler("dwave", Till()), random_bqm(5, 0)
    assert sampler.plan(bqm_shape(bqm), 100) == Demand.of(AnnealLine(1, 100, 5, 10, "anneal"))
    with pytest.raises(MissingExtraError, match=r"pip install 'qwatt\[dwave\]'"):
        sampler.sample(bqm, 100, 0)


def fake_dwave(monkeypatch, sampler):
    module = types.ModuleType("dwave.system")
    module.DWaveSampler = lambda solver=None: sampler
    module.EmbeddingComposite = lambda child: child
    monkeypatch.setitem(sys.modules, "dwave.system", module)


def test_dwave_is_billed_as_planned(monkeypatch):
    class Chip:
        def sample(self, bqm, num_reads):
            return dimod.RandomSampler().sample(bqm, num_reads=num_reads)

    fake_dwave(monkeypatch, Chip())
    till, bqm = Till(), random_bqm(5, 0)
    sampler = get_sampler("dwave", till)
    assert len(sampler.sample(bqm, 30, 0)) == 30
    assert till.recorder.demand == sampler.plan(bqm_shape(bqm), 30)


def test_dwave_keeps_the_token_out_of_errors(monkeypatch):
    class Chip:
        def sample(self, bqm, num_reads):
            raise RuntimeError("401 for token DEV-0123456789abcdef")

    monkeypatch.setenv("DWAVE_API_TOKEN", "DEV-0123456789abcdef")
    fake_dwave(monkeypatch, Chip())
    till = Till()
    with pytest.raises(QwattError, match="DWAVE_API_TOKEN") as caught:
        get_sampler("dwave", till).sample(random_bqm(5, 0), 30, 0)
    assert "0123456789abcdef" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert till.recorder.demand == Demand()


def test_every_pair_of_bits_has_the_energy_dimod_gives():
    from qwatt.quantum.qubo import energies, energy_of

    for vartype in ("BINARY", "SPIN"):
        bqm = random_bqm(5, 7, vartype)
        rows = np.array(list(itertools.product([0, 1], repeat=5)))
        values = rows if vartype == "BINARY" else 2 * rows - 1
        truth = bqm.energies((values, list(bqm.variables)))
        assert energies(bqm) == pytest.approx(truth)
        assert energy_of(bqm, rows) == pytest.approx(truth)


@pytest.mark.parametrize("name", ["exact", "annealing", "tabu", "steepest", "qaoa"])
def test_models_as_users_of_other_tools_write_them(name):
    """A pair named in both orders is added (dimod#493); couplings without biases (dimod#650)."""
    both = dimod.BQM.from_qubo({("a", "b"): -1.0, ("b", "a"): 1.0, ("a", "a"): -1.0})
    assert get_sampler(name).sample(both, 50, 0).first.energy == -1.0
    spins = dimod.BQM.from_ising({}, {(1, 2): 1})
    assert get_sampler(name).sample(spins, 50, 0).first.energy == -1.0


def test_reads_are_in_the_order_of_the_variables_numbers():
    labels, rng = [10, 2, 0, 1, 11], np.random.default_rng(5)
    model = dimod.BinaryQuadraticModel({label: float(rng.normal()) for label in labels}, {}, 0.0, dimod.SPIN)
    found = get_sampler("annealing").sample(model, 20, 1)
    places = sorted(labels)
    by_label = [[int(sample[label]) for label in places] for sample in found.samples(sorted_by=None)]
    assert ordered_reads(found).tolist() == by_label
