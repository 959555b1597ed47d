"""What platforms charge: every offer's rule, in USD."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Quantity

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class Job:
    """What a platform counts of one line of a bill, mitigation included."""

    circuits: float
    shots: float
    gates_1q: int
    gates_2q: int
    measurements: int
    seconds: float | None
    mitigated: bool = False


@dataclass(frozen=True)
class Offer:
    """One way to buy time on a QPU. `rates` are in USD at (low, value, high) of the exchange rate."""

    id: str
    platform: str
    kind: str
    qpus: tuple[str, ...]
    rates: Mapping[str, tuple[float, float, float]]
    source: str

    def text(self) -> str:
        """Return the rates in words: "per second 1.6 USD"."""
        parts = [f"{name.replace('_', ' ')} {rate[1]:.3g} USD" for name, rate in self.rates.items()]
        return ", ".join(parts)

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form: id, platform, kind, rates in USD as {low, value, high}, source."""
        rates = {
            name: dict(zip(("low", "value", "high"), rate, strict=True)) for name, rate in self.rates.items()
        }
        words = {"id": self.id, "platform": self.platform, "kind": self.kind}
        return words | {"rates": rates, "source": self.source}

    def cost(self, jobs: Sequence[Job], corner: int) -> float | None:
        """Return what the jobs cost; None when the rule needs seconds and they are unknown.

        Args:
            jobs: the lines of the bill.
            corner: 0, 1 or 2 for the low, central or high rate.
        """
        rate = {name: triple[corner] for name, triple in self.rates.items()}
        timed = "per_second" in rate or "per_hour" in rate
        if timed and any(job.seconds is None for job in jobs):
            return None
        hours = sum(job.seconds or 0.0 for job in jobs) / SECONDS_PER_HOUR
        booked = math.ceil(hours) if self.kind == "reservation" else hours
        return (
            sum(_line_cost(rate, job) for job in jobs)
            + rate.get("per_second", 0.0) * hours * SECONDS_PER_HOUR
            + rate.get("per_hour", 0.0) * booked
        )


def _line_cost(rate: Mapping[str, float], job: Job) -> float:
    gates = rate.get("per_gate_1q", 0.0) * job.gates_1q + rate.get("per_gate_2q", 0.0) * job.gates_2q
    minimum = rate.get("minimum_per_job", 0.0)
    if job.mitigated:
        minimum = rate.get("minimum_per_job_mitigated", minimum)
    per_circuit = rate.get("per_task", 0.0) + rate.get("per_shot", 0.0) * job.shots
    per_circuit += max(minimum, gates * job.shots)
    if "per_hqc" in rate:
        per_circuit += rate["per_hqc"] * quantum_credits(
            job.shots, job.gates_1q, job.gates_2q, job.measurements
        )
    return per_circuit * job.circuits


def quantum_credits(shots: float, gates_1q: int, gates_2q: int, measurements: int) -> float:
    """Return the H-system quantum credits (HQC) of one circuit: 5 + shots (N1q + 10 N2q + 5 Nm) / 5000."""
    hqc = _numbers("hqc")
    weighted = (
        hqc["weight_1q"] * gates_1q + hqc["weight_2q"] * gates_2q + hqc["weight_measurement"] * measurements
    )
    return hqc["base"] + shots * weighted / hqc["divisor"]


@cache
def _numbers(table: str) -> dict[str, float]:
    entries = catalogue.load("qpu_prices")[table]
    return {key: entry["value"] for key, entry in entries.items() if catalogue.is_number(entry)}


@cache
def load_offers() -> tuple[Offer, ...]:
    """Return every offer of `catalogue/qpu_prices.toml`."""
    tables = catalogue.load("qpu_prices")
    euro = catalogue.quantity(tables["exchange"]["eur"]).interval
    groups = {name: group for name, group in tables["offers"].items() if isinstance(group, Mapping)}
    return tuple(
        _offer(f"{group}.{name}", {**table, **item}, euro)
        for group, table in groups.items()
        for name, item in table.items()
        if isinstance(item, Mapping)
    )


def offers_for(qpu: str) -> list[Offer]:
    """Return the offers for one QPU; an empty list when no price is public."""
    return [offer for offer in load_offers() if qpu in offer.qpus]


def _offer(name: str, table: Mapping[str, Any], euro: tuple[float, float, float]) -> Offer:
    rates = {key: _rate(entry, euro) for key, entry in table.items() if catalogue.is_number(entry)}
    for key, (low, *_) in rates.items():
        if low < 0.0:
            mend = "write what is paid, 0 or more"
            raise QwattError("a price is less than nothing", where=f"offers.{name}.{key}", mend=mend)
    numbers = [entry for entry in table.values() if catalogue.is_number(entry)]
    source = f"{numbers[0]['source']} ({numbers[0]['date']}, {numbers[0]['confidence']})"
    return Offer(name, table["platform"], table["kind"], tuple(table["qpus"]), rates, source)


def _rate(entry: Mapping[str, Any], euro: tuple[float, float, float]) -> tuple[float, float, float]:
    rate = catalogue.quantity(entry)
    factors = euro if rate.unit == "EUR" else (1.0, 1.0, 1.0)
    low, value, high = (x * f for x, f in zip(rate.interval, factors, strict=True))
    return low, value, high


def cheapest(costs: Mapping[str, Quantity]) -> Quantity:
    """Return the lowest known cost: on demand or by booked hours first, else a subscription's share.

    Args:
        costs: cost by offer id, as `offers_for` names them.
    """
    kinds = {offer.id: offer for offer in load_offers()}
    known = {name: cost for name, cost in costs.items() if cost.known}
    if not known:
        reason = "; ".join(dict.fromkeys(cost.reason or "" for cost in costs.values()))
        return Quantity.unknown(reason or "no public price", unit="USD", basis=Basis.MODELLED)
    free = {name: cost for name, cost in known.items() if kinds[name].kind != "subscription"} or known
    return min(free.values(), key=lambda cost: cost.interval[1])
