import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.core.task import STAGES
from qwatt.core.trial import Trial, TrialSpec
from qwatt.projection.catalogued.accelerators import all_accelerators
from qwatt.projection.scaling import (
    all_cards,
    anchor,
    central,
    enhancements,
    evaluate,
    find_card,
    rivals,
    scenario_sizes,
    today,
)
from qwatt.projection.scaling.expression import compute
from qwatt.projection.scaling.quantile import one_at_a_time, random_quantiles, spread
from qwatt.projection.scenario.file import all_scenarios, changed, load_scenario
from qwatt.projection.spread import Span

SIZES = scenario_sizes(load_scenario("llama-3.1-8b-chat"))
UNPOWERED = next(name for name, chip in all_accelerators().items() if chip.training_w is None)
CARDS = list(all_cards().values())
TASKS = {
    *(
        "curation/dedup",
        "curation/select",
        "curation/cluster",
        "encoding/load",
        "encoding/tokenise",
        "architecture/search",
    ),
    *("architecture/layer", "training/optimise", "training/weights", "tuning/head", "tuning/adapt"),
    *("tuning/distil", "tuning/reinforce", "deployment/prune", "deployment/quantise", "monitoring/anomaly"),
    "monitoring/drift",
}


def test_every_task_of_every_stage_has_a_classical_card_and_an_enhancement():
    assert {card.task for card in CARDS} == TASKS
    assert {card.task for card in enhancements()} == TASKS
    assert {card.stage for card in enhancements()} == set(STAGES)
    assert all(any(c.kind == "classical" for c in CARDS if c.task == task) for task in TASKS)


@pytest.mark.parametrize("card", CARDS, ids=lambda c: c.id)
def test_a_card_explains_every_symbol_with_its_source(card):
    record = card.explain()
    known = record["formulas"].keys() | record["symbols"].keys() | record["sizes"].keys()
    assert known == card.used()
    assert all(symbol.source and symbol.meaning for symbol in card.symbols.values())
    assert record["source"] and record["valid"] and record["unit_of_work"]


@pytest.mark.parametrize("card", enhancements(), ids=lambda c: c.id)
def test_rivals_do_the_same_unit_of_work(card):
    assert {rival.unit for rival in rivals(card)} == {card.unit}
    assert all(rival.kind != "quantum" for rival in rivals(card))


@pytest.mark.parametrize("scenario", sorted(all_scenarios()))
def test_no_card_leaves_a_negative_or_nan(scenario):
    sizes, quantiles = scenario_sizes(load_scenario(scenario)), random_quantiles(50, 1)
    for card in CARDS:
        values = evaluate(card, sizes, quantiles)
        numbers = [
            values.classical_j,
            values.times,
            *(x for d in values.demands.values() for x in d.values()),
        ]
        for number in numbers:
            assert np.isfinite(number).all() and (number >= 0).all(), card.id
        if card.kind in ("classical", "control", "inspired"):
            assert (values.classical_j > 0).all(), card.id


def _one(text, **values):
    return float(compute(text, values))


def test_worked_lookup_of_the_algorithms_notes():
    """1e9 documents of 384 x 8 bit: 3.5e6 Toffoli and 1.6 million logical qubits a lookup."""
    card = find_card("curation/dedup/grover")
    sizes = SIZES | {"D_raw": Span.given(1e9 * 625)}
    steps = central(card, sizes).steps
    assert steps["lookup"].item() == pytest.approx(3.5e6, rel=0.02)
    assert steps["swap_qubits"].item() == pytest.approx(1.7e6, rel=0.05)


def test_worked_singular_value_transformation():
    """4096 x 4096, rank 64, degree 1e3, error 1e-2: 3.3e4 Toffoli a block, 2.6e9 copies, 9e16 Toffoli."""
    card = find_card("qsvt")
    own = {"rank": 64.0, "width": 4096.0, "eps": 0.01, "degree": 1000.0}
    assert _one("2 * sqrt(width ** 2 * 16)", width=4096.0) == pytest.approx(3.3e4, rel=0.01)
    formulas = {f.name: f.text for f in card.formulas}
    block = _one(formulas["block"], width=own["width"])
    copies = _one(formulas["copies"], width=own["width"], rank=own["rank"], eps=own["eps"])
    assert copies == pytest.approx(2.6e9, rel=0.02)
    assert own["degree"] * block * copies == pytest.approx(9e16, rel=0.05)


