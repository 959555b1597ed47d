"""Our own fault-tolerant estimate: a two-dimensional code, lattice surgery and magic-state factories.

The formulas are those of arXiv:2211.07629 (layout, synthesis, depth) and arXiv:1208.0928 (code distance);
factories are rows of arXiv:1905.06903 and arXiv:2409.17595. Constants are in `fault_tolerance.toml`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.core.quantity import unit_scale

LARGEST_DISTANCE = 201


@dataclass(frozen=True)
class LogicalCounts:
    """What a program asks of a fault-tolerant machine.

    Args:
        logical_qubits: qubits of the algorithm.
        t: T gates.
        ccz: CCZ or Toffoli gates.
        rotations: arbitrary-angle rotations.
        measurements: logical measurements.
        rotation_depth: rotations that must follow one another; default all of them.
    """

    logical_qubits: int
    t: int = 0
    ccz: int = 0
    rotations: int = 0
    measurements: int = 0
    rotation_depth: int | None = None

    def __post_init__(self) -> None:
        counts = {"t": self.t, "ccz": self.ccz, "rotations": self.rotations}
        for name, count in (counts | {"measurements": self.measurements}).items():
            if count < 0:
                raise QwattError(f"{name} is {count}", where=name, mend="give a value of 0 or more")
        if self.logical_qubits < 1:
            raise QwattError(
                f"logical_qubits is {self.logical_qubits}",
                where="logical_qubits",
                mend="give a value of 1 or more",
            )


@dataclass(frozen=True)
class CodedHardware:
    """A code on hardware: error, times in seconds, and the code's constants."""

    code: Mapping[str, float]
    error: float
    cycle_s: float

    def patch_qubits(self, distance: int) -> int:
        """Return the physical qubits of one patch."""
        code = self.code
        return round(code["square"] * distance**2 + code["linear"] * distance + code["constant"])

    def logical_error(self, distance: int) -> float:
        """Return the error of one patch in one logical cycle."""
        return float(self.code["prefactor"] * (self.error / self.code["threshold"]) ** ((distance + 1) // 2))

    def distance(self, target: float) -> int:
        """Return the smallest odd distance whose error per patch and cycle is at most `target`.

        Raises:
            QwattError: the physical error is at or above the threshold, or no distance suffices.
        """
        if self.error >= self.code["threshold"]:
            raise QwattError(
                f"the physical error {self.error:g} is not below the threshold {self.code['threshold']:g}"
            )
        for distance in range(3, LARGEST_DISTANCE + 1, 2):
            if self.logical_error(distance) <= target:
                return distance
        raise QwattError(f"no distance up to {LARGEST_DISTANCE} reaches an error of {target:g}")


def coded_hardware(
    code: str, error: float, *, cycle_s: float | None = None, **times_s: float
) -> CodedHardware:
    """Return hardware with a catalogued code.

    Args:
        code: surface or floquet.
        error: physical error rate.
        cycle_s: seconds of a code cycle; default from `gate` and `measure`, seconds of a gate and a read-out.
    """
    constants = numbers("codes", code)
    if cycle_s is None:
        cycle_s = constants["gates"] * times_s["gate"] + constants["measurements"] * times_s["measure"]
    return CodedHardware(constants, error, cycle_s)


@cache
def tables() -> dict[str, Any]:
    """Return the catalogue of fault tolerance."""
    return catalogue.load("fault_tolerance")


@cache
def numbers(*keys: str) -> Mapping[str, float]:
    """Return the central values of a table's numbers, as of "layout", in base units (seconds, watts)."""
    table: Any = tables()
    for key in keys:
        table = table[key]
    return central_values(table)


def central_values(table: Mapping[str, Any]) -> dict[str, float]:
    """Return the central values of a table that is at hand, likewise."""
    return {
        key: entry["value"] * unit_scale(catalogue.quantity(entry).unit)[1]
        for key, entry in table.items()
        if catalogue.is_number(entry)
    }


def patches(logical_qubits: int) -> int:
    """Return the patches of the layout with room for routing: 2 Q + ceil(sqrt(8 Q)) + 1."""
    layout = numbers("layout")
    root = math.ceil(math.sqrt(layout["under_root"] * logical_qubits))
    return int(layout["per_qubit"] * logical_qubits + root + layout["constant"])


def t_per_rotation(rotations: int, error: float) -> int:
    """Return the T states of one rotation when all of them may err by `error`."""
    layout = numbers("layout")
    slope, offset = layout["synthesis_slope"], layout["synthesis_offset"]
    return math.ceil(slope * math.log2(rotations / error) + offset) if rotations else 0


def t_states(counts: LogicalCounts, rotation_cost: int) -> int:
    """Return the T states that the program consumes."""
    ccz = numbers("layout")["t_per_ccz"] * counts.ccz
    return int(counts.t + ccz + counts.rotations * rotation_cost)


def logical_depth(counts: LogicalCounts, rotation_cost: int) -> int:
    """Return the logical cycles: 1 a measurement, T and rotation, 3 a CCZ, and the T states of rotations."""
    ccz = numbers("layout")["cycles_per_ccz"] * counts.ccz
    in_turn = counts.rotations if counts.rotation_depth is None else counts.rotation_depth
    cycles = counts.measurements + counts.t + counts.rotations + ccz + in_turn * rotation_cost
    return max(1, int(cycles))


@dataclass(frozen=True)
class Factory:
    """A magic-state factory: `states` T states of error `error` from `qubits` in `cycles` code cycles."""

    kind: str
    error: float
    qubits: float
    cycles: float
    states: float


def best_factory(physical_error: float, state_error: float) -> Factory:
    """Return the catalogued factory of least qubit-cycles per state that is good enough.

    Raises:
        QwattError: no factory is published for the physical error, or none reaches the state's error.
    """
    rows = [
        (
            row["p"]["value"],
            Factory(kind, *(row[key]["value"] for key in ("error", "qubits", "cycles", "states"))),
        )
        for kind, table in tables()["magic"].items()
        for row in table["rows"]
    ]
    usable = [factory for p, factory in rows if p >= physical_error and factory.error <= state_error]
    if not usable:
        raise QwattError(
            f"no magic-state factory is published for a physical error of {physical_error:g} "
            f"and a state's error of {state_error:.2g}"
        )
    return min(usable, key=lambda factory: factory.qubits * factory.cycles / factory.states)


def estimate(counts: LogicalCounts, hardware: CodedHardware, budget: float) -> dict[str, float]:
    """Return physical qubits, seconds and how they come about.

    The budget is shared evenly by logical errors, magic states and rotation synthesis, as far as each occurs.
    Factories are as many as keep the program from waiting; reactions to magic states bound the runtime.

    Raises:
        QwattError: no distance or no factory is good enough.
    """
    parts = 1 + bool(counts.t + counts.ccz + counts.rotations) + bool(counts.rotations)
    share = budget / parts
    rotation_cost = t_per_rotation(counts.rotations, share)
    states, depth = t_states(counts, rotation_cost), logical_depth(counts, rotation_cost)
    tiles = patches(counts.logical_qubits)
    distance = hardware.distance(share / (tiles * depth))
    seconds = max(depth * distance * hardware.cycle_s, _reaction_seconds(counts, rotation_cost))
    copies, factory_qubits = _factories(hardware, states, share, seconds)
    return {
        "physical_qubits": tiles * hardware.patch_qubits(distance) + copies * factory_qubits,
        "seconds": seconds,
        "distance": distance,
        "patches": tiles,
        "logical_cycles": depth,
        "t_states": states,
        "factories": copies,
    }


def _reaction_seconds(counts: LogicalCounts, rotation_cost: int) -> float:
    in_turn = counts.rotations if counts.rotation_depth is None else counts.rotation_depth
    return (counts.t + counts.ccz + in_turn * rotation_cost) * numbers("reaction")["time"]


def _factories(hardware: CodedHardware, states: int, share: float, seconds: float) -> tuple[int, float]:
    if not states:
        return 0, 0.0
    factory = best_factory(hardware.error, share / states)
    per_copy = seconds / (factory.cycles * hardware.cycle_s) * factory.states
    return math.ceil(states / per_copy), factory.qubits


def memory_distance(target: float) -> int:
    """Return the distance that the best measured memory needs for an error per cycle.

    eps(d) = eps_ref / lambda^((d - d_ref)/2), extrapolated from the device of the catalogue.
    """
    best = numbers("willow")
    steps = math.log(best["error"] / target) / math.log(best["suppression"])
    distance = best["distance"] + 2 * max(0.0, steps)
    return 2 * math.ceil((distance - 1) / 2) + 1
