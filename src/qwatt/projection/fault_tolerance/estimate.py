"""The calculator behind `estimate fault-tolerant`: physical qubits, seconds and joules by several routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.projection.fault_tolerance import qdk_routes, surface_code
from qwatt.projection.fault_tolerance.program import FaultTolerantInput
from qwatt.projection.fault_tolerance.qdk_routes import Hardware
from qwatt.projection.fault_tolerance.surface_code import LogicalCounts, central_values, numbers, tables

Result = dict[str, float]

FORMULAS = (
    "patches = 2 Q + ceil(sqrt(8 Q)) + 1; eps(d) = A (p/p_th)^((d+1)/2) <= budget share / (patches x cycles)",
    "t = max(cycles x d x t_cycle, magic states in turn x t_reaction)",
    "N = patches x qubits(d) + factories x factory qubits",
    "E = PUE x (P_fixed + w_qubit x N) x t",
)


def estimate_fault_tolerant(given: FaultTolerantInput) -> dict[str, Any]:
    """Estimate a program on an error-corrected machine: physical qubits, seconds, joules, by every route.

    The value is the best route of `qdk.qre`, or our own where it finds none; the interval holds every route
    and the published spread between tools. With a PUE above 1 the energy's boundary is the facility.

    Returns:
        `physical_qubits`, `seconds`, `energy_j` as {value, low, high, unit, basis, ...}; `routes`, a list of
        {name, role, physical_qubits, seconds} or {name, role, why}; `formula`, `sources`, `inputs`.

    Raises:
        QwattError: no route finds any.
    """
    counts, hardware, power = given.counts, _hardware(given), given.table["power"]
    routes = [_run(*route) for route in _routes(counts, hardware, given.budget)]
    found = [route for route in routes if "seconds" in route]
    if not found:
        reasons = "; ".join(f"{route['name']}: {route['why']}" for route in routes)
        raise QwattError(f"no route finds an estimate. {reasons}", where=given.preset)
    qubits = _spread(found, "physical_qubits", "qubit")
    seconds = _spread(found, "seconds", "s")
    hard = {"p": hardware.error, "cycle_ns": given.cycle_ns, "pue": given.pue}
    return {
        "physical_qubits": qubits.to_record(),
        "seconds": seconds.to_record(),
        "energy_j": machine_energy(power, counts.logical_qubits, qubits, seconds, given.pue).to_record(),
        "routes": routes,
        "formula": list(FORMULAS),
        "sources": _sources(power),
        "inputs": asdict(counts) | {"preset": given.preset, "budget": given.budget} | hard,
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


def _hardware(given: FaultTolerantInput) -> Hardware:
    table, machine = given.table, central_values(given.table)
    return Hardware(
        code=table["code"],
        error=machine["error"] if given.p is None else given.p,
        gate_ns=machine["time_gate"] * 1e9,
        measure_ns=machine["time_measure"] * 1e9,
        cycle_ns=given.cycle_ns,
        estimator=table.get("estimator") if given.p is None else None,
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
    """Return the preferred route's number; its interval holds all routes, and the spread of tools."""
    value = found[0][key]
    every = [route[key] for route in found]
    factor = numbers("spread")["qubits" if key == "physical_qubits" else "seconds"]
    names = ", ".join(route["name"] for route in found)
    low, high = min(*every, value / factor), max(*every, value * factor)
    return Quantity(value, low, high, unit, reason=f"routes: {names}")


def _sources(power: str) -> list[str]:
    parts = tables()
    named = [parts["codes"]["surface"], parts["layout"], parts["reaction"], *parts["magic"].values()]
    return [
        f"{table['source']} ({table['date']})" for table in (*named, parts["spread"], parts["power"][power])
    ]
