"""Fewer bits are credited as far as their kernels were measured to save, at the batch of the service."""

import json
from pathlib import Path

import pytest

from qwatt.core.effect import EffectKind
from qwatt.projection.calculators.serving import InferenceInput, serving
from qwatt.projection.catalogued.find import tables
from qwatt.projection.effects.fewer_bits import best_of_fewer_bits, joules_over_floats
from qwatt.projection.effects.known import EffectBasis, LeverEffect
from qwatt.projection.effects.stages import stage_shares
from qwatt.projection.scaling.quantile import central_quantiles
from qwatt.projection.scenario.file import changed, load_scenario
from qwatt.projection.spread import Span

RESULT = Path(__file__).parents[2] / "benchmarks" / "results" / "gpu-h100.json"
FOUR_BITS = LeverEffect(
    EffectKind.WEIGHT_BITS, Span.given((0.26, 0.28, 0.53)), Span.given(1.0), EffectBasis.PUBLISHED, "test"
)


def setup(chip):
    return serving(
        InferenceInput(model="llama-3.1-8b", accelerator=chip, input_tokens=250, output_tokens=250)
    )


def test_the_catalogue_has_what_was_measured():
    measured = {
        (row["format"], row["batch"]): row["over_bf16"]
        for row in json.loads(RESULT.read_text(encoding="utf-8"))["lowbit"]["rows"]
    }
    table = tables("decode")["fewer_bits"]
    for name, ratios in table["ratios"].items():
        assert ratios == pytest.approx([measured[name, batch] for batch in table["batches"]], rel=5e-3)


def test_between_batches_and_beyond_them():
    assert joules_over_floats("int4", 8) == pytest.approx(0.813)
    assert 0.813 < joules_over_floats("int4", 20) < 2.71
    assert joules_over_floats("int4", 1000) == pytest.approx(2.71)
    assert joules_over_floats("bfloat16", 8) == 1.0
    assert joules_over_floats("mxfp4", 8) is None


@pytest.mark.parametrize(
    ("chip", "own", "batch", "best", "ratio"),
    [
        ("h100", "bfloat16", 64, "fp8", 0.738),
        ("a100", "bfloat16", 8, "int4", 0.813),
        ("a100", "bfloat16", 64, "bfloat16", 1.0),
        ("h100", "fp8", 64, "fp8", 1.0),
        ("h100", "fp8", 1, "fp8", 1.0),
    ],
)
def test_the_best_format_that_was_measured(chip, own, batch, best, ratio):
    found = best_of_fewer_bits(setup(chip), own, batch)
    assert (found.format, found.ratio) == (best, pytest.approx(ratio))


def test_no_measurement_is_none():
    assert best_of_fewer_bits(setup("tpu-v5p"), "bfloat16", 8) is None
    assert best_of_fewer_bits(setup("h100"), "mxfp4", 8) is None


def saved(**deployment):
    changes = {f"deployment.{name}": value for name, value in deployment.items()}
    scenario = changed(load_scenario("llama-3.1-8b-chat"), changes)
    found = stage_shares(FOUR_BITS, scenario, central_quantiles, "test")
    return float(found.shares["deployment"].mean()), found.note


def test_four_bits_save_where_they_were_measured_to():
    few, many = saved(accelerator="a100", batch=2), saved(accelerator="a100", batch=64)
    assert few[0] > 0.1 and "int4" in few[1]
    assert many[0] == pytest.approx(0.0, abs=1e-9) and "no fewer bits" in many[1]
    assert 0.1 < saved(accelerator="h100", batch=64)[0] < 0.27, "as eight-bit floats do"


def test_what_is_in_place_saves_no_more_than_was_measured():
    share, note = saved(accelerator="a100", batch=64, precision="int4")
    assert share == pytest.approx(0.0, abs=1e-9) and "2.7" in note
