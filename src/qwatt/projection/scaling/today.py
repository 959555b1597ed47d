"""What an enhancement's bill would cost on the machines of today, at its central sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from qwatt.core.demand import AnnealLine, CircuitLine, Demand
from qwatt.energy.qpu import Qpu, QpuCost, get_qpu, load_qpus, price
from qwatt.projection.catalogued.find import tables
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.evaluate import central
from qwatt.projection.spread import Span
from qwatt.quantum.primitives.bill import whole

SECONDS_PER_DAY, DAYS_PER_YEAR = 86_400.0, 365.25
MITIGATION = {"mean": "pec", "sample": "sample"}
"""How a card's circuits are read today: by the rule of the years ahead, see `use` in roadmaps.toml."""


def today(card: Card, sizes: Mapping[str, Span]) -> dict[str, Any] | None:
    """Return the cheapest QPU in service that can run all units of work, else the one that comes closest.

    Means are mitigated by error cancellation, and samples repeated until as many are good, as in the futures.
    A machine that could run a unit but not, with a fleet of its kind, all of them within the model's life,
    cannot run it; the fleet is that of the futures.

    Args:
        card: an enhancement.
        sizes: as `scenario_sizes` gives them.

    Returns:
        {qpu, vendors, energy_j, seconds, usd, fidelity, executable, why, claimed}, with the vendors of every
        machine in service that can run it; None where the card has neither
        circuits nor anneals, or where no machine's time is published.
    """
    demand = bill(card, sizes)
    if not demand:
        return None
    program = "circuit" if demand.circuit_lines else "anneal"
    machines = [qpu for qpu in load_qpus().values() if (qpu.service, qpu.program) == ("cloud", program)]
    costs = [cost for qpu in machines if (cost := _cost(demand, qpu, MITIGATION[card.read])).energy_j.known]
    if not costs:
        return None
    times = central(card, sizes).times.item()
    why = {cost.qpu: cost.why or _too_long(cost, times, sizes["days"].value) for cost in costs}
    best = min(costs, key=lambda cost: _rank(cost, why[cost.qpu], demand))
    vendors = {get_qpu(cost.qpu).vendor for cost in costs if not why[cost.qpu]}
    reason = why[best.qpu]
    found = {"qpu": best.qpu, "vendors": sorted(vendors)} | best.to_record()
    return found | {"executable": not reason, "why": reason}


def _cost(demand: Demand, qpu: Qpu, mitigation: str) -> QpuCost:
    """Return the price with mitigation; where that is beyond counting, the bare one, which cannot run."""
    cost = price(demand, qpu, mitigation=mitigation)
    return cost if cost.energy_j.known else replace(price(demand, qpu), executable=False, why=cost.why)


def _too_long(cost: QpuCost, times: float, days: float) -> str:
    """Return why all units of work cannot be done within the model's life, or an empty text."""
    fleet = _fleet()
    needed = cost.seconds.interval[1] * times / SECONDS_PER_DAY
    if needed <= days * fleet:
        return ""
    years = needed / DAYS_PER_YEAR
    limit = days * fleet / DAYS_PER_YEAR
    return f"it would keep {cost.qpu} busy for {years:.2g} years; {fleet:g} machines have {limit:.3g}"


@cache
def _fleet() -> float:
    return float(tables("roadmaps")["use"]["fleet"]["value"])


def _rank(cost: QpuCost, why: str, demand: Demand) -> tuple[float, ...]:
    """Return the order of machines: those that run it by joules, then the faster, then the more able."""
    if not why:
        return 0.0, _joules(cost)
    if cost.executable:
        return 1.0, cost.seconds.interval[1]
    lacking = max(line.qubits for line in demand.circuit_lines) if demand.circuit_lines else 0
    lacking = max(0, lacking - (get_qpu(cost.qpu).qubits or 0))
    return 2.0, lacking, -(cost.fidelity.value or 0.0), _joules(cost)


def bill(card: Card, sizes: Mapping[str, Span]) -> Demand:
    """Return the QPU's bill of one unit of work at central sizes; empty for fault-tolerant cards."""
    found = central(card, sizes).demands
    lines: list[CircuitLine | AnnealLine] = []
    if "gate" in found:
        gate = {name: whole(numbers.item()) for name, numbers in found["gate"].items()}
        lines.append(CircuitLine(**{"measurements": gate["qubits"]} | gate, note=card.id))
    elif "anneal" in found:
        asked = {name: whole(numbers.item()) for name, numbers in found["anneal"].items()}
        lines.append(AnnealLine(**asked, note=card.id))
    return Demand.of(*lines)


def _joules(cost: QpuCost) -> float:
    return cost.energy_j.interval[1]
