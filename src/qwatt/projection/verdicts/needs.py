"""What would have to be true: by which factor a number must be better in the last year, alone or jointly.

Parity means as many joules as the best classical method in the median future, equal quality granted; the
other target is the probability of a pilot, quality contained. Machines of any size are granted, and the
host's calls, which a row of their own asks to be cheaper where they alone take too much.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qwatt.projection.futures.costs import MachineWork
from qwatt.projection.futures.drawn import value
from qwatt.projection.futures.duel import best_rival, host_joules
from qwatt.projection.futures.improved import Better, Demands, improved_job
from qwatt.projection.futures.machines import World
from qwatt.projection.futures.montecarlo import DrawSettings, kept_world
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.evaluate import evaluate
from qwatt.projection.scaling.quantile import Array
from qwatt.projection.spread import Span
from qwatt.projection.verdicts.rules import threshold

DRAWS = 120
"""Futures of which quantiles are taken."""

_POWERS = np.array([0.0, 0.5, 1.0, 1.5, *range(2, 12), *range(12, 31, 3)])
_YEARS = np.array([*range(0, 12, 2), *range(15, 50, 5), *range(50, 101, 10)], dtype=float)

NAMES = {
    "time": "shot time",
    "watts": "watts per qubit",
    "error": "error rate",
    "reads": "read count",
    "loading": "loading cost",
}
CLASSICAL = "classical stagnation"


@dataclass(frozen=True)
class Standing:
    """An enhancement in one year on machines of any size; arrays of shape (draws, 1).

    Args:
        card: the enhancement.
        demands, unloaded: its bill, and the bill if loading took no gates (None where nothing is loaded).
        times: units of work over the model's life.
        budget_j: what QPU and host may take of a unit of work to need no more than the best classical method.
        host_j: what the host takes for the QPU's work.
        world: the machines.
    """

    card: Card
    demands: Demands
    unloaded: Demands | None
    times: Array
    budget_j: Array
    host_j: Array
    world: World

    def job(self, better: Better) -> MachineWork:
        """Return the cheapest job of a QPU that is better by some factors, shape (draws, columns)."""
        return improved_job(self.demands, self.unloaded, self.card.read, self.times, self.world, better)

    def joules(self, better: Better) -> Array:
        """Return the joules of that job."""
        return self.job(better).joules


def standing(
    card: Card,
    sizes: Mapping[str, Span],
    pue: Span,
    settings: DrawSettings,
    against: Sequence[Card],
    draws: int = DRAWS,
) -> Standing:
    """Return an enhancement in the last year.

    Args:
        card: the enhancement.
        sizes, pue, settings: the scenario's.
        against: its rivals.
        draws: how many; 0 for one future with every assumption at its median.
    """
    settings = replace(settings, years=settings.years[-1:], free_qpu=False)
    quantiles, world = kept_world(draws, pue, settings)
    values = evaluate(card, sizes, quantiles)
    free = evaluate(card, sizes, quantiles, free_loading=True).demands if card.loads() else None
    rival = best_rival(against, sizes, quantiles)
    factor = world.classical_idle * world.classical[card.progress]
    host = host_joules(values.demands, sizes, quantiles, world)
    return Standing(
        card, values.demands, free, values.times, (rival - values.classical_j) * factor, host, world
    )


def needs(found: Standing, quality: float) -> list[dict[str, Any]]:
    """Return what would have to be true, or that no QPU can help.

    Args:
        found: the enhancement in the last year.
        quality: probability that it reaches equal quality.

    Returns:
        [{what, factor, alone, target, years?, why?}]: `factor` is how many times better the number must be,
        None where no factor suffices; entries that are not `alone` belong together, at the catalogue's pace
        of so many more `years` while the classical side stands still.
    """
    if np.median(found.budget_j) <= 0:
        why = "its classical part alone takes at least what the best classical method takes"
        return [{"what": "any QPU", "factor": None, "alone": True, "target": "parity", "why": why}]
    shares = {"parity": 0.5, f"P = {100 * threshold('pilot'):.0f} %": _share(quality)}
    with np.errstate(all="ignore"):
        alone = {name: _alone(found, name) for name in _asked(found)}
        factor = np.where(found.budget_j > 0, found.joules(Better()) / found.budget_j, np.inf)
        alone[CLASSICAL] = np.log10(np.maximum(factor, 1.0))[:, 0]
        host = np.where(found.budget_j > 0, found.host_j / found.budget_j, np.inf)
        host = np.log10(np.maximum(host, 1.0))[:, 0]
        years = joint_years(found)
    rows = []
    for target, share in shares.items():
        for name, powers in alone.items():
            rows.append(_row(NAMES.get(name, name), powers, share, target))
        rows += _host_rows(_quantile(host, share), target)
        rows += _joint_rows(found, _quantile(years, share), target)
    return rows


def joint_years(found: Standing, names: Collection[str] = tuple(NAMES)) -> Array:
    """Return by draw how many more years of progress in some numbers bring parity; infinite for none."""
    joules = found.joules(better_after(_YEARS[None, :], names))
    return _crossing(joules, found.budget_j, _YEARS)


def better_after(years: Array | float, names: Collection[str] = tuple(NAMES)) -> Better:
    """Return what is better after more years at the catalogue's central pace, in some numbers only."""
    paces = halving_years()
    return Better(**{name: 2.0 ** (-np.asarray(years) / paces[name]) for name in names})


