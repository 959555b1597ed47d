"""Models of any magnitude and seeds of any size, in every sampler: the same answer, or a clear error."""

import subprocess
import sys
import types

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.quantum.qubo import (
    SAMPLERS,
    bqm_from_arrays,
    energies,
    energy_of,
    energy_spread,
    get_sampler,
    independent_set_bqm,
    one_swap_search,
    repair_independent_set,
)
from qwatt.quantum.qubo.magnitude import LARGEST, unit_scaled
from qwatt.quantum.qubo.sampler import library_seed

LOCAL = [name for name in SAMPLERS if name != "dwave"]
INF, NAN = float("inf"), float("nan")


def model(linear, quadratic=None, offset=0.0, vartype="BINARY", dtype=np.float64):
    return dimod.BinaryQuadraticModel(linear, quadratic or {}, offset, vartype, dtype=dtype)


BAD_MODELS = {
    "infinite bias": model({"a": INF, "b": -1.0}, {"ab": 1.0}),
    "minus infinite bias": model({"a": -INF, "b": -1.0}),
    "NaN bias": model({"a": NAN, "b": -1.0}, {"ab": 1.0}),
    "infinite coupling": model({"a": -1.0, "b": -1.0}, {"ab": INF}),
    "NaN coupling": model({"a": -1.0, "b": -1.0}, {"ab": NAN}, vartype="SPIN"),
    "infinite offset": model({"a": -1.0}, offset=INF),
    "sum overflows": model({"a": -1e308, "b": -1e308}),
    "change of type overflows": model({"a": 1e307, "b": -1.0}, {"ab": 1.5e308}, vartype="SPIN"),
    "float32 overflowed": model({"a": 1e39, "b": -1.0}, dtype=np.float32),
    "integer beyond float64": model({"a": 10**400, "b": -1}, {"ab": 1}, dtype=object),
    "complex bias": model({"a": 1j, "b": -1}, {"ab": 1}, dtype=object),
    "not a model": [[1.0, 2.0], [0.0, 1.0]],
}


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("bad", BAD_MODELS)
def test_every_sampler_refuses_a_model_that_is_not_finite_or_near_overflow(name, bad):
    with pytest.raises(QwattError, match=f"sampler {name}"):
        get_sampler(name).sample(BAD_MODELS[bad], 3, 0)


