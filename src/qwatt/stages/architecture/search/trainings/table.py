"""Tables of real trainings that were done once and ship with qwatt: every look-up is charged its training."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import unknown_name
from qwatt.core.quantity import Quantity
from qwatt.core.shared import Shared
from qwatt.stages.architecture.search.space import Choice, Space
from qwatt.stages.architecture.search.trainings.objective import Objective, Outcome

_FOLDER = files("qwatt.stages.architecture.search.trainings") / "tables"


@dataclass(frozen=True, eq=False)
class Table:
    """All trainings of a space.

    Args:
        name: of the table.
        about: what was trained on what, by which recipe.
        measured: machine, meter and date.
        unit: what a loss is.
        space: the points.
        rungs: shares of a full training.
        losses: on validation data, shape (points, rungs).
        held_back: on held-back data after the full training, shape (points,).
        energy_j: low, value and high of each training from its beginning, shape (points, rungs, 3).
        seconds: CPU time of each, shape (points, rungs).
        basis: how the joules were obtained.
        boundary: what they include.
    """

    name: str
    about: str
    measured: str
    unit: str
    space: Space
    rungs: tuple[float, ...]
    losses: NDArray[np.float64]
    held_back: NDArray[np.float64]
    energy_j: NDArray[np.float64]
    seconds: NDArray[np.float64]
    basis: str
    boundary: str

    def energy(self, point: int, rung: int) -> Quantity:
        """Return the joules of one training."""
        low, value, high = self.energy_j[point, rung].tolist()
        return Quantity(value, low, high, "J", self.basis, self.boundary)  # type: ignore[arg-type]


def table_names() -> list[str]:
    """Return the names of the tables that ship with qwatt."""
    return sorted(
        file.name.removesuffix(".json") for file in _FOLDER.iterdir() if file.name.endswith(".json")
    )


@cache
def load_table(name: str) -> Table:
    """Return a shipped table.

    Raises:
        QwattError: there is none of this name.
    """
    if name not in table_names():
        raise unknown_name("table of trainings", name, table_names())
    record = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return from_record(name, record)


def from_record(name: str, record: dict[str, Any]) -> Table:
    """Rebuild a table from the form that `benchmarks/search_grid.py` writes."""
    space = Space(tuple(Choice(c["name"], c["kind"], tuple(c["values"])) for c in record["choices"]))
    losses, held_back, energy_j, seconds = (
        np.asarray(record[part], dtype=np.float64) for part in ("losses", "held_back", "energy_j", "seconds")
    )
    about, measured, unit = (str(record[part]) for part in ("about", "measured", "unit"))
    rungs, basis, boundary = tuple(record["rungs"]), record["basis"], record["boundary"]
    return Table(
        name, about, measured, unit, space, rungs, losses, held_back, energy_j, seconds, basis, boundary
    )


class Tabular(Objective):
    """Looks trainings up.

    Args:
        table: where.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table.space, table.rungs, True, table.unit)
        self.table = table

    def train(self, point: int, rung: int) -> Shared[Outcome]:
        """Return what was found and spent when the table was made."""
        table = self.table
        held_back = float(table.held_back[point]) if rung == self.full else None
        outcome = Outcome(float(table.losses[point, rung]), held_back)
        return Shared(outcome, table.energy(point, rung), float(table.seconds[point, rung]), table.measured)

    @property
    def training_seconds(self) -> float:
        """The mean over the table."""
        return float(self.table.seconds[:, self.full].mean())

    @property
    def cost_note(self) -> str:
        """The mean over the table."""
        mean = self.table.energy_j[:, self.full, 1].mean()
        return f"a full training took {mean:.3g} J on average, {self.table.measured}"
