"""Serving: measured points, monotonicity, mixtures, precision, refusals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.catalogued.find import tables
from qwatt.projection.catalogued.models import all_models, language_model, own_model
from qwatt.projection.validation.calibration import loop_rows, series_rows

CHAT = {"input_tokens": 250, "output_tokens": 400}
SHAPES = st.sampled_from(["smollm2-135m", "llama-3.1-8b", "qwen3-30b-a3b", "llama-3.1-70b"])


def infer(model, chip="h100", **more):
    return estimate_inference(InferenceInput(model=model, accelerator=chip, **more))


def joules(model, chip="h100", **changes):
    return infer(model, chip, **(CHAT | changes))["j_per_output_token"]


@pytest.mark.parametrize("role", ["fit", "held-out"])
def test_dense_points_on_h100_lie_inside_the_interval(role):
    rows = [row for row in series_rows(role, "h100") if not row["model"].mixture]
    for row in rows:
        predicted = infer(
            row["model"],
            "h100",
            gpus=row["gpus"],
            batch=row["batch"],
            input_tokens=row["input"],
            output_tokens=row["output"],
        )["j_per_output_token"]
        assert predicted.low < row["j_per_token"] < predicted.high
    assert len(rows) == {"fit": 20, "held-out": 7}[role]


def test_bare_loops_lie_inside_the_interval_below_the_value():
    for row in loop_rows():
        found = infer(
            None,
            row["chip"],
            params=row["model"].params,
            kv_values=row["model"].kv_values.value,
            gpus=1,
            **{name: row[name] for name in ("batch", "input_tokens", "output_tokens")},
        )
        assert found["j_per_output_token"].low < row["j_per_token"] < found["j_per_output_token"].value
        assert any("bare loop" in note for note in found.notes)


def test_mixture_lies_inside_its_wider_interval():
    for row in series_rows("held-out", "h100"):
        if row["model"].mixture:
            predicted = joules(row["model"], gpus=1, batch=row["batch"], output_tokens=row["output"])
            assert predicted.low < row["j_per_token"] < predicted.high


def test_without_a_batch_the_range_spans_the_batches():
    span = joules("llama-3.1-8b")
    assert span.high > 4 * span.value > 4 * span.low
    for batch in (8, 32, 64, 256):
        assert span.low <= joules("llama-3.1-8b", batch=batch).value <= span.high


def test_experts_touched():
    model = language_model("qwen3-30b-a3b")
    assert model.read_params(1) == pytest.approx(model.active, rel=0.01)
    assert model.params * 0.98 < model.read_params(128) < model.params
    assert model.read_params(8) == pytest.approx(
        model.params - model.expert_params * (1 - 8 / 128) ** 8, rel=1e-12
    )


def test_precision_changes_bytes_only():
    full, half = (joules("llama-3.1-8b", batch=512, precision=p) for p in ("bfloat16", "fp8"))
    assert half.value < full.value
    assert half.value > 0.9 * full.value  # at a large batch weights hardly count: never the bit ratio
    few = [joules("llama-3.1-8b", batch=1, precision=p).value for p in ("bfloat16", "fp8")]
    assert 0.5 < few[1] / few[0] < 0.75


@given(model=SHAPES, batch=st.integers(1, 512), more=st.integers(1, 8))
def test_a_larger_batch_never_costs_more(model, batch, more):
    assert joules(model, batch=batch * more).value <= joules(model, batch=batch).value * (1 + 1e-12)


@given(
    model=SHAPES,
    tokens=st.tuples(st.floats(0, 1e5), st.floats(1, 1e5)),
    more=st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)),
    batch=st.one_of(st.none(), st.integers(1, 512)),
)
def test_more_tokens_never_cost_less(model, tokens, more, batch):
    short = infer(model, batch=batch, input_tokens=tokens[0], output_tokens=tokens[1])
    long = infer(model, batch=batch, input_tokens=tokens[0] + more[0], output_tokens=tokens[1] + more[1])
    for name in ("j_per_request", "energy_per_request.facility", "co2e_kg_per_request"):
        assert long[name].value >= short[name].value * (1 - 1e-9)


@given(
    params=st.floats(1e6, 1e12),
    active=st.floats(0.01, 1),
    chip=st.sampled_from(["a100", "h100", "h200", "b200", "mi300x", "l4", "tpu-v4", "tpu-v5p"]),
    batch=st.one_of(st.none(), st.floats(1, 65_536)),
)
def test_every_quantity_is_finite_and_inside_its_interval(params, active, chip, batch):
    estimate = infer(None, chip, params=params, active=params * active, batch=batch, **CHAT)
    for name, quantity in estimate.flat():
        if quantity.known:
            low, value, high = quantity.interval
            assert 0 < low <= value <= high < math.inf, name
        else:
            assert quantity.reason


@given(kv=st.floats(0, 1e6), active=st.floats(0.05, 1))
def test_an_own_mixture_reads_its_active_parameters_for_one_token(kv, active):
    model = own_model(1e11, active * 1e11, kv_values=kv)
    assert model.read_params(1) == pytest.approx(model.active, rel=1e-6)
    assert model.read_params(1e5) == pytest.approx(model.params, rel=1e-6)


def test_request_is_tokens_times_output():
    estimate = infer("llama-3.1-8b", batch=64, **CHAT)
    assert estimate["j_per_request"].value == pytest.approx(400 * estimate["j_per_output_token"].value)


def test_idling_adds_to_the_energy_of_the_request():
    plain = infer("llama-3.1-8b", batch=64, **CHAT)
    assert plain["energy_per_request.device"].value > plain["j_per_request"].value
    chain = plain["energy_per_request.facility"].value / plain["energy_per_request.device"].value
    idle = plain["idle_per_request"].value / chain
    assert idle == pytest.approx(plain["energy_per_request.device"].value - plain["j_per_request"].value)
    busy = infer("llama-3.1-8b", batch=64, utilisation=1.0, **CHAT)
    assert busy["idle_per_request"].interval == (0.0, 0.0, 0.0)
    assert busy["energy_per_request.device"].value == pytest.approx(busy["j_per_request"].value)
    half = infer("llama-3.1-8b", batch=64, utilisation=0.5, **CHAT)
    assert half["gpu_hours_per_request"].value == pytest.approx(2 * busy["gpu_hours_per_request"].value)
    assert half["usd_per_request"].value == pytest.approx(2 * busy["usd_per_request"].value)


def test_a_copy_that_is_always_on_is_paid_however_few_requests_come():
    few, fewer = (infer("llama-3.1-8b", batch=1, requests_per_day=n, **CHAT) for n in (100, 10))
    assert few["gpu_hours_per_request"].value == pytest.approx(24 / 100)
    assert fewer["gpu_hours_per_request"].value == pytest.approx(24 / 10)
    shared = infer("llama-3.1-8b", batch=1, requests_per_day=10, always_on=0, **CHAT)
    assert shared["energy_per_request.facility"].value < fewer["energy_per_request.facility"].value / 10


def test_the_published_idling_of_a_lightly_used_endpoint_lies_inside():
    """BLOOM's endpoint, arXiv:2211.02001: 914 kWh for 230,768 requests in 18 days on 16 A100, 75 % idle."""
    requests = 230_768
    one = infer(
        "bloom-176b",
        "a100",
        gpus=16,
        batch=1,
        requests_per_day=requests / 18,
        pue=1.0,
        input_tokens=100,
        output_tokens=50,
    )
    low, _, high = (end * requests / 3.6e6 for end in one["idle_per_request"].interval)
    assert low < 0.75 * 914 < high
    low, _, high = (end * requests / 3.6e6 for end in one["energy_per_request.facility"].interval)
    assert low < 914 < high


