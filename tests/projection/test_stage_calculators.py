"""The smaller calculators: published anchors, monotonicity, refusals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.projection.calculators import chain
from qwatt.projection.calculators.curation import estimate_curation
from qwatt.projection.calculators.development import estimate_development
from qwatt.projection.calculators.distil import estimate_distil
from qwatt.projection.calculators.monitoring import estimate_monitoring
from qwatt.projection.calculators.tokenise import estimate_tokenise, tokenizers
from qwatt.projection.calculators.training import estimate_training
from qwatt.projection.calculators.tuning import estimate_tuning
from qwatt.projection.calculators.work import COSTS, scaled, summed

WATCH = {"input_tokens": 200, "output_tokens": 300, "fraction": 0.05, "guard": 8e9}
CALCULATORS = {
    "curation": estimate_curation,
    "curation on GPUs": lambda tokens: estimate_curation(tokens, on_gpu=True),
    "tokenise": estimate_tokenise,
    "tuning": lambda tokens: estimate_tuning(8e9, tokens),
    "tuning lora": lambda tokens: estimate_tuning(8e9, tokens, method="lora"),
    "tuning reinforce": lambda tokens: estimate_tuning(8e9, tokens, method="reinforce"),
    "distil": lambda tokens: estimate_distil(1e9, 8e9, tokens),
    "distil synthetic": lambda tokens: estimate_distil(1e9, 8e9, tokens, mode="synthetic"),
    "monitoring": lambda rate: estimate_monitoring(rate, **WATCH),
    "development": lambda tokens: estimate_development(trials=[(1e9, tokens, 3)]),
}


@given(calculator=st.sampled_from(sorted(CALCULATORS)), amount=st.floats(0, 1e13), more=st.floats(0, 1e13))
def test_more_work_never_costs_less_and_stays_inside_its_interval(calculator, amount, more):
    few, many = CALCULATORS[calculator](amount), CALCULATORS[calculator](amount + more)
    for name, quantity in few.flat():
        if quantity.known:
            low, value, high = quantity.interval
            assert 0 <= low <= value <= high < math.inf, name
            assert many[name].value >= value * (1 - 1e-12), name


@pytest.mark.parametrize("calculator", sorted(CALCULATORS))
def test_every_calculator_speaks_the_same_costs(calculator):
    record = CALCULATORS[calculator](1e12).to_record()
    assert set(COSTS) <= record.keys()
    assert record["formula"]
    assert record["symbols"]
    assert record["sources"]
    assert record["energy_kwh"]["facility"]["value"] > 0


def test_tokenising_15_trillion_tokens():
    slow = estimate_tokenise(15e12, tokenizer="hf-python")
    assert slow["core_hours"].value == pytest.approx(5_900, rel=0.01)
    assert slow["energy_kwh.node"].value == pytest.approx(29, rel=0.03)
    assert estimate_tokenise(15e12, tokenizer="tiktoken")["core_hours"].value == pytest.approx(900, rel=0.15)
    run = estimate_training(4e11, 15e12)["energy_kwh.facility"].value
    assert slow["energy_kwh.facility"].value < 1e-4 * run


def test_deduplication_of_redpajama():
    place = chain.site(pue=1.0)
    cpu = estimate_curation(1.2e12, classifier_params=0, place=place)
    assert cpu["energy_kwh.node"].value == pytest.approx(178, rel=0.01)
    gpu = estimate_curation(1.2e12, "a100", classifier_params=0, on_gpu=True, place=place)
    assert gpu["gpu_hours"].value == pytest.approx(96, rel=0.01)
    assert gpu["energy_kwh.node"].low < 77 < gpu["energy_kwh.node"].high


def test_hashes_are_a_parameter():
    few, many = (estimate_curation(1e12, classifier_params=0, hashes=n) for n in (112, 9000))
    assert many["energy_kwh.node"].value > 20 * few["energy_kwh.node"].value


def test_an_adapter_saves_a_third_of_the_energy_at_most():
    full, lora = (estimate_tuning(8e9, 1e9, method=m)["energy_kwh.device"].value for m in ("full", "lora"))
    assert lora == pytest.approx(full * 2 / 3)


def test_rollouts_cost_more_than_the_updates():
    updates = estimate_tuning(8e9, 1e9)["energy_kwh.device"].value
    assert estimate_tuning(8e9, 1e9, method="reinforce")["energy_kwh.device"].value > 1.5 * updates


def test_logits_cost_student_and_teacher():
    place = chain.site(pue=1.0)
    flop = 6 * 1e9 * 1e10 + 2 * 8e9 * 1e10
    hours = estimate_distil(1e9, 8e9, 1e10, place=place)["gpu_hours"].value
    assert flop / (989e12 * 0.2101 * 0.7) / 3600 == pytest.approx(hours, rel=0.15)


def test_development_multiple_of_olmo():
    final = estimate_training(gpu_hours=1e6)
    half = estimate_development(final, multiple=0.50)
    ratio = half["energy_kwh.device"].value / final["energy_kwh.device"].value
    assert ratio == pytest.approx(459 / 913, rel=0.01)
    span = estimate_development(final)["energy_kwh.facility"]
    assert span.low < 0.5 * final["energy_kwh.facility"].value
    assert span.high > 5.0 * final["energy_kwh.facility"].value


def test_more_monitoring_costs_more():
    energies = [
        estimate_monitoring(1e6, **(WATCH | {"fraction": f}))["energy_kwh.facility"].value
        for f in (0, 0.1, 1)
    ]
    assert energies[0] < energies[1] < energies[2]


def test_costs_scale_and_add():
    costs = estimate_tuning(8e9, 1e9).quantities
    twice, double = summed([costs, costs]), scaled(costs, 2.0)
    for name in ("gpu_hours", "co2e_kg", "usd"):
        assert twice[name].value == pytest.approx(double[name].value)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("tokens", lambda: estimate_curation(-1)),
        ("hashes", lambda: estimate_curation(1e9, hashes=0)),
        ("tokenizer", lambda: estimate_tokenise(1e9, tokenizer="hf-rusty")),
        ("bytes_per_token", lambda: estimate_tokenise(1e9, bytes_per_token=-4)),
        ("method", lambda: estimate_tuning(1e9, 1e9, method="qlora")),
        ("epochs", lambda: estimate_tuning(1e9, 1e9, epochs=-1)),
        ("output_tokens", lambda: estimate_tuning(1e9, 1e9, method="reinforce", rollout_tokens=0)),
        ("mode", lambda: estimate_distil(1e9, 8e9, 1e9, mode="logit")),
        ("fraction", lambda: estimate_monitoring(1e6, **(WATCH | {"fraction": 5}))),
        ("multiple", lambda: estimate_development(estimate_training(gpu_hours=1), multiple=-1)),
        ("development", estimate_development),
        ("trials.tokens", lambda: estimate_development(trials=[(1e9, -1, 1)])),
    ],
)
def test_a_refusal_names_the_field(field, call):
    with pytest.raises(QwattError) as caught:
        call()
    assert caught.value.where == field
    assert caught.value.mend


def test_a_percentage_is_told_from_a_share():
    with pytest.raises(QwattError, match="not a percentage"):
        estimate_monitoring(1e6, **(WATCH | {"fraction": 5}))


def test_tokenizers_are_ordered_by_speed():
    hours = [estimate_tokenise(1e12, tokenizer=name)["core_hours"].value for name in tokenizers()]
    assert hours == sorted(hours, reverse=True)
