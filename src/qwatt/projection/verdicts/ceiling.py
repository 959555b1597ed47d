"""What a free QPU of any size would save over the model's life; where that is little, all else is idle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.core.quantity import J_PER_KWH
from qwatt.projection.futures.break_even import weighted_quantiles
from qwatt.projection.futures.outcome import DrawnOutcome
from qwatt.projection.scaling.quantile import Array, Mask
from qwatt.projection.verdicts.better import Better
from qwatt.projection.verdicts.money import Prices
from qwatt.projection.verdicts.rules import threshold


@dataclass(frozen=True)
class Ceiling:
    """What is saved at equal quality if the QPU took nothing, today; arrays of shape (draws,).

    Args:
        kwh, usd: over the model's life, better solutions contained; 0 where the enhancement's classical part
            alone takes more than the best classical method.
        kg_per_kwh: CO2e of the scenario's grid.
        life_kwh: facility energy of the whole life, None where unknown.
    """

    kwh: Array
    usd: Array
    kg_per_kwh: float
    life_kwh: float | None

    @property
    def worth(self) -> Mask:
        """Whether it lies above both floors."""
        return np.asarray(self.above_share(self.kwh) & (self.usd >= threshold("least_usd")))

    def above_share(self, kwh: Array) -> Mask:
        """Return whether an energy is at least the floor's share of the life's, if that is known."""
        if self.life_kwh is None:
            return np.full(kwh.shape, False)
        return np.asarray((kwh > 0) & (kwh >= threshold("least_share") * self.life_kwh))

    def summary(self, weights: Array) -> dict[str, Any]:
        """Return the JSON form: medians, and the ninetieth percentile of the energy."""
        kwh, high = weighted_quantiles(self.kwh, [0.5, 0.9], weights)
        (usd,) = weighted_quantiles(self.usd, [0.5], weights)
        share = None if not self.life_kwh else kwh / self.life_kwh
        return {"kwh": kwh, "kwh_p90": high, "co2e_kg": kwh * self.kg_per_kwh, "usd": usd, "share": share}


def ceiling(
    outcome: DrawnOutcome, upside: Better, paid: Prices, kg_per_kwh: float, life_kwh: float | None
) -> Ceiling:
    """Return the ceiling of an enhancement."""
    task_kwh = outcome.spare_j * outcome.times / J_PER_KWH
    kwh = np.maximum(task_kwh + upside.kwh, 0.0)
    usd = task_kwh * (paid.usd_per_kwh + paid.carbon_usd_per_kwh) + upside.usd
    return Ceiling(kwh, np.where(kwh > 0, np.maximum(usd, 0.0), 0.0), kg_per_kwh, life_kwh)
