"""What every catalogued QPU would need for a trial's demand."""

from __future__ import annotations

from typing import Any

from qwatt.core.demand import Demand
from qwatt.core.quantity import Quantity


def price_everywhere(demand: Demand) -> dict[str, Any]:
    """Return the modelled cost by QPU id, or nothing when there is no demand."""
    if not demand:
        return {}
    from qwatt.energy.qpu import load_qpus, price

    return {name: price(demand, qpu).to_record() for name, qpu in load_qpus().items()}


def per_prediction(energy: Quantity, demand: Demand, predictions: float) -> dict[str, Any]:
    """Return joules per prediction: on this machine, and modelled on the cheapest QPU that can run it.

    Args:
        energy: measured energy of applying the method to the held-back data.
        demand: the QPU's bill of the same.
        predictions: how many predictions were made.
    """
    found: dict[str, Any] = {"j_per_prediction": energy.value / predictions if energy.value else None}
    costs = {
        name: record["energy_j"]["value"]
        for name, record in price_everywhere(demand).items()
        if record["executable"] and record["energy_j"]["value"] is not None
    }
    if costs:
        best = min(costs, key=lambda name: float(costs[name]))
        found |= {"qpu_j_per_prediction": costs[best] / predictions, "qpu_of_predictions": best}
    return found