def test_mxfp4_is_a_format_that_is_served():
    """OCP microscaling: 4 bits and 8 shared bits for 32 values are 4.25 bits."""
    assert tables("llm")["precision_bytes"]["mxfp4"]["value"] * 8 == 4.25
    full, small = (infer("llama-3.1-8b", batch=8, precision=p, **CHAT) for p in ("bfloat16", "mxfp4"))
    assert small["j_per_output_token"].value < full["j_per_output_token"].value


def test_energy_widens_to_the_wall():
    estimate = infer("llama-3.1-70b", gpus=4, batch=64, pue=1.09, **CHAT)
    ratio = estimate["energy_per_request.facility"].value / estimate["energy_per_request.device"].value
    assert 1.6 < ratio < 2.1  # Gemini's published 1.71


def test_a_batch_beyond_memory_is_noted():
    notes = infer("llama-3.1-8b", batch=4096, input_tokens=4000, output_tokens=4000).notes
    assert any("does not fit" in note for note in notes)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("model", {"model": "llama-3.1-9b"}),
        ("model", {"params": 1e9}),
        ("model", {"model": None}),
        ("batch", {"batch": 0}),
        ("input_tokens", {"input_tokens": -1}),
        ("output_tokens", {"output_tokens": 0}),
        ("precision", {"precision": "bf16x"}),
        ("gpus", {"model": "llama-3.1-70b", "gpus": 1}),
        ("accelerator", {"accelerator": "gpu"}),
    ],
)
def test_a_refusal_names_the_field(field, changes):
    with pytest.raises(QwattError) as caught:
        estimate_inference(
            InferenceInput(**({"model": "llama-3.1-8b", "accelerator": "h100"} | CHAT | changes))
        )
    assert caught.value.where == field
    assert caught.value.mend


def test_record_has_the_contract():
    record = infer("llama-3.1-8b", batch=64, **CHAT).to_record()
    for name in ("j_per_output_token", "j_per_request"):
        assert {"value", "low", "high", "unit", "basis"} <= record[name].keys()
    assert record["j_per_output_token"]["boundary"] == "device"


def test_names_of_hubs_are_understood():
    assert language_model("meta-llama/Llama-3.1-8B-Instruct").id == "llama-3.1-8b"
    assert language_model("Llama 3.1 70B").id == "llama-3.1-70b"


def test_cached_numbers_follow_the_published_shapes():
    for name, layers, heads, size in [("llama-3.1-8b", 32, 8, 128), ("qwen3-14b", 40, 8, 128)]:
        assert all_models()[name].kv_values.value == 2 * layers * heads * size
