"""How the classical side gets better, in joules per operation and by algorithms; and what idles."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qwatt.projection.catalogued.find import constant
from qwatt.projection.futures.drawn import drawn, tables
from qwatt.projection.futures.roadmaps import start_year
from qwatt.projection.scaling.quantile import Array, Quantiles, spread
from qwatt.projection.spread import Span


def hardware(quantiles: Quantiles, years: Array, gain: Span | None) -> Array:
    """Return joules per operation over today's, shape (draws, years).

    Args:
        quantiles: the draws.
        years: calendar years, shape (years,).
        gain: yearly factor by which they fall; None takes the catalogue's halving time.
    """
    past = np.maximum(years - start_year(), 0.0)
    if gain is not None:
        yearly = np.maximum(spread(gain, quantiles("future:classical_gain")), 1.0)
        fall = np.asarray(yearly ** (-past))
    else:
        fall = np.asarray(2.0 ** (-past / drawn(quantiles, "baseline", "hardware_halving")))
    return np.asarray(np.maximum(fall, _least(quantiles)))


def classical(quantiles: Quantiles, years: Array, joules: Array) -> dict[str, Array]:
    """Return by class of task the classical joules of a unit of work over today's, shape (draws, years).

    Args:
        quantiles: the draws.
        years: calendar years.
        joules: per operation, as `hardware` gives them.
    """
    past = np.maximum(years - start_year(), 0.0)
    least = _least(quantiles)
    return {
        name: np.maximum(joules * 2.0 ** (-past / drawn(quantiles, "baseline", "algorithms", name)), least)
        for name in classes()
    }


def classes() -> list[str]:
    """Return the classes of tasks whose algorithms progress alike."""
    table = tables()["baseline"]["algorithms"]
    return [name for name, entry in table.items() if isinstance(entry, Mapping)]


def idle_factor(share: Array, utilisation: Array) -> Array:
    """Return all energy over the busy hours' energy: 1 + share (1 / utilisation - 1).

    The one rule for both sides: a QPU idles at full power (share 1), a server at a share of it.
    """
    return np.asarray(1.0 + share * (1.0 / utilisation - 1.0))


def classical_idle(quantiles: Quantiles) -> Array:
    """Return that factor for servers and accelerators, with the numbers of serving; shape (draws, 1)."""
    share, busy = (
        spread(Span.of(constant("inference", name), "1"), quantiles(f"future:classical.{name}"))
        for name in ("idle_share", "utilisation")
    )
    return idle_factor(share, busy)


def _least(quantiles: Quantiles) -> Array:
    return np.asarray(1.0 / drawn(quantiles, "baseline", "largest_gain"))
