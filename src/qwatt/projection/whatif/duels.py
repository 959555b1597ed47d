"""Quantum enhancements against their best rivals in the median future, by the projection's own code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from qwatt.core.quantity import J_PER_KWH
from qwatt.projection.futures.costs import SECONDS_PER_DAY, best_job
from qwatt.projection.futures.host import host_core_s
from qwatt.projection.futures.machines import Annealer, Machine, World
from qwatt.projection.futures.outcome import TIE
from qwatt.projection.scaling.card import DEMANDS, Card
from qwatt.projection.scaling.evaluate import JOULES, UnitCosts, unit_costs
from qwatt.projection.scaling.quantile import central_quantiles, spread
from qwatt.projection.spread import Span
from qwatt.projection.whatif.machines import ANNEALER, MACHINE
from qwatt.projection.whatif.recorded import Number, Routine

WORDS = ("by construction", "quality", "size", "hardware")
"""The limits in the order in which they are asked."""


@dataclass(frozen=True)
class Median:
    """An enhancement in the median future.

    Args:
        distance: log10 of its joules over the best classical method's, on a machine of any size.
        limit: place of its limit in `WORDS`.
    """

    distance: Number
    limit: Number


class Duels:
    """The duels of a scenario.

    Args:
        world: the median world, for what no setting and no year changes.
        life_days: days in service, within which a fleet must do all the work.
    """

    def __init__(self, world: World, life_days: float) -> None:
        self._world, self._life_s = world, life_days * SECONDS_PER_DAY
        self._routines: dict[str, Routine] = {}

    def median(
        self,
        card: Card,
        against: Sequence[Card],
        known: Mapping[str, Number],
        world: World,
        stage_kwh: Number,
        *,
        misses_quality: bool,
    ) -> Median:
        """Return an enhancement's distance and limit.

        Args:
            card, against: the enhancement and its rivals.
            known: sizes and prices.
            world: of the year.
            stage_kwh: energy of its stage over the life.
            misses_quality: whether it misses the quality in most futures, which no setting changes.
        """
        own = _costs(card, known)
        rival = reduce(np.minimum, [_costs(other, known).classical_j for other in against])
        idle, progress = world.classical_idle, world.classical[card.progress]
        any_size, limited = self._jobs(card, own, world)
        host = host_core_s(own.demands, central_quantiles) * known["J_core_s"] * idle * world.hardware
        quantum_j = any_size + host + own.classical_j * idle * progress
        spare_j = (rival - own.classical_j) * idle
        spare_j = np.where(np.abs(spare_j) <= TIE * rival * idle, 0.0, spare_j)
        ceiling_kwh = spare_j * own.times / J_PER_KWH + _upside(card) * stage_kwh
        size_or_hardware = np.where(np.isfinite(limited), 3.0, 2.0)
        limit = np.where(ceiling_kwh <= 0.0, 0.0, 1.0 if misses_quality else size_or_hardware)
        return Median(np.log10(quantum_j) - np.log10(rival * idle * progress), limit)

    def _jobs(self, card: Card, own: UnitCosts, world: World) -> tuple[Number, Number]:
        """Return the joules of the cheapest machine of any size, and of the cheapest that can do it."""
        found = []
        for kind, demand in own.demands.items():
            asked = [demand[name] for name in DEMANDS[kind]]
            yearly = [world.quantum_algorithms, world.code_share]
            for machine in _machines(kind, world):
                found.append(self._routine(kind, card.read)(*asked, own.times, *yearly, *machine))
        joules, limited = zip(*found, strict=True)
        return reduce(np.minimum, joules), reduce(np.minimum, limited)

    def _routine(self, kind: str, read: str) -> Routine:
        """Return the routine that prices a demand of a kind on one machine, as `best_job` does."""
        name = f"{kind} {read}"
        parts = ANNEALER if kind == "anneal" else MACHINE

        def job(*numbers: Number) -> tuple[Number, Number]:
            given = iter(numbers)
            demand = {field: next(given) for field in DEMANDS[kind]}
            times, algorithms, share = next(given), next(given), next(given)
            machine = dict(zip(parts, given, strict=True))
            alone = replace(
                self._world,
                years=self._world.years[:1],
                machines={} if kind == "anneal" else {"": Machine(**machine, circuits=True)},
                annealer=Annealer(**machine) if kind == "anneal" else self._world.annealer,
                quantum_algorithms=algorithms,
                code_share=share,
            )
            any_size, limited = (
                best_job({kind: demand}, read, times, self._life_s, alone, limited=limited).joules
                for limited in (False, True)
            )
            return any_size, limited

        inputs = (*DEMANDS[kind], "times", "quantum_algorithms", "code_share", *parts)
        return self._routines.setdefault(name, Routine(name, job, inputs))


def _machines(kind: str, world: World) -> list[list[Number]]:
    """Return the numbers of every machine that may do work of a kind."""
    if kind == "anneal":
        return [[getattr(world.annealer, part) for part in ANNEALER]]
    able = [one for one in world.machines.values() if kind == "logical" or one.circuits]
    return [[getattr(one, part) for part in MACHINE] for one in able]


def _costs(card: Card, known: Mapping[str, Number]) -> UnitCosts:
    """Return a card's costs with its symbols at their central values."""
    used = card.used()
    scope = {name: known[name] for name in used & known.keys()}
    for name in used & card.symbols.keys():
        symbol = card.symbols[name]
        span = Span(symbol.value, symbol.low, symbol.high)
        scope[name] = spread(span, central_quantiles(name))
    return unit_costs(card, scope, {name: known[JOULES[name]] for name in card.costs})


def _upside(card: Card) -> float:
    if card.upside is None:
        return 0.0
    span = Span(card.upside.value, card.upside.low, card.upside.high)
    return float(spread(span, central_quantiles("upside")).item())
