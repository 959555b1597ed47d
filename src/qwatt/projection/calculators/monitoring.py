"""Monitoring: a guard model on sampled requests, and the logs that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from qwatt.core.quantity import H_PER_YEAR
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Estimate, Quantities, unique
from qwatt.projection.calculators.fields import (
    AcceleratorName,
    Batch,
    Copies,
    InputTokens,
    ModelOrParams,
    RequestsPerDay,
    Share,
    Years,
)
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.site import Site, SiteInput
from qwatt.projection.calculators.work import of_energy, requests, summed
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.catalogued.models import LanguageModel
from qwatt.projection.spread import Span

FORMULA = (
    "E = q * n * E_guard(tokens in, verdict out) + n * (in + out) * log_bytes * replicas * W_TB * retention; "
    + facility.FORMULA
)
BYTES_PER_TB = 1e12


@dataclass(frozen=True, kw_only=True)
class MonitoringInput(SiteInput):
    """A served model, and what watches it."""

    requests_per_day: Annotated[RequestsPerDay, "Served requests per day."]
    input_tokens: InputTokens
    output_tokens: Annotated[InputTokens, "Output tokens of a mean request."]
    fraction: Annotated[Share, "Share that is checked, 0 to 1."]
    guard: Annotated[ModelOrParams, "Guard model: an id or its parameters."]
    accelerator: AcceleratorName
    """Where the guard model runs."""
    years: Years = 1.0
    retention_years: Years = 1.0
    batch: Batch | None = None
    always_on: Copies = 0
    """A guard shares its hardware unless this says otherwise."""


def estimate_monitoring(service: MonitoringInput) -> Estimate:
    """Estimate watching a served model: a guard model on a share of the requests, and the logs.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`. No measured share of monitoring is published.
    """
    place, guard, chip = service.place(), service.guard, accelerator(service.accelerator)
    assert isinstance(guard, LanguageModel)
    rate, days = service.requests_per_day, 365.25 * service.years
    tokens = service.input_tokens + service.output_tokens
    verdict = Span.of(constant("monitoring", "verdict_tokens"), "1")
    asked = InferenceInput.of(
        service,
        model=guard,
        input_tokens=tokens,
        output_tokens=verdict.value,
        requests_per_day=service.fraction * rate,
    )
    checked = requests(asked, service.fraction * rate * days)
    logs = _logs(tokens * rate * days, service.retention_years, place)
    return Estimate(
        name="monitoring",
        quantities=summed([checked, logs]),
        formula=FORMULA,
        symbols={
            "q": f"share of requests checked: {service.fraction:g}",
            "n": f"requests: {rate * days:.4g}",
            "E_guard": f"energy of a guard request, {guard.name} with {guard.active:.3g} active parameters",
            "verdict": f"tokens that the guard writes: {verdict.value:g}",
            "log_bytes, replicas": "bytes logged per token, and copies kept",
            "W_TB": "W per stored TB",
            "retention": f"years that a log is kept: {service.retention_years:g}",
            **place.symbols(chip),
        },
        sources=unique(
            constant("monitoring", "storage_w")["source"],
            constant("monitoring", "bytes_per_token")["source"],
            *chip.sources,
            *place.grid.sources,
        ),
        notes=("modelled throughout: no published share of monitoring was found", *guard.notes),
    )


def _logs(tokens: float, retention_years: float, place: Site) -> Quantities:
    each = Span.of(constant("monitoring", "bytes_per_token"), "byte/token")
    terabytes = each * Span.of(constant("monitoring", "replicas"), "1") * (tokens / BYTES_PER_TB)
    watts = Span.of(constant("monitoring", "storage_w"), "W/TB") * terabytes
    energy = facility.node_energies(watts * (retention_years * H_PER_YEAR * 1e-3), place.pue)
    price = Span.of(constant("monitoring", "storage_rent"), "USD/TB/a")
    return of_energy(energy, place, terabytes * price * retention_years)
