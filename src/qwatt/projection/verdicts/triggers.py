"""When to look again: a test on the fields of `qpus.toml`, and the date until which a verdict is believed."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qwatt.energy.qpu import Qpu, load_qpus
from qwatt.projection.futures.costs import MachineWork
from qwatt.projection.futures.drawn import tables
from qwatt.projection.futures.improved import Better, improved
from qwatt.projection.futures.machines import Machine, World
from qwatt.projection.scaling.quantile import Array
from qwatt.projection.verdicts.needs import Standing, better_after, joint_years
from qwatt.projection.verdicts.rules import threshold

US_PER_S = 1e6
_MACHINE = ("time", "watts", "error")
_SLACK = 1.05
"""Factor on the joules that a laxer error may cost."""
_DAYS = 365.25

FIELDS = {
    "qubits": "physical qubits",
    "error_2q": "error of a two-qubit gate",
    "shot_us": "time of a shot beside its layers: `shot`, or `repetition` and `time_readout`",
    "layer_us": "`layer`, or `time_2q`",
    "cycle_us": "cycle of a surface code: four two-qubit gates or layers, and `time_readout`",
    "clique": "variables that embed whatever their couplings",
    "program_us": "`program_time` and `access`",
    "read_us": "`anneal`, `time_readout` and `delay`",
    "watts_per_qubit": "`system` power over qubits",
    "kw": "`system` power",
}
"""The fields of a test, and what of a catalogued QPU they are."""


@dataclass(frozen=True)
class Condition:
    """One condition on a field of `FIELDS`; `op` is ">=" or "<="."""

    field: str
    op: str
    value: float

    def __str__(self) -> str:
        return f"{self.field} {self.op} {self.value:.3g}"

    def holds(self, found: Mapping[str, float]) -> bool:
        """Return whether it holds; an unpublished number does not."""
        if self.field not in found:
            return False
        number = found[self.field]
        return number >= self.value if self.op == ">=" else number <= self.value


@dataclass(frozen=True)
class Trigger:
    """Conditions under which an enhancement comes to parity in the median future.

    Args:
        program: "circuit" or "anneal", which a machine has to run.
        tests: all of them have to hold.
        years: of further progress at the catalogue's pace until then, after the last year.
    """

    program: str
    tests: tuple[Condition, ...]
    years: float

    def __str__(self) -> str:
        return " and ".join(map(str, self.tests))

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        tests = [{"field": t.field, "op": t.op, "value": t.value} for t in self.tests]
        fired = [qpu.id for qpu in load_qpus().values() if self.fired_by(qpu)]
        return {"program": self.program, "tests": tests, "years": self.years, "met_by": fired}

    def fired_by(self, qpu: Qpu) -> bool:
        """Return whether a catalogued machine meets it."""
        found = fields_of(qpu)
        return qpu.program == self.program and all(test.holds(found) for test in self.tests)


def trigger(central: Standing) -> Trigger | None:
    """Return the joint change of a machine that brings parity, as a test; None where none does.

    Times, watts and errors get better together at the catalogue's pace, algorithms and the classical side
    stay at the last year's; errors only as far as it takes.

    Args:
        central: the enhancement in the last year, every assumption at its median.
    """
    with np.errstate(all="ignore"):
        years = float(joint_years(central, _MACHINE)[0])
    if not math.isfinite(years) or central.budget_j.item() <= 0:
        return None
    better = _laxest(central, better_after(np.full((1, 1), years), _MACHINE))
    kind, name, job = _route(central, better)
    world = improved(central.world, better)
    if kind == "anneal":
        return Trigger("anneal", _annealer_tests(world, central), years)
    return Trigger("circuit", _gate_tests(world.machines[name], kind, job), years)


def fields_of(qpu: Qpu) -> dict[str, float]:
    """Return the fields of `FIELDS` that a machine's published numbers give."""
    numbers = qpu.at("value")
    us = {name: number * US_PER_S for name, number in numbers.items()}
    readout = us.get("time_readout", 0.0)
    kept = ("qubits", "error_2q", "clique")
    found: dict[str, float] = {name: numbers[name] for name in kept if name in numbers}
    layer = us.get("layer", us.get("time_2q"))
    if "shot" in us or "repetition" in us:
        found["shot_us"] = us.get("shot", us.get("repetition", 0.0) + readout)
    if layer is not None:
        found |= {"layer_us": layer, "cycle_us": 4.0 * layer + readout}
    if "program_time" in us:
        found["program_us"] = us["program_time"] + us.get("access", 0.0)
        found["read_us"] = us["anneal"] + readout + us.get("delay", 0.0)
    if qpu.power.known:
        watts = qpu.power.to("W").interval[1]
        found["kw"] = watts / 1e3
        if qpu.qubits:
            found["watts_per_qubit"] = watts / qpu.qubits
    return found


