"""What a reader can change, in words and in the units that people type."""

from __future__ import annotations

from dataclasses import dataclass

from qwatt.projection.whatif.settings import RANGES, Settings
from qwatt.report.projection.amounts import digits


@dataclass(frozen=True)
class Control:
    """A number field with a slider.

    Args:
        name: of the setting.
        label, unit: in words.
        scale: of the setting for one of the field.
        group: "life" or "machines".
        powers: how many powers of ten the slider reaches either way.
    """

    name: str
    label: str
    unit: str
    scale: float
    group: str
    powers: int

    @property
    def low(self) -> float:
        """Least value of the field."""
        return RANGES[self.name][0] / self.scale

    @property
    def high(self) -> float:
        """Largest value of the field."""
        return RANGES[self.name][1] / self.scale

    def shown(self, own: Settings) -> str:
        """Return the page's own value as the field has it."""
        value = own.numbers()[self.name] / self.scale
        return repr(value) if float(f"{value:.6g}") != value else f"{value:.6g}"

    def said(self, own: Settings) -> str:
        """Return the page's own value for people."""
        return digits(own.numbers()[self.name] / self.scale)


CONTROLS = (
    Control("params", "Model size", "billion parameters", 1e9, "life", 3),
    Control("requests_per_day", "Requests", "million a day", 1e6, "life", 3),
    Control("kg_per_kwh", "Grid, carbon", "kg CO₂e per kWh", 1.0, "life", 2),
    Control("usd_per_kwh", "Grid, price", "USD per kWh", 1.0, "life", 1),
    Control("qpu_power", "QPU power", "× expected", 1.0, "machines", 3),
    Control("two_qubit_error", "Two-qubit error", "× expected", 1.0, "machines", 3),
    Control("shot_speed", "Shot speed", "× expected", 1.0, "machines", 3),
)
ROADMAP_WORDS = {
    "history": "published machines, extrapolated",
    "vendor": "vendors' roadmaps, with their usual slips",
}
