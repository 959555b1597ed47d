"""Quantiles of the normal distribution for whole arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Coefficients = tuple[tuple[float, ...], tuple[float, ...]]
"""Numerator and denominator of a rational function, highest power first."""

_MIDDLE = 0.425
_MIDDLE_SQUARED = 0.180625
_FAR = 5.0

_CENTRE: Coefficients = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_TAIL: Coefficients = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
     0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)  # fmt: skip
_FAR_TAIL: Coefficients = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
     0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699,
     6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
     7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)  # fmt: skip


def normal_quantile(u: Array) -> Array:
    """Return the standard normal numbers below which a share `u` lies, any shape; to 16 digits.

    Args:
        u: shares, inside (0, 1).

    Wichura's algorithm AS 241, Applied Statistics 37, 477 (1988).
    """
    shares = np.asarray(u, dtype=np.float64)
    away = shares - 0.5
    found = away * _ratio(_CENTRE, _MIDDLE_SQUARED - away * away)
    outer = np.abs(away) > _MIDDLE
    if outer.any():
        found[outer] = np.copysign(_tail(np.minimum(shares, 1.0 - shares)[outer]), away[outer])
    return found


def _tail(below: Array) -> Array:
    """Return how far out the numbers lie that leave a share `below` beyond them, shape (shares,)."""
    depth = np.sqrt(-np.log(below))
    found = _ratio(_TAIL, depth - 1.6)
    far = depth > _FAR
    if far.any():
        found[far] = _ratio(_FAR_TAIL, depth[far] - _FAR)
    return found


def _ratio(of: Coefficients, at: Array) -> Array:
    return np.asarray(_polynomial(of[0], at) / _polynomial(of[1], at))


def _polynomial(of: tuple[float, ...], at: Array) -> Array:
    """Evaluate by Horner's scheme, in one array: many small calls, of which `polyval` makes much."""
    found = of[0] * at
    for coefficient in of[1:-1]:
        found += coefficient
        found *= at
    found += of[-1]
    return found