def expires(distance: Mapping[int, float | None], on_threshold: str) -> str:
    """Return the date until which a verdict is believed: in which the distance moves by one power of ten.

    It lies between the catalogue's least and most years after the date of the roadmaps; on a threshold it is
    the least.

    Args:
        distance: log10 of the joules over the best classical method's, by year.
        on_threshold: as a judgement has it.
    """
    least, most = threshold("expires_least"), threshold("expires_most")
    known = [(year, far) for year, far in sorted(distance.items()) if far is not None]
    years = most
    if on_threshold:
        years = least
    elif len(known) > 1:
        (first, far), (then, near) = known[:2]
        pace = abs(far - near) / (then - first)
        years = min(max(1.0 / pace if pace > 0 else most, least), most)
    start = datetime.date.fromisoformat(str(tables()["date"]))
    return (start + datetime.timedelta(days=years * _DAYS)).isoformat()


def _laxest(central: Standing, better: Better) -> Better:
    """Return the same with the largest error that takes hardly more joules."""
    least = np.log10(_one(np.asarray(better.error)))
    errors = 10.0 ** np.linspace(0.0, least, 40)[None, :]
    joules = central.joules(replace(better, error=errors))[0]
    lax = errors[0, np.argmax(joules <= _SLACK * joules[-1])]
    return replace(better, error=np.full((1, 1), lax))


def _route(central: Standing, better: Better) -> tuple[str, str, MachineWork]:
    """Return the kind of bill, the modality and the job of the cheapest way."""
    found = []
    for kind, demand in central.demands.items():
        for name, machine in central.world.machines.items():
            alone = replace(
                central,
                demands={kind: demand},
                world=replace(central.world, machines={name: machine}),
            )
            if kind != "gate" or machine.circuits:
                found.append((kind, name, alone.job(better)))
    return min(found, key=lambda each: each[2].joules.item())


def _gate_tests(machine: Machine, kind: str, job: MachineWork) -> tuple[Condition, ...]:
    size, error = _one(job.qubits), _one(machine.error)
    qubits = size if kind == "logical" else max(_one(machine.qubits), size)
    watts = (_one(machine.fixed_w) + _one(machine.qubit_w) * qubits) / qubits
    if kind == "logical":
        times = [Condition("cycle_us", "<=", _one(machine.cycle_s) * US_PER_S)]
    else:
        names = {"shot_us": machine.shot_s, "layer_us": machine.layer_s}
        times = [Condition(name, "<=", _one(time) * US_PER_S) for name, time in names.items()]
    return (
        Condition("qubits", ">=", math.ceil(size)),
        Condition("error_2q", "<=", error),
        *times,
        Condition("watts_per_qubit", "<=", watts),
    )


def _annealer_tests(world: World, central: Standing) -> tuple[Condition, ...]:
    annealer = world.annealer
    return (
        Condition("clique", ">=", math.ceil(central.demands["anneal"]["variables"].item())),
        Condition("program_us", "<=", _one(annealer.program_s) * US_PER_S),
        Condition("read_us", "<=", _one(annealer.read_s) * US_PER_S),
        Condition("kw", "<=", _one(annealer.system_w) / 1e3),
    )


def _one(array: Array) -> float:
    return float(np.asarray(array).ravel()[0])
