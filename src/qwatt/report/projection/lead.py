"""A projection in two sentences: what the life takes, and the verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from qwatt.projection.verdicts.rules import WORDS
from qwatt.report.projection.amounts import value_and_interval
from qwatt.report.projection.stages import facility

Record = Mapping[str, Any]


def lead(record: Record, years: float) -> str:
    """Return the page's first sentences: what the life takes, and what the verdicts are."""
    value, interval = value_and_interval(facility(record["total"]))
    counts = Counter(entry["verdict"] for entry in record["enhancements"])
    words = ", ".join(f"{counts[word]} {word}" for word in WORDS if counts[word])
    spread = f" ({interval})" if interval else ""
    return (
        f"Trained, served for {years:g} years and watched, this model takes {value}{spread} of facility "
        f"energy. Verdicts on {sum(counts.values())} quantum enhancements: {words}."
    )
