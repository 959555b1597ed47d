"""Draws as quantiles: an assumption's name gives its uniform numbers, an interval turns them into values."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from qwatt.core.normal import normal_quantile
from qwatt.core.quantity import Quantity
from qwatt.projection.spread import Span

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Quantiles = Callable[[str], Array]
"""Gives the quantiles of an assumption: shape (draws, 1), in (0, 1), the same whenever it is asked."""

TAIL = 0.05
"""An interval is read as the 5 % and 95 % quantiles."""
_END = -float(normal_quantile(np.array([TAIL]))[0])
_FEW = 100
"""Quantiles up to which they are looked up one by one: those of designs are medians and ends, mostly."""


def random_quantiles(draws: int, seed: int, start: int = 0) -> Quantiles:
    """Return independent uniform numbers by name; a name's numbers do not depend on what else is drawn.

    Args:
        draws: how many.
        seed: equal seeds give equal numbers.
        start: skip so many draws, so that parts make the same numbers as the whole.
    """
    kept: dict[str, Array] = {}

    def quantiles(name: str) -> Array:
        if name not in kept:
            source = np.random.PCG64([seed, zlib.crc32(name.encode())])
            source.advance(start)
            kept[name] = np.random.Generator(source).uniform(1e-9, 1 - 1e-9, (draws, 1))
        return kept[name]

    return quantiles


def central_quantiles(name: str) -> Array:
    """Return the median of every assumption, shape (1, 1)."""
    return np.full((1, 1), 0.5)


def one_at_a_time(names: Sequence[str]) -> Quantiles:
    """Return a design: row 0 all medians, then for each name a row with its low and one with its high.

    Args:
        names: assumptions to move; row 1 + 2 i and 2 + 2 i belong to name i.
    """
    rows = {name: 1 + 2 * i for i, name in enumerate(names)}

    def quantiles(name: str) -> Array:
        column = np.full((1 + 2 * len(rows), 1), 0.5)
        if name in rows:
            column[rows[name], 0], column[rows[name] + 1, 0] = TAIL, 1 - TAIL
        return column

    return quantiles


def spread(number: Span | Quantity, u: Array) -> Array:
    """Return values of an interval at quantiles.

    With a positive low end the logarithm is normal on either side of the value, with the interval's ends at
    `TAIL`; else the quantile function is linear between low, value and high, and cut off at both ends. An
    interval that lies on one side of 1 stays there in its tails: shares do not exceed 1, counts and PUE do
    not fall below it.

    Args:
        number: value with its interval; a quantity must be known.
        u: quantiles, any shape.
    """
    low, value, high = _ends(number)
    if low == high:
        return np.full(u.shape, value)
    if low > 0:
        z = _ends_away(u)
        drawn = value * np.where(z < 0, value / low, high / value) ** z
        return np.clip(drawn, 1.0 if low >= 1.0 else 0.0, 1.0 if high <= 1.0 else np.inf)
    return np.interp(u, [TAIL, 0.5, 1 - TAIL], [low, value, high])


def _ends_away(u: Array) -> Array:
    """Return the normal numbers of quantiles, in units of an interval's end."""
    if u.size <= _FEW:
        return np.array([_end_away(share) for share in u.ravel().tolist()]).reshape(u.shape)
    known = _remembered.get(id(u))
    if known is None or known[0]() is not u:
        known = ref(u, partial(_forget, id(u))), normal_quantile(u) / _END
        _remembered[id(u)] = known
    return known[1]


_remembered: dict[int, tuple[ref[Array], Array]] = {}
"""The draws of an assumption are one array, which is asked for with every method, machine and route."""


def _forget(key: int, _: ref[Array]) -> None:
    _remembered.pop(key, None)


@cache
def _end_away(share: float) -> float:
    return float(normal_quantile(np.array([share]))[0] / _END)


def between(low: float, high: float, u: Array) -> Array:
    """Return log-uniform values between two positive ends."""
    return np.asarray(low * (high / low) ** u)


def _ends(number: Span | Quantity) -> tuple[float, float, float]:
    if isinstance(number, Span):
        return number.low, number.value, number.high
    return number.interval
