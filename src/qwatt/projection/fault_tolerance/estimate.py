"""The calculator behind `estimate fault-tolerant`: physical qubits, seconds and joules by several routes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from qwatt import catalogue
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.projection.fault_tolerance import qdk_routes, surface_code
from qwatt.projection.fault_tolerance.qdk_routes import Hardware
from qwatt.projection.fault_tolerance.surface_code import LogicalCounts, numbers, tables

Result = dict[str, float]

FORMULAS = (
    "patches = 2 Q + ceil(sqrt(8 Q)) + 1; eps(d) = A (p/p_th)^((d+1)/2) <= budget share / (patches x cycles)",
    "t = max(cycles x d x t_cycle, magic states in turn x t_reaction)",
    "N = patches x qubits(d) + factories x factory qubits",
    "E = PUE x (P_fixed + w_qubit x N) x t",
)


def presets() -> dict[str, Mapping[str, Any]]:
    """Return the catalogued machines by name."""
    return {name: table for name, table in tables()["presets"].items() if isinstance(table, Mapping)}


def estimate_fault_tolerant(
    counts: LogicalCounts,
    preset: str = "gate_ns_e3",
    budget: float = 1e-3,
    *,
    p: float | None = None,
    cycle_ns: float | None = None,
    pue: float = 1.0,
) -> dict[str, Any]:
    """Return what a program costs on a fault-tolerant machine, as a JSON record.

    The value is the best route of `qdk.qre`, or our own where it finds none; the interval holds every route
    and the published spread between tools. With a PUE above 1 the energy's boundary is the facility.

    Args:
        counts: logical qubits and gates.
        preset: a machine of `fault_tolerance.toml`.
        budget: allowed failure probability of the whole program.
        p: physical error rate instead of the preset's.
        cycle_ns: nanoseconds of a code cycle instead of the preset's.
        pue: facility overhead.

    Returns:
        `physical_qubits`, `seconds`, `energy_j` as {value, low, high, unit, basis, ...}; `routes`, a list of
        {name, role, physical_qubits, seconds} or {name, role, why}; `formula`, `sources`, `inputs`.

    Raises:
        QwattError: unknown preset, a value out of range, an empty program, or no route finds any.
    """
    table = _checked(preset, budget, p, cycle_ns, pue)
    if not counts.t + counts.ccz + counts.rotations + counts.measurements:
        raise QwattError(
            "t, ccz, rotations and measurements are all 0",
            where="measurements",
            mend="give at least one of them, 1 or more",
        )
    hardware = _hardware(table, p, cycle_ns)
    routes = [_run(*route) for route in _routes(counts, hardware, budget)]
    found = [route for route in routes if "seconds" in route]
    if not found:
        reasons = "; ".join(f"{route['name']}: {route['why']}" for route in routes)
        raise QwattError(f"no route finds an estimate. {reasons}", where=preset)
    qubits = _spread(found, "physical_qubits", "qubit")
    seconds = _spread(found, "seconds", "s")
    power = table["power"]
    return {
        "physical_qubits": qubits.to_record(),
        "seconds": seconds.to_record(),
        "energy_j": machine_energy(power, counts.logical_qubits, qubits, seconds, pue).to_record(),
        "routes": routes,
        "formula": list(FORMULAS),
        "sources": _sources(power),
        "inputs": asdict(counts)
        | {"preset": preset, "budget": budget, "p": hardware.error, "cycle_ns": cycle_ns, "pue": pue},
    }


def machine_energy(
    power: str, logical_qubits: int, physical_qubits: Quantity, seconds: Quantity, pue: float = 1.0
) -> Quantity:
    """Return the energy of a future machine: PUE x (fixed + watts per qubit x qubits) x seconds.

    Args:
        power: a table of `fault_tolerance.toml` under `power`; where it has no watts per physical qubit, its
            watts per logical qubit are used.
        logical_qubits: of the program.
        physical_qubits: of the machine.
        seconds: runtime.
        pue: facility overhead; above 1 the boundary is the facility.
    """
    table = tables()["power"][power]
    watts = {
        key: catalogue.quantity(entry).to("W").interval for key, entry in table.items() if "value" in entry
    }
    ends = []
    for i in range(3):
        if "per_qubit" in watts:
            system = watts["fixed"][i] + watts["per_qubit"][i] * physical_qubits.interval[i]
        else:
            system = watts["per_logical"][i] * logical_qubits
        ends.append(pue * system * seconds.interval[i])
    boundary = Boundary.FACILITY if pue > 1 else Boundary.NODE
    return Quantity(ends[1], ends[0], ends[2], "J", Basis.MODELLED, boundary, table["source"])


def _checked(
    preset: str, budget: float, p: float | None, cycle_ns: float | None, pue: float
) -> Mapping[str, Any]:
    if preset not in presets():
        raise unknown_name("preset", preset, presets(), where="preset")
    if not 0 < budget < 1:
        raise QwattError(f"budget is {budget:g}", where="budget", mend="give a value between 0 and 1")
    if p is not None and not 0 < p < 1:
        raise QwattError(f"p is {p:g}", where="p", mend="give a value between 0 and 1")
    threshold = numbers(tables()["codes"]["surface"])["threshold"]
    if p is not None and p >= threshold and presets()[preset]["code"] == "surface":
        raise QwattError(
            f"p is {p:g}", where="p", mend=f"give a value below the threshold of the code, {threshold:g}"
        )
    if cycle_ns is not None and not (cycle_ns > 0 and math.isfinite(cycle_ns)):
        raise QwattError(f"cycle_ns is {cycle_ns:g}", where="cycle_ns", mend="give a value above 0")
    if presets()[preset]["code"] != "surface" and (p is not None or cycle_ns is not None):
        raise QwattError(f"p and cycle_ns are for gate-based presets, not {preset}", where="preset")
    if not 1 <= pue < math.inf:
        raise QwattError(f"pue is {pue:g}", where="pue", mend="give a value of at least 1")
    return presets()[preset]


def _hardware(table: Mapping[str, Any], p: float | None, cycle_ns: float | None) -> Hardware:
    machine = numbers(table)
    return Hardware(
        code=table["code"],
        error=machine["error"] if p is None else p,
        gate_ns=machine["time_gate"] * 1e9,
        measure_ns=machine["time_measure"] * 1e9,
        cycle_ns=cycle_ns,
        estimator=table.get("estimator") if p is None else None,
    )


def _routes(
    counts: LogicalCounts, hardware: Hardware, budget: float
) -> list[tuple[str, str, Callable[[], Result]]]:
    """Return (name, role, estimate) of every route, the preferred ones first.

    Our own has no factories for measurement-based codes, whose physical T states are far noisier than p.
    """

    def by_factory(factory: str) -> Callable[[], Result]:
        return lambda: qdk_routes.version3(counts, hardware, budget, factory)

    by_v2 = ("qdk version 2", "cross-check", lambda: qdk_routes.version2(counts, hardware, budget))
    if hardware.code == "floquet":
        return [("qdk.qre, rounds of distillation", "primary", by_factory("rounds")), by_v2]
    return [
        ("qdk.qre, cultivation", "primary", by_factory("cultivation")),
        ("qdk.qre, distillation", "primary", by_factory("distillation")),
        ("own surface-code formula", "second route", lambda: _own(counts, hardware, budget)),
        by_v2,
    ]


def _own(counts: LogicalCounts, hardware: Hardware, budget: float) -> Result:
    cycle_s = None if hardware.cycle_ns is None else hardware.cycle_ns * 1e-9
    times = {"gate": hardware.gate_ns * 1e-9, "measure": hardware.measure_ns * 1e-9}
    machine = surface_code.coded_hardware(hardware.code, hardware.error, cycle_s=cycle_s, **times)
    return surface_code.estimate(counts, machine, budget)


def _run(name: str, role: str, estimate: Callable[[], Result]) -> dict[str, Any]:
    try:
        return {"name": name, "role": role, **estimate()}
    except QwattError as error:
        return {"name": name, "role": role, "why": " ".join(f"{error.what} {error.mend or ''}".split())}


def _spread(found: list[dict[str, Any]], key: str, unit: str) -> Quantity:
    """Return the preferred route's number; low and high over all routes and the known spread of tools."""
    value = found[0][key]
    every = [route[key] for route in found]
    factor = numbers(tables()["spread"])["qubits" if key == "physical_qubits" else "seconds"]
    names = ", ".join(route["name"] for route in found)
    return Quantity(value, min(every), max(*every, value * factor), unit, reason=f"routes: {names}")


def _sources(power: str) -> list[str]:
    parts = tables()
    named = [parts["codes"]["surface"], parts["layout"], parts["reaction"], *parts["magic"].values()]
    return [
        f"{table['source']} ({table['date']})" for table in (*named, parts["spread"], parts["power"][power])
    ]
