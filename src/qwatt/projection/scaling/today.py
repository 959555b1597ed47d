"""What an enhancement's bill would cost on the machines of today, at its central sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from qwatt.core.demand import AnnealLine, CircuitLine, Demand
from qwatt.energy.qpu import QpuCost, get_qpu, load_qpus, price
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.evaluate import central
from qwatt.projection.spread import Span


def today(card: Card, sizes: Mapping[str, Span]) -> dict[str, Any] | None:
    """Return the cheapest QPU in service for a unit of work, one that can run it if there is one.

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
    machines = [qpu for qpu in load_qpus().values() if qpu.service == "cloud"]
    costs = [cost for cost in (price(demand, qpu) for qpu in machines) if cost.energy_j.known]
    if not costs:
        return None
    best = min(costs, key=lambda cost: (not cost.executable, _joules(cost)))
    vendors = {get_qpu(cost.qpu).vendor for cost in costs if cost.executable}
    return {"qpu": best.qpu, "vendors": sorted(vendors)} | best.to_record()


def bill(card: Card, sizes: Mapping[str, Span]) -> Demand:
    """Return the QPU's bill of one unit of work at central sizes; empty for fault-tolerant cards."""
    found = central(card, sizes).demands
    lines: list[CircuitLine | AnnealLine] = []
    if "gate" in found:
        gate = {name: math.ceil(numbers.item()) for name, numbers in found["gate"].items()}
        lines.append(CircuitLine(**gate, measurements=gate["qubits"], note=card.id))
    elif "anneal" in found:
        asked = {name: math.ceil(numbers.item()) for name, numbers in found["anneal"].items()}
        couplings = asked["variables"] * (asked["variables"] - 1) // 2
        lines.append(AnnealLine(**asked, couplings=couplings, note=card.id))
    return Demand.of(*lines)


def _joules(cost: QpuCost) -> float:
    return cost.energy_j.interval[1]