def halving_years() -> dict[str, float]:
    """Return the years in which each number halves; loading comes with the algorithms."""
    decade = value("growth", "time_decade")
    algorithms = value("growth", "algorithm_halving")
    return {
        "time": 10.0 * math.log(2.0) / -math.log(decade),
        "watts": value("growth", "power_halving"),
        "error": value("growth", "halving"),
        "reads": algorithms,
        "loading": algorithms,
    }


def _asked(found: Standing) -> list[str]:
    """Return the numbers that matter: annealers have no gates' errors, and not everyone loads data."""
    gates = any(kind != "anneal" for kind in found.demands)
    names = ["time", "watts", *(["error"] if gates else []), "reads"]
    return names + (["loading"] if found.unloaded is not None else [])


def _alone(found: Standing, name: str) -> Array:
    """Return by draw the power of ten by which one number must be better for parity."""
    better = Better(**{name: 10.0 ** -_POWERS[None, :]})
    return _crossing(found.joules(better), found.budget_j, _POWERS)


def _crossing(joules: Array, budget: Array, steps: Array) -> Array:
    """Return where falling joules reach the budget, between two steps by their logarithm; else infinity."""
    reached = joules <= budget
    at = np.where(reached.any(axis=1), reached.argmax(axis=1), -1)
    rows = np.arange(len(joules))
    after = np.maximum(at, 1)
    high, low = (np.log(np.maximum(joules[rows, i], 1e-300)) for i in (after - 1, after))
    wanted = np.log(np.maximum(budget[:, 0], 1e-300))
    part = np.clip((high - wanted) / np.maximum(high - low, 1e-12), 0.0, 1.0)
    part = np.where(np.isfinite(part), part, 1.0)
    between = steps[after - 1] + part * (steps[after] - steps[after - 1])
    return np.where(at < 0, np.inf, np.where(at == 0, 0.0, between))


def _share(quality: float) -> float:
    """Return in which share of the futures the joules must be few for the pilot's probability."""
    return threshold("pilot") / quality if quality > 0 else math.inf


def _quantile(values: Array, share: float) -> float:
    return float(np.quantile(values, share, method="inverted_cdf")) if share <= 1.0 else math.inf


def _row(what: str, powers: Array, share: float, target: str) -> dict[str, Any]:
    power = _quantile(powers, share)
    row: dict[str, Any] = {"what": what, "factor": None, "alone": True, "target": target}
    if math.isfinite(power):
        return row | {"factor": float(f"{10.0**power:.3g}")}
    return row | {"why": _why(share)}


def _host_rows(power: float, target: str) -> list[dict[str, Any]]:
    """Return that the host must be cheaper as well, where its calls alone take more than they may."""
    if not 0.0 < power < math.inf:
        return []
    row = {"what": "host time", "factor": float(f"{10.0**power:.3g}"), "alone": False, "target": target}
    return [row | {"why": "the host's calls alone take so many times what the best classical method leaves"}]


def _why(share: float) -> str:
    few = "it reaches the quality in too few futures, whatever the QPU"
    return few if share > 1.0 else "no factor suffices alone"


def _joint_rows(found: Standing, years: float, target: str) -> list[dict[str, Any]]:
    paces: Callable[[str], float] = halving_years().__getitem__
    if not math.isfinite(years):
        row = {"what": "everything at once", "factor": None, "alone": False, "target": target}
        return [row | {"why": f"not within {_YEARS[-1]:g} more years of progress at the catalogue's pace"}]
    return [
        {
            "what": NAMES[name],
            "factor": float(f"{2.0 ** (years / paces(name)):.3g}"),
            "alone": False,
            "target": target,
            "years": round(years, 1),
        }
        for name in _asked(found)
    ]
