"""How a distance is written: in powers of ten."""

from __future__ import annotations

from collections.abc import Mapping

Distance = Mapping[int, float | None] | Mapping[str, float | None]


def last_distance(distance: Distance) -> float | None:
    """Return the last year's distance, or None where there is none."""
    return distance[max(distance)] if distance else None  # type: ignore[index]


def distance_number(distance: Distance) -> str:
    """Write the last year's distance as a bare power: "3.1"."""
    last = last_distance(distance)
    return "–" if last is None else f"{last:.1f}".replace("-", "−")