def test_the_interpreter_survives_every_bad_model_in_a_process_of_its_own():
    """dwave-samplers' tabu search frees memory twice on an infinite bias, which no `except` can catch."""
    script = (
        "import dimod\nfrom qwatt.core.errors import QwattError\nfrom qwatt.quantum.qubo import get_sampler\n"
        "refused = 0\n"
        "inf, nan = float('inf'), float('nan')\n"
        "for a, ab in ((inf, 0.0), (-1.0, inf), (nan, 1.0), (-1.0, nan)):\n"
        "    model = dimod.BinaryQuadraticModel({'a': a, 'b': -1.0}, {'ab': ab}, 'BINARY')\n"
        "    for name in ('annealing', 'tabu', 'steepest'):\n"
        "        try:\n            get_sampler(name).sample(model, 3, 0)\n"
        "        except QwattError:\n            refused += 1\n"
        "print(refused)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "12\n"), done.stderr


def test_arrays_that_are_not_finite_or_overflow_when_added_are_refused():
    # The two ends of a pair overflow only when they are added up.
    with pytest.raises(QwattError, match="overflow"):
        bqm_from_arrays([-1, -1], [[0, 1e308], [1e308, 0]])
    with pytest.raises(QwattError, match="finite"):
        bqm_from_arrays([0.0], [[INF]])
    with pytest.raises(QwattError, match="offset"):
        bqm_from_arrays([0.0], [[0.0]], offset=NAN)
    with pytest.raises(QwattError, match="real numbers"):
        bqm_from_arrays(["a"], [[0.0]])
    with pytest.raises(QwattError, match="real numbers"):
        bqm_from_arrays([1j], [[0.0]])


@pytest.mark.parametrize(
    ("weights", "edges", "penalty", "why"),
    [
        ([INF, 1.0], [(0, 1)], 1.5, "finite"),
        ([NAN, 1.0], [(0, 1)], 1.5, "finite"),
        ([1e308, 1e308], [(0, 1)], 1.5, "overflow"),
        ([1.0, 1.0], [(0, 1)], INF, "overflow"),
        ([1.0, 1.0], [(0, 1)], NAN, "above 1"),
        ([[1.0, 1.0]], [], 1.5, "shape"),
        ([1.0, 1.0], [(0, 0.5)], 1.5, "whole numbers"),
        ([1.0, 1.0, 1.0], [(0, 1, 2), (1, 2, 0)], 1.5, "pairs"),
    ],
)
def test_independent_sets_refuse_what_is_not_finite_or_no_edge(weights, edges, penalty, why):
    with pytest.raises(QwattError, match=why):
        independent_set_bqm(weights, edges, penalty)


def test_searches_and_sums_refuse_what_is_not_finite_instead_of_looping():
    bad = model({0: NAN, 1: -1.0}, {(0, 1): 1.0})
    for use in (
        energies,
        energy_spread,
        lambda m: energy_of(m, [0, 1]),
        lambda m: one_swap_search(m, [0, 1]),
    ):
        with pytest.raises(QwattError, match="finite"):
            use(bad)
    with pytest.raises(QwattError, match="bits of 0 or 1"):
        one_swap_search(model({0: 1.0, 1: -1.0}), [1, -1])
    with pytest.raises(QwattError, match="bits of 0 or 1"):
        repair_independent_set([-1, 1], [1.0, 1.0], [(0, 1)])
    with pytest.raises(QwattError, match="bits of 0 or 1"):
        repair_independent_set([1], [1.0, 1.0], [(0, 1)])


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("reads", [2.5, True, 3.0, "3", None, 0, -1, NAN])
def test_reads_are_positive_whole_numbers(name, reads):
    with pytest.raises(QwattError, match="read"):
        get_sampler(name).sample(model({0: 1.0}), reads, 0)


def test_more_reads_than_memory_are_refused_at_once():
    with pytest.raises(QwattError, match="GB"):
        get_sampler("annealing").sample(model({0: 1.0, 1: 1.0}), 10**15, 0)


@pytest.mark.parametrize("options", [{"sweeps": 2.5}, {"sweeps": True}, {"sweeps": 0}, {"sweeps": -3}])
def test_sweeps_are_positive_whole_numbers(options):
    with pytest.raises(QwattError, match="sweeps"):
        get_sampler("annealing", **options)


@pytest.mark.parametrize("options", [{"restarts": -1}, {"restarts": 0.5}, {"updates": 0}, {"updates": "1"}])
def test_the_work_of_tabu_search_is_counted_in_whole_numbers(options):
    with pytest.raises(QwattError, match="sampler tabu"):
        get_sampler("tabu", **options)


SEEDS = [2**31 - 1, 2**31, 2**32, 2**63, 2**64 + 5, 10**30, -1, -(2**31), -(10**30)]


@pytest.mark.parametrize("name", LOCAL)
def test_seeds_of_any_integer_work_and_repeat(name):
    bqm = bqm_from_arrays(np.linspace(-1, 1, 6), np.ones((6, 6)))
    for seed in SEEDS:
        first, again = (get_sampler(name).sample(bqm, 3, seed) for _ in range(2))
        assert np.array_equal(first.record.sample, again.record.sample)
    assert len(get_sampler(name).sample(bqm, np.int64(3), np.uint64(2**63))) >= 1
    for seed in (1.5, True, "1", None):
        with pytest.raises(QwattError, match="seed"):
            get_sampler(name).sample(bqm, 3, seed)


@given(st.integers())
def test_a_library_seed_is_in_range_and_small_seeds_stay(seed):
    found = library_seed(seed)
    assert 0 <= found < 2**31
    assert found == library_seed(seed)
    if 0 <= seed < 2**31:
        assert found == seed


def test_large_and_negative_seeds_do_not_fall_together():
    assert len({library_seed(seed) for seed in [*range(100), *SEEDS, *range(-100, 0)]}) >= 205


@st.composite
def small_models(draw):
    n = draw(st.integers(1, 5))
    bias = st.integers(-8, 8).map(float)
    linear = {i: draw(bias) for i in range(n)}
    quadratic = {(i, j): draw(bias) for i in range(n) for j in range(i)}
    return model(linear, quadratic, draw(bias), draw(st.sampled_from(["BINARY", "SPIN"])))


def times(bqm, factor):
    found = bqm.copy()
    for variable, bias in bqm.linear.items():
        found.set_linear(variable, factor * bias)
    for pair, bias in bqm.quadratic.items():
        found.set_quadratic(*pair, factor * bias)
    found.offset = factor * bqm.offset
    return found


@settings(max_examples=30, deadline=None)
@given(small_models(), st.sampled_from([-1000, -660, -100, 1, 100, 660, 980]), st.integers(0, 3))
def test_a_power_of_two_changes_no_sample_and_scales_every_energy(bqm, power, seed):
    scaled = times(bqm, 2.0**power)
    for name in LOCAL:
        plain, found = (get_sampler(name).sample(m, 5, seed) for m in (bqm, scaled))
        assert np.array_equal(plain.record.sample, found.record.sample)
        assert np.array_equal(found.record.energy, np.ldexp(plain.record.energy, power))


@pytest.mark.parametrize("name", LOCAL)
@pytest.mark.parametrize("factor", [1e-300, 1e-200, 1e200, 1e290])
def test_the_ground_state_stays_under_any_factor(name, factor):
    rng = np.random.default_rng(5)
    for vartype in ("BINARY", "SPIN"):
        bqm = bqm_from_arrays(rng.normal(size=7), rng.normal(size=(7, 7))).change_vartype(
            vartype, inplace=False
        )
        truth = dimod.ExactSolver().sample(bqm).first
        reads = 500 if name == "quantum-mcmc" else 100  # ten chains, which begin at random
        found = get_sampler(name).sample(times(bqm, factor), reads, 1).first
        assert found.sample == truth.sample
        assert found.energy / factor == pytest.approx(truth.energy)


@settings(max_examples=30, deadline=None)
@given(small_models(), st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(LOCAL))
def test_any_bias_gives_finite_energies_or_an_error(bqm, bias, name):
    bqm.add_linear(0, bias)
    try:
        found = get_sampler(name).sample(bqm, 4, 0)
    except QwattError:
        assert not abs(bias) < LARGEST / 2
        return
    assert np.isfinite(found.record.energy).all()
    assert found.record.energy == pytest.approx(bqm.energies(found))


@pytest.mark.parametrize("name", LOCAL)
@pytest.mark.parametrize("vartype", ["BINARY", "SPIN"])
def test_a_model_without_biases_has_its_offset_everywhere(name, vartype):
    found = get_sampler(name).sample(model({0: 0.0, 1: 0.0}, {(0, 1): 0.0}, 4.0, vartype), 3, 0)
    assert set(found.record.energy) == {4.0}


@pytest.mark.parametrize("name", LOCAL)
def test_an_offset_does_not_drown_the_biases(name):
    found = get_sampler(name).sample(model({0: -1.0, 1: 1.0, 2: 0.5}, offset=1e25), 20, 0)
    assert [1, 0, 0] in found.record.sample.tolist()
    assert found.record.sample.tolist()[0] == [1, 0, 0] or name in ("qaoa", "mcmc", "quantum-mcmc")


@pytest.mark.parametrize("name", LOCAL)
@pytest.mark.parametrize("small", [1e-30, 1e-290, 1e-307, 5e-324])
def test_biases_of_very_different_size_break_nothing(name, small):
    found = get_sampler(name).sample(model({0: -1.0, 1: small}, {(0, 1): small}), 10, 0)
    assert found.first.energy == -1.0


def test_other_number_types_are_taken_as_float64():
    truth = get_sampler("exact").sample(model({0: -3.0, 1: 2.0}, {(0, 1): 1.0}), 4, 0)
    for dtype in (np.float32, object):
        found = get_sampler("exact").sample(model({0: -3, 1: 2}, {(0, 1): 1}, dtype=dtype), 4, 0)
        assert np.array_equal(found.record.energy, truth.record.energy)
    # 3e38 + 3e38 is infinite in the model's own float32.
    found = get_sampler("exact").sample(model({0: 3e38, 1: 3e38}, dtype=np.float32), 4, 0)
    assert found.record.energy.max() == pytest.approx(6e38)


@given(small_models(), st.integers(-900, 900))
def test_unit_scaling_is_exact_and_its_own_inverse(bqm, power):
    scaled = unit_scaled(times(bqm, 2.0**power))
    assert scaled == unit_scaled(bqm)
    largest = max(map(abs, [*scaled.linear.values(), *scaled.quadratic.values()]))
    assert largest == 0 or 0.5 <= largest < 1
    assert scaled.num_interactions == bqm.num_interactions


def test_the_spread_of_large_and_small_models_neither_overflows_nor_vanishes():
    bqm = bqm_from_arrays([3.0, -1.0, 2.0], np.triu(np.ones((3, 3)), 1))
    plain = energy_spread(bqm)
    assert plain == pytest.approx(energies(bqm).std())
    for factor in (1e-250, 1e250):
        assert energy_spread(times(bqm, factor)) / factor == pytest.approx(plain)


def test_an_annealer_keeps_its_columns_and_occurrences_and_gets_a_scaled_model(monkeypatch):
    seen = []

    class Chip:
        def sample(self, bqm, num_reads):
            seen.append(bqm)
            found = dimod.SampleSet.from_samples_bqm(
                ([[1, 0], [0, 0]], ["a", "b"]), bqm, num_occurrences=[2, 1], info={"timing": {"qpu_s": 1}}
            )
            return dimod.append_data_vectors(found, chain_break_fraction=[0.5, 0.0])

    module = types.ModuleType("dwave.system")
    module.DWaveSampler = lambda solver=None: None
    module.EmbeddingComposite = lambda child: Chip()
    monkeypatch.setitem(sys.modules, "dwave.system", module)
    found = get_sampler("dwave").sample(model({"a": -1e200, "b": 1e200}, offset=1.0), 3, -5)
    assert max(map(abs, seen[0].linear.values())) < 1
    assert found.record.energy.tolist() == [-1e200, 1.0]
    assert found.record.num_occurrences.tolist() == [2, 1]
    assert found.record.chain_break_fraction.tolist() == [0.5, 0.0]
    assert found.info == {"timing": {"qpu_s": 1}}
