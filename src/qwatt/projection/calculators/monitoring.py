"""Monitoring: a guard model on sampled requests, and the logs that are kept."""

from __future__ import annotations

from qwatt.projection.calculators import chain, check
from qwatt.projection.calculators.chain import Site
from qwatt.projection.calculators.estimate import Estimate, Quantities, unique
from qwatt.projection.calculators.serving import serving
from qwatt.projection.calculators.work import of_energy, requests, summed
from qwatt.projection.catalogued.find import constant
from qwatt.projection.catalogued.models import LanguageModel, own_model
from qwatt.projection.spread import Span

FORMULA = (
    "E = q * n * E_guard(tokens in, verdict out) + n * (in + out) * log_bytes * replicas * W_TB * retention; "
    + chain.FORMULA
)
HOURS_PER_YEAR = 8766.0
BYTES_PER_TB = 1e12


def estimate_monitoring(
    requests_per_day: float,
    input_tokens: float,
    output_tokens: float,
    accelerator_name: str = "h100",
    *,
    fraction: float,
    guard: float | LanguageModel,
    years: float = 1.0,
    retention_years: float = 1.0,
    guard_batch: float | None = None,
    place: Site | None = None,
) -> Estimate:
    """Estimate watching a served model.

    Args:
        requests_per_day: served requests.
        input_tokens, output_tokens: of a mean request.
        accelerator_name: where the guard model runs.
        fraction: share of the requests that the guard checks, 0 to 1.
        guard: the guard's shape, or its parameters.
        years: years in service.
        retention_years: how long a log is kept.
        guard_batch: requests that the guard decodes together; a range when None.
        place: PUE, grid and prices.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`. No measured share of monitoring is published.

    Raises:
        QwattError: an unknown accelerator, or a number out of range.
    """
    place = place or chain.site()
    rate = check.number("requests_per_day", requests_per_day, 0, 1e14)
    days = 365.25 * check.number("years", years, 0, 100)
    share = check.share("fraction", fraction)
    shape = guard if isinstance(guard, LanguageModel) else own_model(guard, name="guard")
    tokens = check.number("input_tokens", input_tokens, 0, 1e8) + check.number(
        "output_tokens", output_tokens, 0, 1e8
    )
    verdict = Span.of(constant("monitoring", "verdict_tokens"), "1")
    setup = serving(
        shape, accelerator_name, input_tokens=tokens, output_tokens=verdict.value, batch=guard_batch
    )
    checked = requests(setup, share * rate * days, place)
    kept = check.number("retention_years", retention_years, 0, 100)
    return Estimate(
        name="monitoring",
        quantities=summed([checked, _logs(tokens * rate * days, kept, place)]),
        formula=FORMULA,
        symbols={
            "q": f"share of requests checked: {share:g}",
            "n": f"requests: {rate * days:.4g}",
            "E_guard": f"energy of a guard request, {shape.name} with {shape.active:.3g} active parameters",
            "verdict": f"tokens that the guard writes: {verdict.value:g}",
            "log_bytes, replicas": "bytes logged per token, and copies kept",
            "W_TB": "W per stored TB",
            "retention": f"years that a log is kept: {kept:g}",
            **chain.symbols(place, place.k_node or setup.chip.k_node),
        },
        sources=unique(
            constant("monitoring", "storage_w")["source"],
            constant("monitoring", "bytes_per_token")["source"],
            *setup.chip.sources,
            *place.grid.sources,
        ),
        notes=("modelled throughout: no published share of monitoring was found", *setup.model.notes),
    )


def _logs(tokens: float, retention_years: float, place: Site) -> Quantities:
    each = Span.of(constant("monitoring", "bytes_per_token"), "byte/token")
    terabytes = each * Span.of(constant("monitoring", "replicas"), "1") * (tokens / BYTES_PER_TB)
    watts = Span.of(constant("monitoring", "storage_w"), "W/TB") * terabytes
    energy = chain.node_energies(watts * (retention_years * HOURS_PER_YEAR * 1e-3), place.pue)
    price = Span.of(constant("monitoring", "storage_rent"), "USD/TB/a")
    return of_energy(energy, place, terabytes * price * retention_years)
