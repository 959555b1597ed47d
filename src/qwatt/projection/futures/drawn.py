"""Numbers of `catalogue/roadmaps.toml` and their draws."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from qwatt import catalogue
from qwatt.core.quantity import Quantity, unit_scale
from qwatt.projection.scaling.quantile import Array, Quantiles, spread
from qwatt.projection.spread import Span


@cache
def tables() -> Mapping[str, Any]:
    """Return the catalogue of roadmaps; not to be changed."""
    return catalogue.load("roadmaps")


@cache
def interval(*keys: str) -> Span:
    """Return a number with its interval in base units: seconds, watts, years as years."""
    return _span(catalogue.quantity(_entry(keys)))


def value(*keys: str) -> float:
    """Return a number's central value in base units."""
    return interval(*keys).value


def drawn(quantiles: Quantiles, *keys: str) -> Array:
    """Return draws of a number, under the name "future:key.key"."""
    return spread(interval(*keys), quantiles(name_of(*keys)))


def name_of(*keys: str) -> str:
    """Return the name under which a number is drawn."""
    return f"future:{'.'.join(keys)}"


def _entry(keys: tuple[str, ...]) -> Mapping[str, Any]:
    entry: Any = tables()
    for key in keys:
        entry = entry[key]
    return dict(entry)


def _span(quantity: Quantity) -> Span:
    scale = 1.0 if quantity.unit in ("a", "byte") else unit_scale(quantity.unit)[1]
    low, middle, high = (end * scale for end in quantity.interval)
    return Span(middle, low, high)
