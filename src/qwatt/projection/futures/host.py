"""What the host spends on a QPU's work: transpiling, embedding, and every call of the outer loop."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np

from qwatt.projection.futures.drawn import drawn
from qwatt.projection.scaling.quantile import Array, Quantiles


def host_core_s(demands: Mapping[str, Mapping[str, Array]], quantiles: Quantiles) -> Array:
    """Return core-seconds of a unit of work by today's host, for the cheapest of the alternatives.

    A circuit's shape is transpiled once and a problem's graph embedded once, however many differ in numbers
    only; each of them is called on its own. An error-corrected program is compiled as its gates stream, which
    belongs to the machine's control.

    Args:
        demands: the card's alternatives, arrays of shape (draws, 1).
        quantiles: the draws.
    """
    found = [_of(kind, demand, quantiles) for kind, demand in demands.items()]
    return reduce(np.minimum, found)


def _of(kind: str, demand: Mapping[str, Array], quantiles: Quantiles) -> Array:
    call = drawn(quantiles, "host", "call")
    if kind == "anneal":
        embedding: Array = drawn(quantiles, "host", "embed") * demand["variables"] ** 2
        return embedding + call * demand["problems"]
    if kind == "gate":
        gates = demand["gates_1q"] + demand["gates_2q"]
        return drawn(quantiles, "host", "transpile") * gates + call * demand["circuits"]
    return call * demand["runs"]
