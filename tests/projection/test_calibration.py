"""The catalogue's coefficients are what a refit of the published records gives."""

import numpy as np
import pytest

from qwatt.projection.calculators.decode import decode_model
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.validation.calibration import (
    fit_decode,
    fit_utilisation,
    hours_records,
    leave_one_out,
    loop_rows,
    residual_spread,
    series_rows,
)


def test_utilisation_is_the_fit():
    records = hours_records()
    fit = fit_utilisation(records)
    assert len(records) == 21
    assert constant("training", "mfu_slope")["value"] == pytest.approx(fit.slope, abs=5e-4)
    for chip in ("a100-80", "h100"):
        stored = accelerator(chip).mfu
        assert stored.value == pytest.approx(fit.level[chip], rel=1e-3)
        factor = residual_spread(records, chip) ** 1.645
        assert stored.high / stored.value == pytest.approx(factor, rel=1e-2)
        assert stored.value / stored.low == pytest.approx(factor, rel=1e-2)


def test_leave_one_out_errors_are_within_the_claim():
    errors = dict(zip(hours_records(), leave_one_out(hours_records()), strict=True))
    for chip, limit in (("a100-80", 0.25), ("h100", 0.30)):
        assert np.mean([abs(e) for record, e in errors.items() if record.chip == chip]) <= limit


@pytest.mark.parametrize("chip", ["h100", "b200"])
def test_decoding_coefficients_are_the_fit(chip):
    fit = fit_decode(series_rows("fit", chip))
    stored = decode_model(accelerator(chip)).served
    assert [stored.iteration, stored.weights, stored.cache, stored.flop] == pytest.approx(list(fit), rel=1e-5)
    assert (fit >= 0).all()


def test_coefficients_of_bare_loops_are_the_fit_and_their_errors_cover_every_point():
    fit, stored = fit_decode(loop_rows("fit")), decode_model(accelerator("h100")).loop
    assert [stored.iteration, stored.weights, stored.cache, stored.flop] == pytest.approx(list(fit), rel=1e-5)
    over = [row["j_per_token"] / float(row["features"] @ fit) for row in loop_rows()]
    assert stored.error.low < min(over) and max(over) < stored.error.high
    assert (len(loop_rows("fit")), len(loop_rows("held-out"))) == (9, 4)


def test_a_bare_loop_takes_less_for_an_iteration_than_any_server():
    decoding = decode_model(accelerator("h100"))
    assert decoding.loop.iteration < decoding.served.iteration / 2
    assert decode_model(accelerator("b200")).loop is None, "none was measured"
    scaled = decode_model(accelerator("a100"))
    assert scaled.loop.iteration / scaled.served.iteration == pytest.approx(
        decoding.loop.iteration / decoding.served.iteration
    )


def test_dense_decoding_error_is_within_the_claim():
    fit = fit_decode(series_rows("fit", "h100"))
    dense = [row for row in series_rows(None, "h100") if not row["model"].mixture]
    errors = [abs(row["features"] @ fit / row["j_per_token"] - 1) for row in dense]
    assert np.mean(errors) <= 0.08
    assert max(errors) <= 0.16
