"""The formula of `fault_tolerance/surface_code.py` for many draws and years at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qwatt.projection.fault_tolerance.surface_code import numbers, tables
from qwatt.projection.futures.drawn import value
from qwatt.projection.futures.machines import Machine
from qwatt.projection.scaling.quantile import Array, Mask

Run = tuple[Array, Array, Mask]
"""Physical qubits, seconds of one run, and whether the code can do it; shape (draws, years)."""

_SMALLEST = 3


def corrected(
    demand: Mapping[str, Array],
    machine: Machine,
    code_error: Array,
    code_share: Array,
    most_qubits: Array | None = None,
) -> Run | None:
    """Return what one run needs on error-corrected qubits.

    The formulas are those of `surface_code.estimate` (arXiv:2211.07629, arXiv:1208.0928), where the card
    gives the depth: distance from the budget over tiles x depth, the best published factory for the error
    per state, and reactions that bound the runtime.

    Args:
        demand: the card's `logical` numbers, shape (draws, 1).
        machine: the modality's machine.
        code_error: factor on the physical error in the code's formula.
        code_share: qubits of the code over the surface code's.
        most_qubits: of the machine at hand. A run waits for as many factories as fit beside it; None is
            returned where not even the smallest code fits.
    """
    layout, code = numbers("layout"), numbers("codes", "surface")
    logical = np.maximum(demand["qubits"], 1.0)
    tiles = layout["per_qubit"] * logical + np.ceil(np.sqrt(layout["under_root"] * logical)) + 1.0
    if most_qubits is not None and not np.any(
        tiles * code["square"] * _SMALLEST**2 * code_share <= most_qubits
    ):
        return None
    share = value("codes", "budget") / 3.0
    states = _states(demand, share)
    depth = np.maximum(demand["depth"], 1.0)
    coded = _coded(machine, code_error)
    wanted = np.log(share / (tiles * depth * code["prefactor"])) / coded.log_ratio
    distance = np.maximum(2.0 * np.ceil(wanted) - 1.0, float(_SMALLEST))
    reaction = numbers("reaction")["time"] * machine.reaction
    seconds = depth * np.maximum(distance * machine.cycle_s, reaction)
    volume, made = _factories(share / np.maximum(states, 1.0), coded)
    held = tiles * code["square"] * distance**2 * code_share
    work = states * volume * machine.cycle_s
    if most_qubits is not None:
        seconds = np.maximum(seconds, work / np.maximum(most_qubits - held, 1.0))
    physical = held + work / seconds
    can = coded.below & (distance <= value("codes", "largest_distance")) & made
    return physical, seconds, can


@dataclass(frozen=True)
class _Coded:
    """What a machine's error means to the code, the same for every program; shape (draws, years)."""

    error: Array
    log_ratio: Array
    below: Mask
    level: NDArray[np.intp]


def _coded(machine: Machine, code_error: Array) -> _Coded:
    """Return what a machine's error means to the code; kept with the machine, for every program asks."""
    kept = machine.__dict__.get("_coded")
    if kept is not None and kept[0] is code_error:
        found: _Coded = kept[1]
        return found
    threshold = numbers("codes", "surface")["threshold"]
    error = code_error * machine.error
    log_ratio = np.log(np.minimum(error / threshold, 0.99))
    level = np.searchsorted(_rows()[0], error, side="left")
    found = _Coded(error, log_ratio, error < threshold, level)
    object.__setattr__(machine, "_coded", (code_error, found))
    return found


def _states(demand: Mapping[str, Array], share: float) -> Array:
    """Return T states of one run: 4 a Toffoli, and the synthesis of rotations."""
    layout = numbers("layout")
    rotations = demand["rotations"]
    synthesis = np.ceil(
        layout["synthesis_slope"] * np.log2(np.maximum(rotations, 1.0) / share) + layout["synthesis_offset"]
    )
    states: Array = layout["t_per_ccz"] * demand["toffoli"] + rotations * synthesis
    return states


@cache
def _rows() -> tuple[list[float], Array]:
    """Return the physical errors of the factories, and rows (physical error, state error, volume).

    Beside every published factory stands the one that feeds its states into a further 15-to-1 round.
    """
    magic = tables()["magic"]
    rows = [
        (
            row["p"]["value"],
            row["error"]["value"],
            row["qubits"]["value"] * row["cycles"]["value"] / row["states"]["value"],
        )
        for table in magic.values()
        for row in table["rows"]
    ]
    error, volume = value("codes", "round_error"), value("codes", "round_volume")
    further = [(p, error * made**3, volume * qubit_cycles) for p, made, qubit_cycles in rows]
    return sorted({row[0] for row in rows}), np.array(rows + further)


def _factories(state_error: Array, coded: _Coded) -> tuple[Array, Mask]:
    """Return qubit-cycles per T state and whether a factory is good enough.

    Args:
        state_error: allowed error of a state, shape (draws, 1), or (draws, years).
        coded: of the machine; a factory for a higher error serves a lower one.
    """
    levels, rows = _rows()
    if state_error.shape[1] > 1:
        return _factories_by_year(state_error, coded.error, rows)
    table = np.full((len(state_error), len(levels) + 1), np.inf)
    for error, made, volume in rows:
        usable = np.where(made <= state_error, volume, np.inf)
        upto = levels.index(error) + 1
        table[:, :upto] = np.minimum(table[:, :upto], usable)
    volume = np.take_along_axis(table, coded.level, axis=1)
    made_one = np.isfinite(volume)
    return np.where(made_one, volume, 1e9), made_one


def _factories_by_year(state_error: Array, physical_error: Array, rows: Array) -> tuple[Array, Mask]:
    """Return the same where the allowed error differs by year."""
    volume = np.full(np.broadcast_shapes(state_error.shape, physical_error.shape), np.inf)
    for error, made, cost in rows:
        usable = (physical_error <= error) & (made <= state_error)
        volume = np.where(usable, np.minimum(volume, cost), volume)
    made_one = np.isfinite(volume)
    return np.where(made_one, volume, 1e9), made_one
