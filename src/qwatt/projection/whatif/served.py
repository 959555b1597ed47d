"""Serving at central values, as `calculators/inference.py` counts it, for any size of model and load."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qwatt.core.quantity import J_PER_KWH, S_PER_H
from qwatt.projection.calculators.decode import DecodeModel, decode_model
from qwatt.projection.calculators.estimate import Quantities
from qwatt.projection.calculators.serving import H_PER_DAY, InferenceInput, Serving, serving
from qwatt.projection.calculators.work import requests
from qwatt.projection.catalogued.find import constant, tables
from qwatt.projection.catalogued.models import own_model
from qwatt.projection.life.service import DAYS_PER_YEAR
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.spread import Span
from qwatt.projection.whatif.recorded import Number


@dataclass(frozen=True)
class Served:
    """A service whose model and load may change.

    Args:
        given: the service as the scenario has it.
        requests: over the life.
        grows: whether its model has the what-if's size, or stays as it is.
    """

    given: InferenceInput
    requests: float
    grows: bool = True

    def costs(
        self, size: Number, load: Number, *, weights: float = 1.0, bits: float = 1.0
    ) -> tuple[Number, Number]:
        """Return facility kWh and accelerator hours over the life.

        Args:
            size: parameters over the scenario's; the cache goes along with the root.
            load: requests over the scenario's.
            weights: what is left of the weights, the cache as it is.
            bits: what is left of a weight's bytes, the arithmetic as it is.
        """
        size = size if self.grows else 1.0
        weight = size * (weights * bits * self.bytes_of_a_weight * self._setup.model.params)
        gpus = self._gpus(weight)
        batch = self._batch(size, weight, gpus)
        per_request = self._joules_per_token(size, gpus, batch, weights, bits) * self._setup.output_tokens
        tdp, place = self._setup.chip.tdp, self.given.place()
        assert tdp is not None  # a life whose energy is unknown has no what-if
        busy = per_request / (tdp.value * _power_share(batch)) / S_PER_H
        daily = self.given.requests_per_day
        reserved = self.given.always_on * H_PER_DAY / daily * gpus / load if daily else 0.0
        used = self._setup.utilisation.value
        idle = np.maximum(busy * (1.0 / used - 1.0), np.maximum(reserved - busy, 0.0))
        idle_j = idle * (tdp.value * _central("idle_share") * S_PER_H)
        kwh = (per_request + idle_j) / J_PER_KWH
        facility = place.node_factor(self._setup.chip).value * place.pue.value
        count = load * self.requests
        return kwh * facility * count, np.maximum(busy / used, reserved) * count

    @property
    def rented(self) -> bool:
        """Whether the rent of its accelerator is known."""
        place = self.given.place()
        return place.usd_per_gpu_hour is not None or self._setup.chip.rent is not None

    def quantities(self) -> Quantities:
        """Return what the calculators count for the scenario's own load and model."""
        return requests(self.given, self.requests)

    @cached_property
    def _setup(self) -> Serving:
        return serving(self.given)

    @cached_property
    def _decoding(self) -> DecodeModel:
        found = decode_model(self._setup.chip)
        assert found is not None
        return found

    @property
    def bytes_of_a_weight(self) -> float:
        """Bytes of a weight in service."""
        return self._setup.weight_bytes.value

    def _gpus(self, weight: Number) -> Number:
        """Return the accelerators of a copy: the stated ones, or the fewest that hold the weights' bytes."""
        memory = self._setup.chip.memory.value
        needed = 1.2 * weight / (memory * _central("memory_headroom"))
        fewest = 2.0 ** np.maximum(np.ceil(np.log2(needed)), 0.0)
        stated = self.given.gpus
        return fewest if stated is None else np.where(weight > stated * memory, fewest, float(stated))

    def _batch(self, size: Number, weight: Number, gpus: Number) -> Number:
        """Return the stated batch, or the usual one as far as it fits."""
        setup = self._setup
        if setup.batch is not None:
            return setup.batch
        cached = setup.cache_bytes.value * setup.context * setup.model.kv_values.value
        room = gpus * (setup.chip.memory.value * _central("memory_headroom")) - weight
        return np.minimum(_central("batch"), np.maximum(room / (cached * np.sqrt(size)), 1.0))

    def _joules_per_token(
        self, size: Number, gpus: Number, batch: Number, left: float, bits: float
    ) -> Number:
        setup, by = self._setup, self._decoding.served
        model = setup.model
        untouched = (1.0 - model.expert_share) ** batch if model.mixture else 0.0
        read = size * (left * (model.params - model.expert_params * untouched))
        weights = read * (bits * setup.weight_bytes.value * by.weights) / batch
        cache = np.sqrt(size) * (setup.cache_bytes.value * model.kv_values.value * by.cache * setup.context)
        prefill = 1.0 + setup.input_tokens / setup.output_tokens
        flop = size * (left * by.flop * 2.0 * model.active * prefill)
        error = self._decoding.error_mixture if model.mixture else by.error
        return (by.iteration * gpus / batch + weights + cache + flop) * error.value


def guard_of(scenario: Scenario) -> Served | None:
    """Return the service of the guard, as `calculators/monitoring.py` has it; None where none checks."""
    watch, served = scenario.monitoring, scenario.deployment
    if watch.fraction == 0 or served.requests == 0:
        return None
    daily = watch.fraction * served.requests / (DAYS_PER_YEAR * served.years)
    given = InferenceInput.of(
        scenario.site,
        watch,
        model=own_model(watch.guard_params),
        accelerator=watch.accelerator or served.accelerator,
        input_tokens=served.input_tokens + served.output_tokens,
        output_tokens=Span.of(constant("monitoring", "verdict_tokens"), "1").value,
        requests_per_day=daily,
    )
    return Served(given, watch.fraction * served.requests, grows=False)


def _central(name: str) -> float:
    return Span.of(constant("inference", name), "1").value


def _power_share(batch: Number) -> Number:
    """Return mean power over TDP by the catalogue's classes of batches."""
    classes = tables("decode")["power_share"]
    small, medium, large = (Span.of(classes[name], "1").value for name in ("small", "medium", "large"))
    above = np.where(np.less_equal(batch, classes["medium"]["up_to_batch"]), medium, large)
    return np.where(np.less_equal(batch, classes["small"]["up_to_batch"]), small, above)
