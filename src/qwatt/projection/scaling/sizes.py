"""The problem sizes that a scenario gives to the cards, and what a FLOP or a core-second costs there."""

from __future__ import annotations

from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.quantity import J_PER_KWH, Quantity
from qwatt.projection.calculators.work import small_job
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.spread import Span

Size = Span
"""A size of the problem or a cost, with its interval."""

MEANINGS = {
    "N": "parameters of the model",
    "N_active": "parameters that a token touches",
    "D": "tokens of the final pre-training run",
    "D_raw": "tokens of the raw corpus",
    "layers": "blocks of the model",
    "width": "hidden size of the model",
    "requests": "requests served over the model's life",
    "checked": "requests that monitoring looks at over the model's life",
    "days": "days in service",
    "t_in": "input tokens of a mean request",
    "t_out": "output tokens of a mean request",
    "tunings": "fine-tunes over the model's life",
    "D_tune": "tokens of one fine-tune",
}
PRICES = {
    "J_flop": "facility joules per FLOP of a small job on the scenario's accelerators",
    "J_gpu_h": "facility joules of an accelerator hour",
    "J_core_s": "facility joules of a busy core-second",
    "bytes_s": "bytes per second that one accelerator reads",
}
FEWEST_TOKENS = 1e5
"""A corpus of nothing counts as this many tokens, so that ratios stay defined."""

_HEADS_WIDE = 128.0
"""Width over depth of the usual decoder; used where a model's shape is not given."""


def scenario_sizes(scenario: Scenario) -> dict[str, Span]:
    """Return every size of `MEANINGS` and every price of `PRICES` for a scenario.

    Raises:
        QwattError: the training accelerator's power is unpublished.
    """
    return _sizes(scenario) | _prices(scenario)


def _sizes(scenario: Scenario) -> dict[str, Span]:
    model, served = scenario.model.shape(), scenario.deployment
    width = model.width or (_HEADS_WIDE * model.active / 12.0) ** (1 / 3)
    raw = scenario.curation.raw_tokens
    plain: dict[str, float] = {
        "N": model.params,
        "N_active": model.active,
        "D": max(scenario.training_tokens, FEWEST_TOKENS),
        "D_raw": max(
            FEWEST_TOKENS,
            scenario.curation.passes
            * (scenario.training_tokens if raw is None or scenario.training.downloaded else raw),
        ),
        "layers": model.layers or max(1.0, width / _HEADS_WIDE),
        "width": width,
        "requests": served.requests,
        "checked": served.requests * scenario.monitoring.fraction,
        "days": 365.25 * served.years,
        "t_in": served.input_tokens,
        "t_out": served.output_tokens,
        "tunings": scenario.tuning.runs_per_year * served.years,
        "D_tune": scenario.tuning.tokens * scenario.tuning.epochs,
    }
    return {name: Span.given(value) for name, value in plain.items()}


def _prices(scenario: Scenario) -> dict[str, Span]:
    place, chip = scenario.place(), accelerator(scenario.training.accelerator)
    if chip.training_w is None:
        raise QwattError(
            f"the power of {chip.id} is unpublished",
            where="training.accelerator",
            mend="name one with a published power: qwatt list accelerators",
        )
    flop, model = 1e21, scenario.model.shape()
    costs = small_job(flop, model.active, chip, place)
    joules = Span.from_quantity(_of(costs["energy_kwh"], "facility"), "kWh") * J_PER_KWH
    hours = _of(costs, "gpu_hours").interval[1]
    return {
        "J_flop": joules * (1.0 / flop),
        "J_gpu_h": joules * (1.0 / hours),
        "J_core_s": Span.of(constant("curation", "core_w"), "W/core") * place.pue,
        "bytes_s": chip.bandwidth,
    }


def _of(group: Any, name: str) -> Quantity:
    entry = group[name]
    assert isinstance(entry, Quantity)
    return entry