def test_worked_pruning_and_hyper_parameter_search():
    """1,056 variables, 100 layers: 5.6e7 rotations; 1e9 coherent multiply-adds: 1.3e11 Toffoli."""
    pruning = central(find_card("prune/qaoa"), SIZES)
    assert pruning.steps["n"].item() == 1056
    assert pruning.demands["logical"]["rotations"].item() == pytest.approx(5.6e7, rel=0.01)
    assert find_card("grover-minimum").symbols["mac_toffoli"].low * 1e9 == pytest.approx(1.3e11, rel=0.02)


def test_q_means_gains_a_root_of_k_on_one_term_only():
    """D15, arXiv:2308.09701: k^2/eps^2 (sqrt(k) d + log(Nd)) against k^2/eps^2 (k d + log(Nd))."""
    quantum, classical = find_card("q-means"), find_card("dequantised-kmeans")
    ops = next(f.text for f in quantum.formulas if f.name == "ops")
    twin = classical.costs["flop"].split(" + 2 *")[0]
    for k in (4.0, 100.0, 1e4):
        values = {"iterations": 1.0, "k": k, "eps": 0.1, "d": 1e9, "docs": 1e6}
        ratio = compute(twin, values) / compute(ops, values)
        assert ratio == pytest.approx(math.sqrt(k), rel=1e-3)
        many = values | {"docs": 1e12}
        assert compute(ops, many) / compute(ops, values) < 1.01, "polylogarithmic in the documents"
        assert compute(twin, many) / compute(twin, values) < 1.01


def test_quantum_transformer_scales_with_the_root_of_the_sequence():
    """D17, arXiv:2402.16714: about sqrt(N) d a layer against N^2 d + N d^2, here per token."""
    calls = next(f.text for f in find_card("quantum-transformer").formulas if f.name == "calls")
    block = find_card("attention-block").costs["flop"]
    short, long = ({"t_in": n, "t_out": 0.0, "width": 4096.0} for n in (100.0, 10_000.0))
    assert 1e4 * compute(calls, long) / (100 * compute(calls, short)) == pytest.approx(10)
    assert compute(block, long) / compute(block, short) > 1.3


def test_kernel_of_n_samples_is_charged_by_pairs():
    card = find_card("kernel-svm")
    sizes = {"samples": 100.0, "texts": 0.0, "components": 12.0, "shots": 1000.0}
    assert compute(card.demands["gate"], sizes, demand=True).circuits == 100 * 99 / 2


def test_gradients_are_charged_two_circuits_a_parameter_and_sample():
    card = find_card("optimise/parameter-shift")
    values = central(card, SIZES)
    samples = values.steps["samples"].item()
    assert values.demands["gate"]["circuits"].item() == pytest.approx(2 * 8.03e9 * samples, rel=0.01)


@given(st.sampled_from(CARDS), st.floats(1.0, 100.0))
@settings(max_examples=60, deadline=None)
def test_more_tokens_and_parameters_never_cost_less(card, factor):
    more = SIZES | {n: SIZES[n] * factor for n in ("N", "N_active", "D", "D_raw", "D_tune", "requests")}
    few, many = central(card, SIZES), central(card, more)
    assert many.classical_j.item() >= few.classical_j.item() * (1 - 1e-9)
    assert many.times.item() >= few.times.item()


@given(st.floats(1e-9, 1e9), st.floats(1.0, 100.0), st.floats(1.0, 100.0))
def test_quantiles_of_an_interval_are_its_ends(value, down, up):
    number = Span(value, value / down, value * up)
    at = spread(number, np.array([0.05, 0.5, 0.95]))
    assert at == pytest.approx([number.low, number.value, number.high], rel=1e-6)


def test_draws_do_not_depend_on_what_else_is_drawn():
    first, second = random_quantiles(10, 7), random_quantiles(10, 7)
    second("something else")
    assert (first("a") == second("a")).all()
    assert (random_quantiles(10, 8)("a") != first("a")).any()


def test_parts_make_the_same_draws_as_the_whole():
    whole, part = random_quantiles(100, 7), random_quantiles(30, 7, start=50)
    assert (whole("a")[50:80] == part("a")).all()


def test_an_accelerator_without_power_is_refused_by_name():
    with pytest.raises(QwattError) as error:
        scenario_sizes(changed(load_scenario("llama-3.1-8b-chat"), {"training.accelerator": UNPOWERED}))
    assert error.value.where == "training.accelerator" and UNPOWERED in error.value.what


def test_design_moves_one_assumption_a_row():
    u = one_at_a_time(["a", "b"])
    assert u("a")[:, 0].tolist() == [0.5, 0.05, 0.95, 0.5, 0.5]
    assert u("b")[:, 0].tolist() == [0.5, 0.5, 0.5, 0.05, 0.95]


