"""What is asked of an error-corrected machine: a program, a machine, and how it may fail."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from qwatt.core.errors import QwattError
from qwatt.projection.calculators.fields import Checked, a_whole, one_of
from qwatt.projection.calculators.input import Input
from qwatt.projection.fault_tolerance.surface_code import LogicalCounts, numbers, tables


def presets() -> dict[str, Mapping[str, Any]]:
    """Return the catalogued machines by name."""
    return {name: table for name, table in tables()["presets"].items() if isinstance(table, Mapping)}


def _open(low: float, high: float, valid: str, *, closed: bool = False) -> Checked:
    """Accept a number between two ends; `closed` includes the lower one."""

    def test(field: str, value: float) -> float:
        if not (low < value < high or (closed and value == low)):
            raise QwattError(f"{field} is {value:g}", where=field, mend=f"give a value {valid}")
        return float(value)

    return Checked(test)


Count = Annotated[int, a_whole(0, 10**18), "How many the program has."]
Probability = Annotated[float, _open(0, 1, "between 0 and 1")]


@dataclass(frozen=True, kw_only=True)
class FaultTolerantInput(Input):
    """A program on a catalogued machine, or on one with another error or code cycle."""

    logical_qubits: Annotated[int, a_whole(1, 10**18), "Qubits of the algorithm."]
    t: Count = 0
    ccz: Count = 0
    rotations: Count = 0
    measurements: Count = 0
    preset: Annotated[
        str,
        one_of("preset", presets),
        "gate_ns_e3, gate_ns_e4, gate_us_e3, gate_us_e4, neutral_atom, maj_ns_e4 or _e6.",
    ] = "gate_ns_e3"
    p: Annotated[Probability | None, "Physical error, not the preset's."] = None
    cycle_ns: Annotated[
        Annotated[float, _open(0, math.inf, "above 0")] | None, "Code cycle in ns, not the preset's."
    ] = None
    budget: Annotated[Probability, "Allowed failure of the whole program."] = 1e-3
    pue: Annotated[
        float,
        _open(1, math.inf, "of at least 1", closed=True),
        "Facility over node energy, 1 or more.",
    ] = 1.0

    def check_together(self) -> None:
        """Refuse an empty program, an error above the code's threshold, and hardware that a preset lacks."""
        code, threshold = self.table["code"], numbers("codes", "surface")["threshold"]
        if self.p is not None and self.p >= threshold and code == "surface":
            mend = f"give a value below the threshold of the code, {threshold:g}"
            raise QwattError(f"p is {self.p:g}", where="p", mend=mend)
        if code != "surface" and (self.p is not None or self.cycle_ns is not None):
            raise QwattError(f"p and cycle_ns are for gate-based presets, not {self.preset}", where="preset")
        if not self.t + self.ccz + self.rotations + self.measurements:
            raise QwattError(
                "t, ccz, rotations and measurements are all 0",
                where="measurements",
                mend="give at least one of them, 1 or more",
            )

    @property
    def table(self) -> Mapping[str, Any]:
        """The catalogued machine."""
        return presets()[self.preset]

    @property
    def counts(self) -> LogicalCounts:
        """The program alone."""
        return LogicalCounts(
            logical_qubits=self.logical_qubits,
            t=self.t,
            ccz=self.ccz,
            rotations=self.rotations,
            measurements=self.measurements,
        )
