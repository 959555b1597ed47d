"""The smaller calculators: published anchors, monotonicity, refusals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.projection.calculators.curation import CurationInput, estimate_curation
from qwatt.projection.calculators.development import DevelopmentInput, estimate_development
from qwatt.projection.calculators.distil import DistilInput, estimate_distil
from qwatt.projection.calculators.fields import tokenizers
from qwatt.projection.calculators.monitoring import MonitoringInput, estimate_monitoring
from qwatt.projection.calculators.tokenise import TokeniseInput, estimate_tokenise
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.calculators.tuning import TuningInput, estimate_tuning
from qwatt.projection.calculators.work import COSTS, scaled, summed

WATCH = {"input_tokens": 200, "output_tokens": 300, "fraction": 0.05, "guard": 8e9}
HOUR = TrainingInput(gpu_hours=1.0, accelerator="h100")


def curate(tokens, chip="h100", **more):
    return estimate_curation(CurationInput(tokens=tokens, accelerator=chip, **more))


def tokenise(tokens, **more):
    return estimate_tokenise(TokeniseInput(tokens=tokens, **more))


def tune(params, tokens, **more):
    return estimate_tuning(TuningInput(params=params, tokens=tokens, accelerator="h100", **more))


def distil(student, teacher, tokens, **more):
    given = {"student_params": student, "teacher": teacher, "tokens": tokens, "accelerator": "h100"}
    return estimate_distil(DistilInput(**given, **more))


def watch(rate, **more):
    return estimate_monitoring(MonitoringInput(requests_per_day=rate, accelerator="h100", **(WATCH | more)))


def develop(**given):
    return estimate_development(DevelopmentInput(**given))


CALCULATORS = {
    "curation": curate,
    "curation on GPUs": lambda tokens: curate(tokens, on_gpu=True),
    "tokenise": tokenise,
    "tuning": lambda tokens: tune(8e9, tokens),
    "tuning lora": lambda tokens: tune(8e9, tokens, method="lora"),
    "tuning reinforce": lambda tokens: tune(8e9, tokens, method="reinforce"),
    "distil": lambda tokens: distil(1e9, 8e9, tokens),
    "distil synthetic": lambda tokens: distil(1e9, 8e9, tokens, mode="synthetic"),
    "monitoring": watch,
    "development": lambda tokens: develop(trials=[(1e9, tokens, 3)], accelerator="h100"),
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
    slow = tokenise(15e12, tokenizer="hf-python")
    assert slow["core_hours"].value == pytest.approx(5_900, rel=0.01)
    assert slow["energy_kwh.node"].value == pytest.approx(29, rel=0.03)
    assert tokenise(15e12, tokenizer="tiktoken")["core_hours"].value == pytest.approx(900, rel=0.15)
    run = estimate_training(TrainingInput(params=4e11, tokens=15e12, accelerator="h100"))[
        "energy_kwh.facility"
    ].value
    assert slow["energy_kwh.facility"].value < 1e-4 * run


def test_deduplication_of_redpajama():
    cpu = curate(1.2e12, classifier_params=0, pue=1.0)
    assert cpu["energy_kwh.node"].value == pytest.approx(178, rel=0.01)
    gpu = curate(1.2e12, "a100", classifier_params=0, on_gpu=True, pue=1.0)
    assert gpu["gpu_hours"].value == pytest.approx(96, rel=0.01)
    assert gpu["energy_kwh.node"].low < 77 < gpu["energy_kwh.node"].high


def test_hashes_are_a_parameter():
    few, many = (curate(1e12, classifier_params=0, hashes=n) for n in (112, 9000))
    assert many["energy_kwh.node"].value > 20 * few["energy_kwh.node"].value


def test_an_adapter_saves_a_third_of_the_energy_at_most():
    full, lora = (tune(8e9, 1e9, method=m)["energy_kwh.device"].value for m in ("full", "lora"))
    assert lora == pytest.approx(full * 2 / 3)


def test_rollouts_cost_more_than_the_updates():
    updates = tune(8e9, 1e9)["energy_kwh.device"].value
    assert tune(8e9, 1e9, method="reinforce")["energy_kwh.device"].value > 1.5 * updates


def test_logits_cost_student_and_teacher():
    flop = 6 * 1e9 * 1e10 + 2 * 8e9 * 1e10
    hours = distil(1e9, 8e9, 1e10, pue=1.0)["gpu_hours"].value
    assert flop / (989e12 * 0.2101 * 0.7) / 3600 == pytest.approx(hours, rel=0.15)


def test_development_multiple_of_olmo():
    run = TrainingInput(gpu_hours=1e6, accelerator="h100")
    final, half = estimate_training(run), develop(final=run, multiple=0.50)
    ratio = half["energy_kwh.device"].value / final["energy_kwh.device"].value
    assert ratio == pytest.approx(459 / 913, rel=0.01)
    span = develop(final=run)["energy_kwh.facility"]
    assert span.low < 0.5 * final["energy_kwh.facility"].value
    assert span.high > 5.0 * final["energy_kwh.facility"].value


def test_more_monitoring_costs_more():
    energies = [watch(1e6, fraction=f)["energy_kwh.facility"].value for f in (0, 0.1, 1)]
    assert energies[0] < energies[1] < energies[2]


def test_costs_scale_and_add():
    costs = tune(8e9, 1e9).quantities
    twice, double = summed([costs, costs]), scaled(costs, 2.0)
    for name in ("gpu_hours", "co2e_kg", "usd"):
        assert twice[name].value == pytest.approx(double[name].value)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("tokens", lambda: curate(-1)),
        ("hashes", lambda: curate(1e9, hashes=0)),
        ("tokenizer", lambda: tokenise(1e9, tokenizer="hf-rusty")),
        ("bytes_per_token", lambda: tokenise(1e9, bytes_per_token=-4)),
        ("method", lambda: tune(1e9, 1e9, method="qlora")),
        ("epochs", lambda: tune(1e9, 1e9, epochs=-1)),
        ("rollout_tokens", lambda: tune(1e9, 1e9, method="reinforce", rollout_tokens=0)),
        ("mode", lambda: distil(1e9, 8e9, 1e9, mode="logit")),
        ("fraction", lambda: watch(1e6, fraction=5)),
        ("multiple", lambda: develop(final=HOUR, multiple=-1)),
        ("development", develop),
        ("trials.tokens", lambda: develop(trials=[(1e9, -1, 1)], accelerator="h100")),
    ],
)
def test_a_refusal_names_the_field(field, call):
    with pytest.raises(QwattError) as caught:
        call()
    assert caught.value.where == field
    assert caught.value.mend


def test_a_percentage_is_told_from_a_share():
    with pytest.raises(QwattError, match="not a percentage"):
        watch(1e6, fraction=5)


def test_tokenizers_are_ordered_by_speed():
    hours = [tokenise(1e12, tokenizer=name)["core_hours"].value for name in tokenizers()]
    assert hours == sorted(hours, reverse=True)
