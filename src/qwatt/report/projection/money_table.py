"""The cost-benefit table: benefit, net present value, saving, and what a QPU hour may cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.report.projection.amounts import chance, ends
from qwatt.report.projection.rows import Cell

COLUMNS = (
    "enhancement",
    "gross benefit",
    "net present value",
    "pilot repays",
    "energy saved if it wins",
    "QPU cost if it wins",
    "break-even price",
)


def money_rows(entries: Sequence[Mapping[str, Any]]) -> list[list[Cell]]:
    """Return a line for every enhancement that was priced."""
    return [_row(entry) for entry in entries if entry["money"] is not None]


def ever_wins(entry: Mapping[str, Any]) -> bool:
    """Return whether a priced enhancement saves energy in any future that was drawn."""
    return entry["saved_kwh"]["if_it_wins"] is not None


def money_intro(entries: Sequence[Mapping[str, Any]]) -> str:
    """Say what a pilot and its upkeep cost; the scenario's prices are the same for every enhancement."""
    money = next((entry["money"] for entry in entries if entry["money"] is not None), None)
    if money is None:
        return "No enhancement was priced."
    pilot, upkeep = (_cell(money[key], "USD") for key in ("pilot_usd", "integration_usd_per_year"))
    return (
        f"A pilot of one enhancement costs {pilot[0]} ({pilot[1]}), and keeping it in production "
        f"{upkeep[0]} a year ({upkeep[1]}); staff, access to a QPU or its purchase with maintenance, "
        "electricity and carbon are contained below."
    )


def money_note(entries: Sequence[Mapping[str, Any]]) -> str:
    """Explain the columns with the formulas that were used."""
    formulas = next((entry["money"]["formulas"] for entry in entries if entry["money"] is not None), ())
    return (
        "Medians, with the tenth and ninetieth percentile. Gross benefit: compute, carbon and better "
        "solutions over the model's life. Break-even price: the most that a QPU hour may cost. "
        + "; ".join(formulas)
        + "."
    )


def _row(entry: Mapping[str, Any]) -> list[Cell]:
    money = entry["money"]
    return [
        (entry["name"], ""),
        _cell(money["benefit_usd"], "USD"),
        _cell(money["npv_usd"], "USD"),
        (chance(money["p_pays"]), ""),
        _cell(entry["saved_kwh"]["if_it_wins"], "kWh"),
        _cell(money["qpu_usd_if_it_wins"], "USD"),
        _price(money["break_even_usd_per_qpu_hour"]),
    ]


def _price(found: Mapping[str, float | None] | None) -> Cell:
    """Write a break-even price, or that no price pays, in the median future or in nine of ten."""
    if found is None:
        return "–", ""
    low, middle, high = (found[name] for name in ("p10", "p50", "p90"))
    if high is None:
        return "no price pays", ""
    most, _ = ends(high, high, high, "USD/h")
    if middle is None:
        return "no price pays", f"up to {most} in one of ten futures"
    value, spread = ends(low or 0.0, middle, high, "USD/h")
    return value, spread if low is not None else f"no price pays to {most}"


def _cell(found: Mapping[str, float] | None, unit: str) -> Cell:
    return ("–", "") if found is None else ends(found["p10"], found["p50"], found["p90"], unit)
