"""A projection for other programs: JSON whole, CSV by enhancement, CSV by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qwatt.core.json_text import json_text
from qwatt.core.tidied import write_tidied
from qwatt.data.cells import to_csv

Record = Mapping[str, Any]
ENDS = ("p10", "p50", "p90")


def write_exports(record: Record, folder: Path) -> None:
    """Write projection.json, projection.csv (a line an enhancement), levers.csv, life_cycle.csv (a stage)."""
    write_tidied(folder / "projection.json", json_text(record))
    _write(folder / "projection.csv", [enhancement_row(entry) for entry in record["enhancements"]])
    _write(folder / "levers.csv", [lever_row(entry) for entry in record["levers"]])
    whole = {"stage": "whole life", "share": None, "note": ""} | dict(record["total"])
    _write(folder / "life_cycle.csv", [stage_row(stage) for stage in (*record["stages"], whole)])


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    write_tidied(path, to_csv(columns, rows))


def enhancement_row(entry: Record) -> dict[str, Any]:
    """Return an enhancement as one flat line."""
    plain = ("stage", "task", "id", "name", "enhancement")
    row: dict[str, Any] = {key: entry[key] for key in plain}
    row |= {f"article_{key}": value for key, value in entry["article"].items()}
    row |= {"verdict": entry["verdict"], "on_threshold": entry["on_threshold"], "limit": entry["limit"]}
    row |= {f"p_{word.replace(' ', '_')}": p for word, p in entry["verdict_probabilities"].items()}
    row |= {f"distance_{year}": far for year, far in entry["distance"].items()}
    row |= {f"ceiling_{name}": number for name, number in entry["ceiling"].items()}
    row |= {"trigger": entry["trigger"], "expires": entry["expires"]}
    for key in ("break_even", "break_even_simulation"):
        row |= {f"{key}_{end}": entry[key][end] for end in (*ENDS, "p_never")}
    saved = entry["saved_kwh"]["if_it_wins"] or {}
    row |= {f"saved_kwh_{end}": saved.get(end) for end in ENDS}
    money = entry["money"] or {}
    for key in ("pilot_usd", "npv_usd", "break_even_usd_per_qpu_hour"):
        ends = money.get(key) or {}
        row |= {f"{key}_{end}": ends.get(end) for end in ENDS}
    row["p_pays"] = money.get("p_pays")
    row |= {f"p_advantage_{year}": p for year, p in entry["p_advantage"].items()}
    return row | {"why": entry["why"]}


def lever_row(lever: Record) -> dict[str, Any]:
    """Return a lever as one flat line."""
    nested = ("saved_kwh", "effect", "verdict_probabilities", "by_stage")
    row = {key: value for key, value in lever.items() if key not in nested}
    saved = {f"saved_kwh_{end}": lever["saved_kwh"][end] for end in ("value", "low", "high", "basis")}
    return row | saved | {"effect": lever["effect"].get("kind", "")}


def stage_row(stage: Record) -> dict[str, Any]:
    """Return a stage of the life as one flat line."""
    quantities = {
        "energy_kwh": stage["energy_kwh"]["facility"],
        "idle_kwh": stage["idle"],
        "co2e_kg": stage["co2e_kg"],
        "embodied_kgco2e": stage["embodied_kgco2e"],
        "water_l": stage["water_l"],
        "usd": stage["usd"],
        "share": stage["share"] or {},
    }
    row: dict[str, Any] = {"stage": stage["stage"]}
    for name, quantity in quantities.items():
        row |= {name: quantity.get("value"), f"{name}_low": quantity.get("low")}
        row |= {f"{name}_high": quantity.get("high")}
    return row | {"note": stage["note"]}
