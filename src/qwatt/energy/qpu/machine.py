"""A catalogued QPU: what it executes, its published numbers, its power."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from qwatt import catalogue
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.quantity import Basis, Quantity, unit_scale

Corner = Literal["low", "value", "high"]
CORNERS: tuple[Corner, ...] = ("low", "value", "high")

_PROGRAMS = ("circuit", "anneal", "analog", "photonic")
_WORDS = ("vendor", "model", "modality", "program", "service", "connectivity", "power")


@dataclass(frozen=True, eq=False)
class Qpu:
    """One machine of `catalogue/qpus.toml`; a number that nobody has published is absent.

    Args:
        id: name of its table, such as "ibm_kingston".
        vendor: who makes it.
        model: its product name.
        modality: superconducting, ion, atom-gate, atom-analog, annealer or photonic.
        program: what it executes: circuit, anneal, analog or photonic.
        service: cloud, laboratory or announced.
        connectivity: which qubits interact.
        numbers: published quantities by name, such as error_2q, time_readout, repetition, t2.
        power: wall-plug power of the whole system, with the interval in which it may lie.
        source: where most of its numbers are from.
        date: their date.
    """

    id: str
    vendor: str
    model: str
    modality: str
    program: str
    service: str
    connectivity: str
    numbers: Mapping[str, Quantity]
    power: Quantity
    source: str
    date: str

    @property
    def qubits(self) -> int | None:
        """Number of qubits, or None when not published."""
        return int(self.numbers["qubits"].interval[1]) if "qubits" in self.numbers else None

    def number(self, name: str) -> Quantity | None:
        """Return a published quantity, or None."""
        return self.numbers.get(name)

    @property
    def claimed(self) -> tuple[str, ...]:
        """The names of numbers, "power" included, that rest on recollection or claims (confidence C)."""
        every = {**self.numbers, "power": self.power}
        return tuple(name for name, number in every.items() if (number.reason or "").startswith("C:"))

    def at(self, corner: Corner) -> dict[str, float]:
        """Return every number at one end or in the middle of its interval, times in seconds."""
        index = CORNERS.index(corner)
        return {
            name: number.interval[index] * unit_scale(number.unit)[1] for name, number in self.numbers.items()
        }

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form: id, words and numbers."""
        words = {key: getattr(self, key) for key in ("id", *_WORDS[:-1], "source", "date")}
        numbers = {name: number.to_record() for name, number in self.numbers.items()}
        return words | {"qubits": self.qubits, "power": self.power.to_record(), "numbers": numbers}


@cache
def load_qpus(path: Path | None = None) -> Mapping[str, Qpu]:
    """Return the catalogued QPUs by id, or those of a user's own file in the same form.

    Raises:
        QwattError: a table breaks the rules; names file, table and key.
    """
    tables = catalogue.load("qpus") if path is None else catalogue.read(path)
    where = "qpus.toml" if path is None else str(path)
    return {name: _qpu(name, table, where) for name, table in tables.items()}


def get_qpu(name: str, where: str | None = None) -> Qpu:
    """Return one QPU.

    Args:
        name: its id.
        where: the option or key that named it, for the error.

    Raises:
        QwattError: no such QPU; names the nearest ones.
    """
    machines = load_qpus()
    if name not in machines:
        raise unknown_name("QPU", name, machines, where=where)
    return machines[name]


def _qpu(name: str, table: Mapping[str, Any], where: str) -> Qpu:
    missing = [key for key in (*_WORDS, "source", "date") if key not in table]
    if missing:
        what, mend = f"the QPU lacks {', '.join(missing)}", f"write {missing[0]} = ... and the others there"
        raise QwattError(what, where=f"{where}:{name}", mend=mend)
    if table["program"] not in _PROGRAMS:
        raise unknown_name("program", table["program"], _PROGRAMS, where=f"{where}:{name}")
    numbers = {key: catalogue.quantity(item) for key, item in table.items() if catalogue.is_number(item)}
    words = {key: str(table[key]) for key in (*_WORDS[:-1], "source", "date")}
    return Qpu(id=name, numbers=numbers, power=_power(table["power"], f"{where}:{name}"), **words)


def _power(key: str, where: str) -> Quantity:
    systems = catalogue.load("qpu_power")
    known = [name for name, table in systems.items() if "system" in table]
    if key == "unknown":
        return Quantity.unknown("nobody has published this machine's power", "kW", basis=Basis.PUBLISHED)
    if key not in known:
        raise unknown_name("power", key, [*known, "unknown"], where=where)
    return catalogue.quantity(systems[key]["system"])
