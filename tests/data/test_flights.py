"""Flights and their weather: counts that others have published of the same tables, and the join."""

import csv
import io
import zipfile

import numpy as np
import pytest

from qwatt.data.fetch import fetch
from qwatt.data.flights import CATEGORIES, WEATHER, read_flights
from qwatt.stages.architecture.search.trainings import flights as training

pytestmark = [pytest.mark.network, pytest.mark.nightly]


def test_flights_that_left_are_counted_as_in_the_package():
    """336,776 flights, of which 8,255 have no departure time (R for Data Science, chapter 3)."""
    found = read_flights()
    assert len(found.values) == len(found.late) == len(found.days) == 336_776 - 8_255
    assert (np.diff(found.days) >= -1).all() and set(found.days) == set(range(365))


def test_a_flight_has_the_weather_of_its_hour():
    folder, found = fetch("flights"), read_flights()
    with (folder / "weather.csv").open() as stream:
        weather = {(r["origin"], r["time_hour"]): r for r in csv.DictReader(stream)}
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive, archive.open("flights.csv") as stream:
        rows = [r for r in csv.DictReader(io.TextIOWrapper(stream)) if r["dep_delay"] != "NA"]
    rows.sort(key=lambda r: (r["time_hour"], r["origin"], r["carrier"], int(r["flight"])))
    columns = {name: found.values[:, i] for i, name in enumerate(found.columns)}
    carriers = sorted({r["carrier"] for r in rows})
    for i in range(0, len(rows), 4_999):
        row = rows[i]
        assert found.late[i] == (float(row["dep_delay"]) > 15)
        assert columns["distance"][i] == float(row["distance"])
        assert carriers[int(columns["carrier"][i])] == row["carrier"]
        seen = weather.get((row["origin"], row["time_hour"]))
        for name in WEATHER:
            wanted = np.nan if seen is None or seen[name] == "NA" else float(seen[name])
            assert columns[name][i] == pytest.approx(wanted, nan_ok=True)


def test_days_are_not_shared_and_the_model_beats_the_share_of_late_flights():
    fit, validation, test = training.parts(0)
    assert {part.values.shape for part in (fit, validation, test)} == {(8_000, 17)}
    assert len(CATEGORIES) == 3
    space = training.training().space
    point = space.number([3, 2, 1, 2])
    found = training.train(space.settings(point), 1.0, 0)
    share = fit.late.mean()
    for part, loss in ((validation, found["loss"]), (test, found["held_back"])):
        late = part.late.mean()
        constant = -(late * np.log(share) + (1 - late) * np.log(1 - share))
        assert loss < 0.95 * constant
