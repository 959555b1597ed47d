"""How accelerator work grows with the model: FLOP over utilisation, relative to the scenario's."""

from __future__ import annotations

import numpy as np

from qwatt.projection.calculators.training import training_flop
from qwatt.projection.catalogued.accelerators import Accelerator, accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.catalogued.models import LanguageModel
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.spread import Span
from qwatt.projection.whatif.recorded import Number


def training_growth(scenario: Scenario, size: Number) -> Number:
    """Return the hours of the final run over the scenario's, tokens held.

    Published or stated GPU-hours grow by the same factor. Width and depth go with the cube root of the size.

    Args:
        scenario: the life.
        size: parameters over the scenario's.
    """
    given, model = scenario.training, scenario.model.shape()
    plain = training_flop(model.active, 1.0)
    beyond = _attention(model)
    flop = (size * plain + size ** (2.0 / 3.0) * beyond) / (plain + beyond)
    if given.mfu is not None and given.gpu_hours is None:
        return flop
    chip = accelerator(given.accelerator)
    return flop * _utilisation(chip, model.active, 1.0) / _utilisation(chip, model.active, size)


def small_job_growth(scenario: Scenario, chip_name: str, size: Number) -> Number:
    """Return the hours of a small job whose FLOP go with the model, over those at the scenario's size."""
    return size * small_job_price(scenario, chip_name, size)


def small_job_price(scenario: Scenario, chip_name: str, size: Number) -> Number:
    """Return the hours of a FLOP in a small job over those at the scenario's size."""
    chip, active = accelerator(chip_name), scenario.model.shape().active
    share = Span.of(constant("training", "small_job_factor"), "1").value
    return np.minimum(_utilisation(chip, active, 1.0) * share, 1.0) / np.minimum(
        _utilisation(chip, active, size) * share, 1.0
    )


def teacher_share(scenario: Scenario) -> float:
    """Return the share of a distillation's hours that the teacher's logits take; 0 where it writes text."""
    given = scenario.tuning.distil
    if given is None or given.mode != "logits":
        return 0.0
    chip = accelerator(scenario.tuning.accelerator or scenario.training.accelerator)
    small = Span.of(constant("training", "small_job_factor"), "1").value

    def hours(flop: float, active: float) -> float:
        return flop / float(np.minimum(_utilisation(chip, active, 1.0) * small, 1.0))

    active = scenario.model.shape().active
    teacher = hours(training_flop(active, given.tokens, factor="flop_forward"), active)
    return teacher / (
        teacher + hours(training_flop(given.student_params, given.tokens), given.student_params)
    )


def _utilisation(chip: Accelerator, active: float, size: Number) -> Number:
    """Return the central whole-run utilisation, as `accelerators.utilisation` has it."""
    reference = Span.of(constant("training", "reference_params"), "1").value
    slope = Span.of(constant("training", "mfu_slope"), "1").value
    ceiling = Span.of(constant("training", "mfu_ceiling"), "1").value
    return np.minimum((size * (active / reference)) ** slope * chip.mfu.value, ceiling)


def _attention(model: LanguageModel) -> float:
    """Return attention FLOP of a token beyond what the utilisation absorbs."""
    shape = model.context, model.layers, model.width
    whole = training_flop(model.active, 1.0, context=shape[0], layers=shape[1], width=shape[2])
    return whole - training_flop(model.active, 1.0)
