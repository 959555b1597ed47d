"""How a distance is written: in powers of ten."""

from __future__ import annotations

from collections.abc import Mapping


def distance_number(distance: Mapping[int, float | None] | Mapping[str, float | None]) -> str:
    """Write the last year's distance as a bare power: "3.1"."""
    last = distance[max(distance)] if distance else None  # type: ignore[index]
    return "–" if last is None else f"{last:.1f}".replace("-", "−")
