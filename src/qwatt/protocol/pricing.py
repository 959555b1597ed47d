"""What every catalogued QPU would need for a trial's demand."""

from __future__ import annotations

from typing import Any

from qwatt.core.demand import Demand


def price_everywhere(demand: Demand) -> dict[str, Any]:
    """Return the modelled cost by QPU id, or nothing when there is no demand."""
    if not demand:
        return {}
    from qwatt.energy.qpu import load_qpus, price

    return {name: price(demand, qpu).to_record() for name, qpu in load_qpus().items()}
