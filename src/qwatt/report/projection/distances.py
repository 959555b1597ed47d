"""How a distance is written: always in powers of ten, with its factor for people."""

from __future__ import annotations

from collections.abc import Mapping

from qwatt.report.projection.amounts import times


def distance_text(distance: Mapping[int, float | None] | Mapping[str, float | None]) -> str:
    """Write the last year's distance: "3.1 powers of ten (1 300 times)"."""
    if not distance:
        return "–"
    last = distance[max(distance)]  # type: ignore[index]
    return "beyond any number" if last is None else f"{last:.1f} powers of ten ({times(10.0**last)})"


def distance_number(distance: Mapping[int, float | None] | Mapping[str, float | None]) -> str:
    """Write the last year's distance as a bare power: "3.1"."""
    last = distance[max(distance)] if distance else None  # type: ignore[index]
    return "–" if last is None else f"{last:.1f}".replace("-", "−")
