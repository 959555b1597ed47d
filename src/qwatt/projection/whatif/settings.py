"""What can be changed in a what-if, in which ranges, and the values that a projection itself stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from qwatt.core.errors import QwattError
from qwatt.projection import check
from qwatt.projection.futures.drawn import value
from qwatt.projection.project import Projection, settings_of

Roadmap = Literal["history", "vendor"]
ROADMAPS: tuple[Roadmap, ...] = ("history", "vendor")
RANGES: Mapping[str, tuple[float, float]] = {
    "params": (1e5, 1e14),
    "requests_per_day": (1.0, 1e12),
    "kg_per_kwh": (0.0, 3.0),
    "usd_per_kwh": (0.0, 10.0),
    "qpu_power": (1e-9, 1e3),
    "two_qubit_error": (1e-9, 10.0),
    "shot_speed": (1e-3, 1e9),
}
"""Lowest and highest value of each number."""


@dataclass(frozen=True)
class Settings:
    """What is asked.

    Args:
        params: all parameters of the model; active ones, width, depth and cache go along.
        requests_per_day: in the first year of service; the growth is the scenario's.
        kg_per_kwh, usd_per_kwh: CO2e and price of the grid's electricity.
        qpu_power, two_qubit_error, shot_speed: factors on what the projection expects of all machines in the
            year: watts, error of gates and reads, shots and gates per second.
        year: at whose machines to look.
        roadmap: "history" (published machines extrapolated) or "vendor" (roadmaps with their usual slip).
    """

    params: float
    requests_per_day: float
    kg_per_kwh: float
    usd_per_kwh: float
    year: int
    roadmap: Roadmap
    qpu_power: float = 1.0
    two_qubit_error: float = 1.0
    shot_speed: float = 1.0

    def numbers(self) -> dict[str, float]:
        """Return the numbers by name, without year and roadmap."""
        return {name: asdict(self)[name] for name in RANGES}

    def check(self, years: range) -> None:
        """Refuse what is out of range.

        Args:
            years: of the projection.

        Raises:
            QwattError: names field, value and range.
        """
        for name, number in self.numbers().items():
            check.number(name, number, *RANGES[name])
        check.whole("year", self.year, years[0], years[-1])
        if self.roadmap not in ROADMAPS:
            raise QwattError(
                f"roadmap is {self.roadmap!r}", where="roadmap", mend=f"give {' or '.join(ROADMAPS)}"
            )


def own_settings(projection: Projection) -> Settings:
    """Return the settings that a projection itself stands for, at its last year."""
    scenario, grid = projection.scenario, projection.scenario.place().grid
    settings = settings_of(scenario)
    share = value("believed", "share") if settings.vendor_share is None else settings.vendor_share
    return Settings(
        params=scenario.model.shape().params,
        requests_per_day=scenario.deployment.requests_per_day,
        kg_per_kwh=grid.kg_per_kwh.value,
        usd_per_kwh=grid.usd_per_kwh.value,
        year=projection.assumptions["years"][1],
        roadmap="vendor" if share > 0.5 else "history",
    )
