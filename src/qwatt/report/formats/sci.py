"""Software Carbon Intensity per functional unit: SCI = (E x I + M) / R (ISO/IEC 21031, and SCI for AI).

E is energy, I the grid's carbon intensity, M the embodied carbon of the hardware's share, R the functional
unit. M is known only where core-hours were recorded; where it is not, neither is the SCI, and its operational
part stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from qwatt.core.json_text import json_text
from qwatt.core.quantity import S_PER_H, Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.projection.calculators import facility
from qwatt.projection.spread import Span
from qwatt.report import comparisons_of
from qwatt.report.formats.site import Place, boundary_words
from qwatt.report.formats.taken import Taken, taken_by

FORMULA = "SCI = (E * I + M) / R"
NO_HOURS = "the core-hours of trials are not recorded, which M is taken from"
BY_HOUR = "the catalogue's embodied carbon of a server, by the hour of a busy core"
GPU_HOURS = "the hours of each accelerator are not recorded, which M is taken from"
UNITS = ("requests", "tokens", "steps")
"""Counts that serve as functional unit, the best first."""
SOURCES = ("ISO/IEC 21031:2024", "https://github.com/Green-Software-Foundation/sci-ai")


def sci_json(folder: RunFolder, place: Place) -> str:
    """Return an entry a recorded stage, or a method of the run's tasks; unknown is null with its reason."""
    pieces = taken_by(folder)
    entries = [_stage(piece, place) for piece in pieces if piece.rows]
    record = {
        "formula": FORMULA,
        "I": place.words,
        "entries": entries or list(_methods(folder, place)),
        "sources": list(SOURCES),
    }
    return json_text(record)


def _stage(piece: Taken, place: Place) -> dict[str, Any]:
    unit = next((one for one in UNITS if piece.counts.get(one)), None)
    many = piece.counts[unit] if unit else float(len(piece.rows))
    name = unit.removesuffix("s") if unit else f"a stretch of {piece.what}"
    gpus = any(row.facts.get("accelerators") for row in piece.rows)
    hours = Span.given(sum(row.cpu_seconds for row in piece.rows) / S_PER_H)
    embodied = (
        _unknown_embodied(GPU_HOURS) if gpus else replace(facility.embodied_cores(hours), reason=BY_HOUR)
    )
    entry = _entry(piece.energy, embodied, many, name, place)
    boundary = "provider" if piece.making else "consumer"
    return (
        {"stage": piece.stage, "what": piece.what, "boundary_of": boundary}
        | entry
        | {"remarks": list(piece.remarks)}
    )


def _methods(folder: RunFolder, place: Place) -> Iterator[dict[str, Any]]:
    for comparison in comparisons_of(folder):
        for row in comparison.rows:
            if row.energy is not None:
                head = {"task": comparison.task, "method": row.label, "boundary_of": "provider"}
                unit = f"{comparison.functional_unit} (one trial, tuning included)"
                yield head | _entry(row.energy, _unknown_embodied(NO_HOURS), 1.0, unit, place)


def _entry(energy: Quantity, embodied: Quantity, many: float, unit: str, place: Place) -> dict[str, Any]:
    """Return E, M, R and what follows, in grams of CO2e per functional unit."""
    operational, m = place.carbon_g(energy), embodied.to("gCO2e")
    whole = Quantity.unknown(m.reason or operational.reason or "unknown", "gCO2e")
    if operational.known and m.known:
        both = Span.from_quantity(operational, "gCO2e") + Span.from_quantity(m, "gCO2e")
        whole = both.quantity("gCO2e", reason="operation and embodied")
    return {
        "E": place.energy_kwh(energy).to_record(),
        "M": m.to_record(),
        "R": {"unit": unit, "count": many},
        "operational_per_unit": operational.scaled(1 / many).to_record(),
        "sci": whole.scaled(1 / many).to_record(),
        "boundary": boundary_words(place.energy_kwh(energy)),
    }


def _unknown_embodied(why: str) -> Quantity:
    return Quantity.unknown(why, "kgCO2e")