@pytest.mark.parametrize("text", ["__import__('os')", "a.b", "[1]", "a if b else c", "1 +", "'x'", "open(a)"])
def test_formulas_are_arithmetic_only(text):
    with pytest.raises(QwattError):
        compute(text, {"a": 1.0, "b": 2.0, "c": 3.0})


def test_names_are_found_or_the_nearest_are_named():
    assert find_card("variational-svd").id == "tuning/adapt/variational-svd"
    with pytest.raises(QwattError, match="several cards"):
        find_card("annealer")
    with pytest.raises(QwattError) as error:
        find_card("variational-sdv")
    assert "variational-svd" in (error.value.mend or "")


def test_today_is_priced_on_machines_in_service():
    record = today(find_card("prune/annealer"), SIZES)
    assert record is not None and record["qpu"] == "dwave_adv2" and record["executable"]
    low, value, high = (record["energy_j"][k] for k in ("low", "value", "high"))
    assert 0 < low <= value <= high
    assert today(find_card("qsvt"), SIZES) is None, "a fault-tolerant program has no bill today"


def _trial(method, joules, shots, seed):
    spec = TrialSpec("curation/dedup", method, "shakespeare", "s", seed, "engine", 1000, 1)
    demand = {"shots": shots, "circuits": 1, "lines": []}
    energy = Quantity(joules, unit="J", basis="estimated:cpu_time", boundary="node")
    return Trial(spec, "quantum", "f1", "done", 0.9, host_energy=energy, demand=demand)


RUNGS = {
    "xs": {"passages": 40, "plays": 3, "play_chars": 3000},
    "s": {"passages": 900, "plays": 35, "play_chars": 20_000},
}
TRIAL_TOKENS = 60 * 900 + 0.25 * 35 * 20_000


def _anchored(name, sizes, joules=1.0, shots=0):
    method = find_card(name).method
    trials = [_trial(method, joules, shots, seed) for seed in range(3)]
    return anchor(find_card(name), trials, sizes, RUNGS)


def test_work_that_outlasts_the_model_does_not_run_today():
    """Swap-test k-means of a web corpus would take a machine hundreds of millions of years."""
    found = today(find_card("quantum-kmeans"), SIZES)
    assert not found["executable"] and "years" in found["why"] and found["vendors"] == []
    few = today(find_card("quantum-kmeans"), SIZES | {"D_raw": Span.given(1e5)})
    assert few["seconds"] < found["seconds"] / 1e6


def test_the_machine_that_comes_closest_is_named_where_none_runs_it():
    found = today(find_card("prune/qaoa"), SIZES)
    assert not found["executable"]
    assert "has 156" in found["why"]


def test_an_anchor_rescales_to_what_was_measured_and_says_how_far_it_reaches():
    card = find_card("curation/dedup/minhash")
    near = SIZES | {"D_raw": Span.given(100 * TRIAL_TOKENS)}
    predicted = central(card, SIZES | {"D_raw": Span.given(TRIAL_TOKENS)}).classical_j.item()
    found = _anchored("curation/dedup/minhash", near, joules=3 * predicted)
    assert found is not None and found.trials == 3 and found.size == "s" and found.applied
    assert found.factors == pytest.approx({"core_s": 3.0})
    assert found.reach["D_raw"] == pytest.approx(100)
    assert central(found.card, near).classical_j.item() == pytest.approx(
        3 * central(card, near).classical_j.item()
    )


def test_an_anchor_is_only_reported_where_the_projection_reaches_too_far():
    found = _anchored("curation/dedup/minhash", SIZES, joules=1e3)
    assert found is not None and not found.applied and found.factors["core_s"] > 0
    assert found.card == find_card("curation/dedup/minhash")


def test_cards_of_a_part_of_the_task_are_not_tied_to_trials_of_the_whole():
    assert _anchored("curation/dedup/greedy", SIZES) is None
    assert anchor(find_card("curation/dedup/minhash"), [], SIZES, RUNGS) is None


def test_the_half_oracle_is_billed_as_its_circuit_is_counted():
    """32 candidates, the 4 iterations that one marked takes, the ancilla contained."""
    from qwatt.quantum.circuits.tabulated_search import tabulated_search
    from qwatt.quantum.primitives.size import size_of

    counted = size_of(tabulated_search(5, "half"))
    gate = central(find_card("weights/grover-published"), SIZES).demands["gate"]
    for name in ("qubits", "gates_1q", "gates_2q", "depth"):
        assert gate[name].item() == getattr(counted, name)
