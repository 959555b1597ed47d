"""Prints what a calculator returned: values with intervals and basis, formula, symbols, notes, sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from qwatt.core.quantity import Quantity

if TYPE_CHECKING:
    from qwatt.projection.calculators.estimate import Estimate

Rows = list[tuple[str, Quantity]]
LABELS = {
    "gpu_hours": "accelerator time",
    "energy_kwh": "energy",
    "energy_j": "energy",
    "co2e_kg": "CO2e, operation",
    "usd": "money",
    "electricity_usd": "electricity alone",
    "embodied_kgco2e": "CO2e, embodied",
    "wall_hours": "wall-clock time",
    "device_kwh_by_flop": "energy by J per FLOP",
    "j_per_output_token": "energy per output token",
    "j_per_request": "energy per request",
    "energy_per_request": "energy per request, with idling",
    "idle": "energy of idle hardware, contained",
    "water_l": "water",
    "idle_per_request": "of it idle hardware",
    "water_l_per_request": "water per request",
    "gpu_hours_per_request": "accelerator time per request",
    "co2e_kg_per_request": "CO2e per request",
    "usd_per_request": "money per request",
    "electricity_usd_per_request": "electricity alone per request",
    "core_hours": "core time",
    "seconds": "time on the QPU",
}


def show_estimate(estimate: Estimate, as_json: bool) -> None:
    """Print an estimate of the life-cycle calculators."""
    from qwatt.cli.output import print_json

    if as_json:
        print_json(estimate.to_record())
        return
    inputs = ", ".join(f"{key} {_plain(value)}" for key, value in estimate.inputs.items() if value)
    _quantities(f"Estimate: {estimate.name}" + (f" ({inputs})" if inputs else ""), list(estimate.flat()))
    _lines("formula", estimate.formula.split("; "))
    _symbols(estimate.symbols)
    _lines("notes", estimate.notes)
    _lines("sources", estimate.sources)


def show_circuit(record: Mapping[str, Any], as_json: bool) -> None:
    """Print what circuits or QUBOs cost on a QPU, and whether it can run them."""
    from qwatt.cli.output import console, print_json

    if as_json:
        print_json(record)
        return
    anneals = "variables" in record["inputs"]
    rows = _of_records(record, ("seconds", "energy_j", "usd", *([] if anneals else ["fidelity"])))
    rows += [
        (f"money, offer {name}", Quantity.from_record(offer)) for name, offer in record["offers"].items()
    ]
    _quantities(f"Estimate: {'QUBOs' if anneals else 'circuits'} on {record['qpu']}", rows)
    words = "yes" if record["executable"] else f"no: {record['why']}"
    console().print(f"executable: {words}")
    for heading in ("formula", "notes", "claimed", "sources"):
        _lines(heading, record[heading])


def show_fault_tolerant(record: Mapping[str, Any], as_json: bool) -> None:
    """Print what a program costs on an error-corrected machine, and every route to it."""
    from qwatt.cli.output import print_json, print_table
    from qwatt.report.projection.amounts import amount

    if as_json:
        print_json(record)
        return
    rows = _of_records(record, ("physical_qubits", "seconds", "energy_j"))
    _quantities(f"Estimate: error-corrected machine, preset {record['inputs']['preset']}", rows)
    routes = [
        (r["name"], r["role"], amount(r["physical_qubits"], "qubit"), amount(r["seconds"], "s"))
        if "seconds" in r
        else (r["name"], r["role"], "none", r["why"])
        for r in record["routes"]
    ]
    print_table("Routes", ("route", "role", "physical qubits", "time"), routes)
    for heading in ("formula", "sources"):
        _lines(heading, record[heading])


def _of_records(record: Mapping[str, Any], names: Iterable[str]) -> Rows:
    return [(name, Quantity.from_record(record[name])) for name in names]


def _quantities(title: str, rows: Rows) -> None:
    from qwatt.cli.output import print_table
    from qwatt.report.projection.amounts import value_and_interval

    cells, remarks = [], []
    for name, quantity in rows:
        value, interval = value_and_interval(quantity)
        label = _label(name)
        boundary = quantity.boundary.value if quantity.boundary else ""
        cells.append((label, value, interval, quantity.basis.value, boundary))
        if quantity.known and quantity.reason:
            remarks.append(f"{label}: {quantity.reason}")
    print_table(title, ("quantity", "value", "interval", "basis", "boundary"), cells)
    _lines("remarks", remarks)


def _label(name: str) -> str:
    """Return a quantity's name for people: units and boundaries have columns of their own."""
    group = name.removesuffix(".device").removesuffix(".node").removesuffix(".facility")
    return LABELS.get(group, group.replace("_", " "))


def _symbols(symbols: Mapping[str, str]) -> None:
    _lines("symbols", [f"{symbol}: {meaning}" for symbol, meaning in symbols.items()])


def _lines(heading: str, lines: Iterable[str]) -> None:
    from qwatt.cli.output import console

    items = [line for line in lines if line]
    if items:
        console().print(heading, style="bold")
        for item in items:
            console().print(f"  {item}", soft_wrap=True)


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
