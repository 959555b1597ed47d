"""What would have to be true of an enhancement, and when to look again, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.report.projection.amounts import amount, percent, times
from qwatt.report.projection.trigger_text import trigger_text

Record = Mapping[str, Any]


def needs_text(entry: Record) -> str:
    """Return the factors that bring parity: each alone, and all together at the pace of the past."""
    rows = [row for row in entry["needs"] if row["target"] == "parity"]
    if not rows:
        return "nothing: QPUs are taken as free already"
    alone = [row for row in rows if row["alone"]]
    known = [f"{row['what']} {times(row['factor'])} better" for row in alone if row["factor"] is not None]
    helpless = [row["what"] for row in alone if row["factor"] is None]
    parts = [f"for as many joules, alone: {'; '.join(known)}"] if known else []
    if helpless == ["any QPU"]:
        parts.append(f"no QPU helps: {alone[0]['why']}")
    elif helpless:
        parts.append(f"no factor on {', '.join(helpless)} suffices alone")
    return "; ".join([*parts, *_together([row for row in rows if not row["alone"]])])


def again_text(entry: Record) -> str:
    """Return the trigger, who meets it, and until when to believe the verdict."""
    if entry["trigger"] is None:
        words = "no machine within a century of progress would bring parity"
    else:
        met = entry["trigger_tests"]["met_by"]
        words = f"when a machine has {trigger_text(entry['trigger'])}" + (
            f": met by {', '.join(met)}" if met else ""
        )
    return f"{words}; believe this until {entry['expires']}"


def ceiling_text(entry: Record) -> str:
    """Return what a free QPU of any size would save."""
    found = entry["ceiling"]
    if found["kwh_p90"] <= 0:
        return "nothing"
    share = found["share"]
    of_life = "a share of the life that is unknown" if share is None else f"{percent(share)} of the life"
    units = (("kwh", "kWh"), ("co2e_kg", "kgCO2e"), ("usd", "USD"))
    return f"{', '.join(amount(found[key], unit) for key, unit in units)}: {of_life}"


def futures_text(entry: Record) -> str:
    """Return in which share of the futures each word would be given, and whether it sits on a threshold."""
    shares = ", ".join(f"{word} {percent(p)}" for word, p in entry["verdict_probabilities"].items() if p > 0)
    other = entry["on_threshold"]
    return shares + (f"; on a threshold: more futures may say {other!r}" if other else "")


def _together(rows: Sequence[Record]) -> list[str]:
    joint = [row for row in rows if row["what"] != "host time"]
    host = [row for row in rows if row["what"] == "host time"]
    parts = []
    if joint and joint[0]["factor"] is not None:
        each = ", ".join(f"{row['what']} {times(row['factor'])}" for row in joint)
        parts.append(f"together, {joint[0]['years']:g} more years at the pace of the past: {each}")
    elif joint:
        parts.append(f"together: {joint[0]['why']}")
    return parts + [f"and the host's calls {times(row['factor'])} cheaper" for row in host]
