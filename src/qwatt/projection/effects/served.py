"""What a lighter model saves in service: joules by the additive model, idle hardware by the load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from qwatt.core.quantity import S_PER_H
from qwatt.projection.calculators.decode import DecodeModel, decode_model, power_share
from qwatt.projection.calculators.memory import fewest_gpus
from qwatt.projection.calculators.serving import (
    Serving,
    idle_hours,
    joules_per_token,
    provisioned_hours,
    serving,
)
from qwatt.projection.catalogued.find import constant
from qwatt.projection.life.service import service_of
from qwatt.projection.scaling.quantile import Array
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.spread import Span

_GRID = 33
"""Points between which what serving takes is interpolated."""


def saved_in_service(
    scenario: Scenario,
    left: Array,
    change: Callable[[Serving, float], Serving],
    measured: tuple[float, float] = (0.0, np.inf),
) -> tuple[Array, Array] | str:
    """Return the saved shares of energy and of paid accelerator hours, or why they are unknown.

    A copy that is always on goes on idling when its model gets lighter: its hours are paid all the same.

    Args:
        scenario: the life.
        left: what is left of something, shape (draws,).
        change: returns the set-up with so much of it left.
        measured: least and most joules per token over today's that measurements allow for.
    """
    setup = serving(service_of(scenario))
    coefficients = decode_model(setup.chip)
    if coefficients is None:
        return f"the power of {setup.chip.id} is unpublished"
    today = _joules(setup, coefficients)
    usual, (least, most) = _taken(setup, today), measured
    grid = np.linspace(float(left.min()), float(left.max()), _GRID)
    changed = [_fewest(change(setup, share), scenario) for share in grid.tolist()]
    joules = [np.clip(_joules(after, coefficients) / today, least, most) * today for after in changed]
    found = np.array([_taken(after, float(taken)) for after, taken in zip(changed, joules, strict=True)])
    energy, hours = (1.0 - np.interp(left, grid, found[:, i]) / usual[i] for i in (0, 1))
    return np.asarray(energy), np.asarray(hours)


def _fewest(setup: Serving, scenario: Scenario) -> Serving:
    """Return the set-up on the fewest accelerators that hold the model, unless their number is stated."""
    if scenario.deployment.gpus is not None:
        return setup
    gpus = fewest_gpus(setup.model, setup.chip, setup.weight_bytes.value)
    return replace(setup, gpus=gpus, reserved_h=setup.reserved_h * gpus / setup.gpus)


def usual_batch(setup: Serving) -> float:
    """Return the batch, or the usual one as far as it fits."""
    if setup.batch is not None:
        return setup.batch
    return Span.of(constant("inference", "batch"), "1").capped(max(setup.largest_batch, 1.0)).value


def _joules(setup: Serving, coefficients: DecodeModel) -> float:
    """Return accelerator joules of a request's work at central values."""
    return joules_per_token(setup, coefficients, usual_batch(setup)).value * setup.output_tokens


def _taken(setup: Serving, joules: float) -> tuple[float, float]:
    """Return joules, idle ones contained, and paid hours of a request whose work takes `joules`."""
    batch = usual_batch(setup)
    assert setup.chip.tdp is not None  # a chip without a published power has no coefficients
    watts = setup.chip.tdp.value
    busy = Span.given(joules / (watts * power_share(batch).value) / S_PER_H)
    idle_w = watts * Span.of(constant("inference", "idle_share"), "1").value
    idle_j = idle_hours(setup, busy).value * idle_w * S_PER_H
    return joules + idle_j, provisioned_hours(setup, busy).value
