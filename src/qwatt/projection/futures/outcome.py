"""What the draws of one enhancement say, kept short so that many draws can be held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.projection.futures.duel import Duel
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.quantile import Array, Mask

NEVER = -1
_LARGEST = 1e38
TIE = 1e-6
"""Share of the best classical joules below which what a free QPU would save is a tie, and counts as 0."""

Column = NDArray[Any]
"""One number a draw."""


@dataclass(frozen=True)
class Adoption:
    """Taking an enhancement into use in some year of every draw; arrays of shape (draws,).

    Args:
        year: index of the year, or NEVER where no machine can run it.
        saved_j: joules of a unit of work that it saves then; negative where it takes more; 0 for NEVER.
        seconds, qubits: QPU seconds of a unit of work and qubits in use; 0 for NEVER.
        qpu_j: facility joules that the QPU takes of them; 0 for NEVER.
    """

    year: Column
    saved_j: Column
    seconds: Column
    qubits: Column
    qpu_j: Column


@dataclass(frozen=True)
class DrawnOutcome:
    """An enhancement against its best classical rival; arrays of shape (draws,) unless said.

    Args:
        card: the enhancement.
        wins: whether it wins, shape (draws, years).
        first_simulation: index of the first year in which it wins against simulating its circuits, or NEVER.
        first_frozen: the same if the classical side stood still.
        first_runs: index of the first year in which a machine can run it at all.
        reaches: whether it reaches equal quality.
        spare_j: joules of a unit of work that a free QPU would save today; 0 where it ties, negative where
            its classical part alone takes more than the best rival.
        times: units of work over the model's life.
        first_use: at its first win, else in the first year in which a machine can run it.
        best_use: the same where it wins, else in the year in which it falls short by the fewest joules.
    """

    card: Card
    wins: Mask
    first_simulation: Column
    first_frozen: Column
    first_runs: Column
    reaches: Mask
    spare_j: Column
    times: Column
    first_use: Adoption
    best_use: Adoption

    @property
    def first(self) -> Column:
        """Index of the first year in which it wins, or NEVER."""
        return first_year(self.wins)[0]


def outcome_of(battle: Duel, card: Card) -> DrawnOutcome:
    """Return what a duel says."""
    first, won = first_year(battle.wins)
    runs, able = first_year(np.isfinite(battle.qpu_j))
    with np.errstate(invalid="ignore"):
        margin = np.where(np.isfinite(battle.quantum_j), battle.classical_j - battle.quantum_j, -np.inf)
    best = np.where(able, margin.argmax(axis=1), NEVER)
    rival, own = (joules[:, 0] for joules in battle.today)
    return DrawnOutcome(
        card=card,
        wins=battle.wins,
        first_simulation=first_year(battle.wins_simulation)[0],
        first_frozen=first_year(battle.wins_frozen)[0],
        first_runs=runs,
        reaches=battle.reaches[:, 0],
        spare_j=_short(np.where(np.abs(rival - own) <= TIE * rival, 0.0, rival - own)),
        times=_short(battle.times[:, 0]),
        first_use=_adopted(battle, np.where(won, first, runs)),
        best_use=_adopted(battle, np.where(won, first, best)),
    )


def joined(parts: Sequence[DrawnOutcome]) -> DrawnOutcome:
    """Return the outcomes of parts of the draws as one."""
    whole: DrawnOutcome = _joined(parts, DrawnOutcome)
    return whole


def first_year(holds: Mask) -> tuple[Column, Mask]:
    """Return the index of the first year in which something holds, or NEVER, and whether it ever does."""
    ever = np.asarray(holds.any(axis=1))
    return np.where(ever, holds.argmax(axis=1), NEVER).astype(np.int16), ever


def _adopted(battle: Duel, year: Column) -> Adoption:
    shape, used = battle.classical_j.shape, year >= 0
    at = np.maximum(year, 0).astype(int)[:, None]

    def then(array: Array) -> Column:
        picked = np.take_along_axis(np.broadcast_to(array, shape), at, axis=1)[:, 0]
        return _short(np.where(used, picked, 0.0))

    with np.errstate(invalid="ignore"):
        saved = then(battle.classical_j - battle.quantum_j)
    job = battle.job
    return Adoption(year.astype(np.int16), saved, then(job.seconds), then(job.qubits), then(battle.qpu_j))


def _short(array: Array) -> Column:
    return np.clip(array, -_LARGEST, _LARGEST).astype(np.float32)


def _joined(parts: Sequence[Any], kind: Callable[..., Any]) -> Any:
    def column(name: str) -> Any:
        values = [getattr(part, name) for part in parts]
        if isinstance(values[0], np.ndarray):
            return np.concatenate(values)
        return _joined(values, Adoption) if isinstance(values[0], Adoption) else values[0]

    return kind(**{each.name: column(each.name) for each in fields(parts[0])})
