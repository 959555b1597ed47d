"""A clock that is set back, again and again, changes dates alone: lengths and joules are of another clock."""

import time
from datetime import datetime, timedelta
from itertools import count

import pytest

import qwatt
from qwatt.core.energy_log import read_energy
from qwatt.integrations import recording


@pytest.fixture
def jumps():
    return count()


@pytest.fixture
def jumping(monkeypatch, jumps):
    now_s = time.time()

    def earlier():
        return now_s - 86_400.0 * next(jumps)

    class Jumping(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(earlier(), tz)

    monkeypatch.setattr(time, "time", earlier)
    monkeypatch.setattr(time, "time_ns", lambda: int(earlier() * 1e9))
    monkeypatch.setattr(recording, "datetime", Jumping)


@pytest.mark.usefixtures("jumping")
def test_recorded_work_keeps_its_length(tmp_path):
    begun = time.perf_counter()
    with qwatt.record(tmp_path, stage="training"):
        sum(range(200_000))
    spent = time.perf_counter() - begun
    (row,) = read_energy(tmp_path).rows
    assert 0.0 < row.seconds <= spent
    assert row.energy.known and row.energy.value >= 0.0
    assert datetime.fromisoformat(row.started) < datetime.now().astimezone() + timedelta(days=1)


@pytest.mark.nightly
@pytest.mark.usefixtures("jumping")
def test_a_run_keeps_its_lengths_and_is_resumed(tmp_path, jumps, record_property):
    begun = time.perf_counter()
    study = {"methods": ["logistic"], "data": "builtin:weather", "size": "xs", "tuning_trials": 1}
    run = qwatt.run("tuning/head", seeds=2, out=tmp_path / "run", **study)
    spent = time.perf_counter() - begun
    assert not run.failed and sum(trial.seconds for trial in run.trials) <= spent
    for trial in run.trials:
        assert trial.seconds > 0.0 and trial.host_energy.value >= 0.0
        assert all(phase.seconds >= 0.0 for phase in trial.phases.values())
    again = qwatt.run("tuning/head", seeds=2, out=tmp_path / "run", **study)
    assert again.summary.skipped == 2
    record_property(
        "figures",
        f"asked the clock {next(jumps)} times, each a day earlier: no length, joule or trial was lost",
    )
