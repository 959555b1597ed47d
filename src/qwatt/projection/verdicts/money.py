"""Cost and benefit of an enhancement: pilot, access or ownership, staff, electricity, carbon, NPV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np

from qwatt import catalogue
from qwatt.core.quantity import H_PER_YEAR, J_PER_KWH, S_PER_H, Quantity
from qwatt.energy.qpu import accounting
from qwatt.projection.calculators.work import small_job
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.futures.break_even import weighted_quantiles
from qwatt.projection.futures.outcome import Adoption, DrawnOutcome
from qwatt.projection.futures.roadmaps import start_year
from qwatt.projection.scaling.quantile import Array, Quantiles, spread
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.spread import Span
from qwatt.projection.verdicts.better import Better

FORMULAS = (
    "NPV = -pilot + max(0, compute + carbon + better solutions - QPU - integration) / (1 + r)^(y - start)",
    "it is adopted only where it saves energy, better solutions contained",
    "compute = (joules of the best classical method - joules of the enhancement's classical part) x price",
    "QPU = hours x min(access, ((fixed + qubits x each) (1/life + maintenance) + operators) / hours used "
    "+ electricity)",
    "break-even price = (compute + carbon - integration) / QPU hours",
)


@dataclass(frozen=True)
class Prices:
    """What a scenario pays, drawn; arrays of shape (draws,).

    Args:
        usd_per_kwh: classical compute with its electricity, per facility kWh.
        carbon_usd_per_kwh: carbon price of a kWh.
        electricity_usd_per_kwh: of the QPU's own energy when it is owned.
        pilot_usd: cost of a pilot.
        integration_usd_per_year: keeping an enhancement in production; a single use costs one year of it.
        years: in service.
        discount_rate: yearly.
    """

    usd_per_kwh: Array
    carbon_usd_per_kwh: Array
    electricity_usd_per_kwh: Array
    pilot_usd: Array
    integration_usd_per_year: Array
    years: float
    discount_rate: float


@dataclass(frozen=True)
class CashFlow:
    """Money of one enhancement by draw, shape (draws,).

    Args:
        npv: net present value of starting a pilot now.
        benefit: discounted benefit alone.
        qpu_usd: what the QPU costs in the year of adoption.
        price: USD per QPU hour at which it would break even, NaN where it never wins.
        kwh: energy saved over the model's life, better solutions contained; 0 where it is not adopted.
        usd: what that is worth once the QPU is paid, before integration and the pilot are.
    """

    npv: Array
    benefit: Array
    qpu_usd: Array
    price: Array
    kwh: Array
    usd: Array


_COLUMNS = tuple(each.name for each in fields(CashFlow))


def prices(scenario: Scenario, quantiles: Quantiles, free_qpu: bool = False) -> Prices:
    """Draw what the scenario pays; what it does not give comes from the catalogue.

    A free QPU needs no access, but the staff of a pilot is paid.
    """
    place, chip = scenario.place(), accelerator(scenario.training.accelerator)
    costs = small_job(1e21, scenario.model.shape().active, chip, place)
    carbon = scenario.outlook.carbon_usd_per_t or _carbon_price()
    table = rates()
    staff = _drawn(table["pilot"]["staff_usd"], quantiles, "pilot.staff_usd")
    per_year = _drawn(table["integration"]["staff_per_year"], quantiles, "integration.staff_per_year")
    return Prices(
        usd_per_kwh=_compute_price(costs, quantiles),
        carbon_usd_per_kwh=_flat(carbon, quantiles, "carbon_usd_per_t")
        * _flat(place.grid.kg_per_kwh, quantiles, "kg_per_kwh")
        / 1000.0,
        electricity_usd_per_kwh=_flat(place.grid.usd_per_kwh, quantiles, "usd_per_kwh"),
        pilot_usd=_pilot(scenario, staff, quantiles, free_qpu),
        integration_usd_per_year=staff * per_year,
        years=scenario.deployment.years,
        discount_rate=scenario.outlook.discount_rate,
    )


def cash_flow(
    outcome: DrawnOutcome, upside: Better, paid: Prices, years: Sequence[int], quantiles: Quantiles
) -> CashFlow:
    """Return the money of an enhancement that is adopted when it pays best, if it ever pays.

    It may be adopted at its first win. Where it never wins, better solutions may still save the joules that
    it takes more and pay for the QPU: in the first year it runs, or in that of the fewest joules more. What
    saves no energy in all is not adopted.

    Args:
        outcome: its draws.
        upside: worth of better solutions over the model's life, where the quality is reached.
        paid: prices of the same draws.
        years: calendar years.
        quantiles: the draws.
    """
    uses = [outcome.first_use] if outcome.card.upside is None else [outcome.first_use, outcome.best_use]
    flows = [_adopted(outcome, use, upside, paid, years, quantiles) for use in uses]
    best = flows[0]
    for flow in flows[1:]:
        better = flow.benefit > best.benefit
        best = CashFlow(*(np.where(better, getattr(flow, n), getattr(best, n)) for n in _COLUMNS))
    return best


def _adopted(
    outcome: DrawnOutcome,
    use: Adoption,
    upside: Better,
    paid: Prices,
    years: Sequence[int],
    quantiles: Quantiles,
) -> CashFlow:
    """Return the money of an adoption in given years: the pilot's cost alone where it cannot be used."""
    past = np.asarray(years, dtype=float)[np.maximum(use.year, 0).astype(int)] - start_year()
    saved_kwh = use.saved_j * outcome.times / J_PER_KWH
    can = (use.year >= 0) & outcome.reaches & (saved_kwh + upside.kwh > 0)
    hours = use.seconds * outcome.times / S_PER_H
    qpu_kwh = use.qpu_j * outcome.times / J_PER_KWH
    watts = qpu_kwh / np.where(hours > 0, hours, 1.0) * 1e3
    qpu_usd = hours * hour_price(use.qubits, watts, past, quantiles, paid)
    saved_usd = (saved_kwh + qpu_kwh) * paid.usd_per_kwh + saved_kwh * paid.carbon_usd_per_kwh
    integration = paid.integration_usd_per_year * np.minimum(paid.years, np.maximum(outcome.times, 1.0))
    gross = np.where(can, saved_usd - qpu_usd + upside.usd, 0.0) - integration
    benefit = np.maximum(gross, 0.0) / (1.0 + paid.discount_rate) ** np.maximum(past, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        price = (saved_usd - integration) / hours
    return CashFlow(
        npv=benefit - paid.pilot_usd,
        benefit=benefit,
        qpu_usd=np.where(can, qpu_usd, 0.0),
        price=np.where((outcome.first >= 0) & (hours > 0), np.maximum(price, 0.0), np.nan),
        kwh=np.where(can, saved_kwh + upside.kwh, 0.0),
        usd=np.where(can, saved_usd - qpu_usd + upside.usd, 0.0),
    )


def hour_price(qubits: Array, watts: Array, past: Array, quantiles: Quantiles, paid: Prices) -> Array:
    """Return USD per busy QPU hour: the cheaper of access and ownership of a machine of that many qubits.

    An owner pays the electricity; access contains it.

    Args:
        qubits: physical qubits in use.
        watts: facility power over a busy hour, the idle hours' share contained.
        past: years after the start of the roadmaps.
        quantiles, paid: the draws.
    """
    table = rates()

    def number(group: str, name: str) -> Array:
        return _drawn(table[group][name], quantiles, f"{group}.{name}")

    access = number("access", "usd_per_hour") * 2.0 ** (-past / number("access", "price_halving"))
    each = number("ownership", "usd_per_qubit") * 2.0 ** (-past / number("ownership", "qubit_price_halving"))
    price = number("ownership", "fixed_usd") + each * qubits
    yearly = price * (1.0 / number("ownership", "life") + number("ownership", "maintenance"))
    yearly = yearly + number("ownership", "operators") * number("pilot", "staff_usd")
    used = H_PER_YEAR * spread(accounting("with_idle"), quantiles("future:utilisation"))[:, 0]
    electricity = watts * 1e-3 * paid.electricity_usd_per_kwh
    return np.minimum(access, yearly / used + electricity)


def summary(flow: CashFlow, paid: Prices, weights: Array) -> dict[str, Any]:
    """Return the JSON form of an enhancement's money: P10, P50 and P90 over the weighted draws."""
    priced = np.isfinite(flow.price)
    return {
        "npv_usd": _percentiles(flow.npv, weights),
        "p_pays": float(weights[flow.npv > 0].sum() / weights.sum()),
        "benefit_usd": _percentiles(flow.benefit, weights),
        "pilot_usd": _percentiles(paid.pilot_usd, weights),
        "integration_usd_per_year": _percentiles(paid.integration_usd_per_year, weights),
        "qpu_usd_if_it_wins": _percentiles(flow.qpu_usd[priced], weights[priced]),
        "break_even_usd_per_qpu_hour": _prices(flow.price[priced], weights[priced]),
        "formulas": list(FORMULAS),
    }


def _prices(prices: Array, weights: Array) -> dict[str, float | None] | None:
    """Return percentiles of the break-even price; None where no price pays, not even none at all."""
    found = _percentiles(prices, weights)
    return None if found is None else {name: price if price > 0 else None for name, price in found.items()}


@cache
def rates() -> Mapping[str, Any]:
    """Return the catalogue of enhancements' money; not to be changed."""
    return catalogue.load("enhancements")


def _percentiles(values: Array, weights: Array) -> dict[str, float] | None:
    if not len(values) or weights.sum() <= 0:
        return None
    low, middle, high = weighted_quantiles(values, [0.1, 0.5, 0.9], weights)
    return {"p10": low, "p50": middle, "p90": high}


def _pilot(scenario: Scenario, staff: Array, quantiles: Quantiles, free_qpu: bool) -> Array:
    if scenario.outlook.pilot_usd is not None:
        return _flat(scenario.outlook.pilot_usd, quantiles, "pilot_usd")
    table = rates()["pilot"]
    years = _drawn(table["staff_years"], quantiles, "pilot.staff_years")
    access = 0.0 if free_qpu else _drawn(table["access_usd"], quantiles, "pilot.access_usd")
    return np.asarray(staff * years + access)


def _compute_price(costs: Mapping[str, Any], quantiles: Quantiles) -> Array:
    """Return USD per facility kWh of classical compute: rent with electricity, or electricity alone."""
    energy, usd = costs["energy_kwh"]["facility"], costs["usd"]
    money = usd if usd.known else costs["electricity_usd"]
    ratio = Quantity(money.interval[1] / energy.interval[1], unit="USD").interval[1]
    relative = max(money.interval[2] / money.interval[1], 1.0) ** 0.5
    return _flat(Span(ratio, ratio / relative, ratio * relative), quantiles, "usd_per_compute_kwh")


def _carbon_price() -> Span:
    return Span.of(catalogue.load("energy_prices")["carbon"]["price"], "USD/tCO2e")


def _drawn(entry: Mapping[str, Any], quantiles: Quantiles, name: str) -> Array:
    return _flat(catalogue.quantity(entry), quantiles, name)


def _flat(number: Span | Quantity, quantiles: Quantiles, name: str) -> Array:
    return spread(number, quantiles(f"money:{name}"))[:, 0]
