"""A what-if: settings in, the answers of the median future out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.projection.levers.lever import Lever
from qwatt.projection.project import Projection
from qwatt.projection.whatif.duels import WORDS
from qwatt.projection.whatif.median import MedianFuture
from qwatt.projection.whatif.recorded import plain
from qwatt.projection.whatif.settings import Settings


@dataclass(frozen=True)
class Answer:
    """What changes when settings do.

    Args:
        kwh, co2e_kg, usd, electricity_usd: of the life; usd is rent, and contains electricity.
        stages: kWh by stage.
        levers: by id {kwh, usd, co2e_kg} that a lever saves.
        distance: by id of a quantum enhancement log10 of its joules over the best classical method's.
        limit: by id what limits it.
    """

    kwh: float
    co2e_kg: float
    usd: float
    electricity_usd: float
    stages: Mapping[str, float]
    levers: Mapping[str, Mapping[str, float]]
    distance: Mapping[str, float]
    limit: Mapping[str, str]


def whatif(projection: Projection, settings: Settings, levers: Sequence[Lever] | None = None) -> Answer:
    """Return the answers for other settings, without drawing any future anew.

    Args:
        projection: what the settings change; it must have a what-if, see `why_not`.
        settings: what is asked.
        levers: which levers to follow; None takes all that need no quantum computer and are known.

    Raises:
        QwattError: a setting is out of range.
    """
    every = [lever for lever in projection.levers if lever.kind != "quantum"]
    future = MedianFuture(projection, every if levers is None else levers)
    settings.check(future.years)
    return answered(future.compute(future.arrays(settings)))


def answered(found: Mapping[str, Any]) -> Answer:
    """Return the answers from the numbers that `MedianFuture.compute` gives by name."""
    numbers = {name: float(plain(number)) for name, number in found.items()}

    def named(prefix: str) -> dict[str, float]:
        return {n.removeprefix(prefix): number for n, number in numbers.items() if n.startswith(prefix)}

    levers: dict[str, dict[str, float]] = {}
    for name, number in named("lever ").items():
        lever, part = name.rsplit(" ", 1)
        levers.setdefault(lever, {})[part] = number
    return Answer(
        **{name: numbers[name] for name in ("kwh", "co2e_kg", "usd", "electricity_usd")},
        stages=named("stage "),
        levers=levers,
        distance=named("distance "),
        limit={name: WORDS[int(number)] for name, number in named("limit ").items()},
    )
