"""The box to file: figure, interval, method, year, scope, boundary and basis as plain text, ready to copy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from qwatt.core.quantity import Quantity
from qwatt.report.filing import filed_amount
from qwatt.report.first.best_levers import to_use
from qwatt.report.marks import basis_phrase
from qwatt.report.part import Part, fill
from qwatt.report.projection.stages import facility, recorded_stages
from qwatt.report.subject import Record, Subject


def part(subject: Subject) -> Part | None:
    """Return the box: of a life where there is a projection, else of the run's own energy."""
    record = subject.record
    if record is None:
        if not subject.comparisons:
            return None
        text, facts = _run_text(subject), _run_facts()
    else:
        text, facts = _life_text(subject, record), _life_facts(record)
    return Part("file", "To file", fill("to_file", text=text, facts=facts))


def digest(record: Record) -> str:
    """Return eight letters by which a filed figure is found again: of the projection's JSON form."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:8]


def _life_text(subject: Subject, record: Record) -> str:
    total, accounting, settings = record["total"], record["accounting"], record["assumptions"]
    years = "" if subject.projection is None else f", {subject.projection.scenario.deployment.years:g} years"
    per_kwh = f"{accounting['location_kg_per_kwh'][1]:.3g} kg per kWh"
    carbon = filed_amount(Quantity.from_record(total["co2e_kg"]), "t")
    energy = filed_amount(facility(total), "MWh")
    sentences = [
        f"The life of {record['name']} (curation, encoding, architecture search, training, tuning, "
        f"deployment, monitoring{years}) takes {energy} of facility electricity.",
        f"Location-based CO2e of operation: {carbon}; grid: {accounting['grid']} {accounting['grid_year']}, "
        f"{per_kwh}. Market-based: {_market(record)}.",
        f"Embodied CO2e of the hardware by its hours of use, not contained: "
        f"{filed_amount(Quantity.from_record(total['embodied_kgco2e']), 't')}. "
        f"Water: {filed_amount(Quantity.from_record(total['water_l']), 'm3')}.",
        f"Cost: {filed_amount(Quantity.from_record(total['usd']), 'USD')}.",
        "Basis: modelled from the scenario; 90 % intervals in brackets. " + _anchors(record),
        f"Boundary: facility (node times PUE). Scope: {accounting['scope']}.",
        f"{_made_by()}, scenario {record['scenario']}, {settings['draws']} draws, seed {settings['seed']}, "
        f"result {digest(record)}.",
    ]
    return "\n".join(sentences)


def _market(record: Record) -> str:
    quantity = Quantity.from_record(record["accounting"]["co2e_market_kg"])
    return filed_amount(quantity, "t")


def _anchors(record: Record) -> str:
    anchors, recorded = record["assumptions"]["anchors"], recorded_stages(record)
    if not anchors and not recorded:
        return "No measured run anchors it."
    sentences = []
    if recorded:
        sentences.append(f"Recorded energy stands in place of the calculated: {', '.join(recorded)}.")
    if anchors:
        sentences.append(
            f"{len(anchors)} of its cost formulas are anchored by measured trials of small sizes."
        )
    return " ".join(sentences)


def _life_facts(record: Record) -> list[tuple[str, str]]:
    levers = to_use(record["levers"])
    best = levers[0] if levers else None
    quantum = sum(e["saved_kwh"]["expected"] or 0.0 for e in record["enhancements"] if e["kind"] == "quantum")
    first = "nothing" if best is None else f"{best['name']}: {best['saved_kwh']['value'] / 1000:.0f} MWh"
    return [
        ("Boundary", "facility: node × PUE"),
        ("Grid year", str(record["accounting"]["grid_year"])),
        ("Method", "location based; scope 2 of who runs the machines, scope 3 of who rents them"),
        ("Not counted", "networks and users' devices; embodied carbon stands apart"),
        ("Avoidable today, at most by one lever", first),
        ("Saved by quantum methods, expected", f"{quantum:.3g} kWh" if quantum >= 1 else "below 1 kWh"),
    ]


def _sum(energies: Sequence[Quantity]) -> Quantity:
    low, middle, high = map(sum, zip(*(energy.to("J").interval for energy in energies), strict=True))
    return Quantity(middle, low, high, "J")


def _run_text(subject: Subject) -> str:
    trials = [trial for comparison in subject.comparisons for row in comparison.rows for trial in row.trials]
    known = [t.host_energy for t in trials if t.host_energy is not None and t.host_energy.known]
    bases = ", ".join(sorted({f"{basis_phrase(one.basis)} ({one.basis})" for one in known})) or "none"
    boundaries = ", ".join(sorted({e.boundary for e in known if e.boundary is not None})) or "not stated"
    unknown = len(trials) - len(known)
    joules = filed_amount(_sum(known), "kJ") if known else "unknown"
    rest = f"; the energy of {unknown} more is unknown." if unknown else "."
    sentences = [
        f"Run {subject.name}: {len(trials)} finished trials of {_listed(subject)} took {joules} here{rest}",
        f"Basis: {bases}. Boundary: {boundaries}. Contained: all that the methods did, tuning too.",
        "CO2e and money are not stated: a run names no grid and no price; give a scenario.",
        f"{_made_by()}, run folder {subject.name}.",
    ]
    return "\n".join(sentences)


def _listed(subject: Subject) -> str:
    return ", ".join(dict.fromkeys(comparison.task for comparison in subject.comparisons))


def _run_facts() -> Sequence[tuple[str, str]]:
    return [
        ("Boundary", "this machine, as the basis says"),
        ("Not counted", "other machines, networks, QPUs: those are modelled, not used"),
        ("For a life", "`qwatt report DIR --scenario NAME|FILE`"),
    ]


def _made_by() -> str:
    try:
        return f"qwatt {version('qwatt')}"
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "qwatt"
