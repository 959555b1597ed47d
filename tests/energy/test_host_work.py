"""The forecast of host joules: its table, its sums, and the watts it shares with the meter."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary
from qwatt.energy.host_work import core_seconds, host_energy, kinds_of_work
from qwatt.energy.meter import Meter, Sources
from qwatt.energy.meter.host_power import host_power

KINDS = sorted(kinds_of_work())
NOWHERE = Path("/nonexistent")
WORK = st.dictionaries(st.sampled_from(KINDS), st.floats(0, 1e15), max_size=5)


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "host_work.py"
    spec = importlib.util.spec_from_file_location("host_work_benchmark", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # the script sets it; put back what was there
        patch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
    return module


def test_every_kind_has_an_interval_above_zero_and_is_what_the_benchmark_measures(benchmark):
    table = catalogue.load("host_power")["work"]
    for kind, quantity in kinds_of_work().items():
        low, value, high = quantity.interval
        assert 0 < low < value < high, kind
        assert (quantity.unit, table[kind]["unit"]) == ("s", f"s/{kind}")
        assert "benchmarks/host_work.py" in table[kind]["source"]
    assert set(KINDS) == set(benchmark.KINDS)


@given(WORK, WORK)
def test_work_adds_up(first, second):
    both = {kind: first.get(kind, 0.0) + second.get(kind, 0.0) for kind in {*first, *second}}
    parts = (core_seconds(first).interval, core_seconds(second).interval)
    assert core_seconds(both).interval == pytest.approx([sum(ends) for ends in zip(*parts, strict=True)])


@given(WORK)
def test_another_machine_only_scales_the_forecast(work):
    slow, hungry = (host_power(NOWHERE, {"QWATT_W_PER_VCPU": watts}) for watts in ("2", "1,3,8"))
    seconds = core_seconds(work).interval
    assert host_energy(work, slow).interval == pytest.approx([2 * s for s in seconds])
    assert host_energy(work, hungry).interval == pytest.approx(
        [watts * s for watts, s in zip((1, 3, 8), seconds, strict=True)]
    )


def test_a_forecast_of_the_seconds_that_a_meter_sees_is_what_it_charges():
    environ = {"QWATT_W_PER_VCPU": "1.5,2,4"}
    sources = Sources(sys_root=NOWHERE, dev_root=NOWHERE, environ=environ, load_nvml=lambda: None)
    with Meter(sources=sources).window("work") as window:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass
    units = window.cpu_seconds / kinds_of_work()["fit"].interval[1]
    forecast = host_energy({"fit": units}, host_power(environ=environ))
    measured = window.readings["cpu_time"]
    assert forecast.value == pytest.approx(measured.value)
    assert (forecast.basis, forecast.boundary) == (Basis.MODELLED, measured.boundary)
    assert forecast.boundary is Boundary.NODE


def test_a_forecast_says_how_long_and_what_most_of_it_is():
    reason = str(host_energy({"gemm_flop": 1e12, "iteration": 10}).reason)
    assert "core-seconds" in reason
    assert "gemm_flop" in reason


def test_no_work_is_no_joules():
    assert host_energy({}).interval == host_energy({"fit": 0.0}).interval == (0, 0, 0)


def test_unknown_kinds_and_impossible_units_are_refused():
    with pytest.raises(QwattError, match="did you mean hashed_byte"):
        core_seconds({"hash_byte": 1.0})
    for units in (-1.0, float("nan"), float("inf")):
        with pytest.raises(QwattError, match="finite number of units"):
            core_seconds({"fit": units})


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
def test_the_table_holds_here_within_a_factor_of_three(benchmark, kind):
    low, _, high = kinds_of_work()[kind].interval
    for seconds in benchmark.seconds_per_unit(kind, 0.2):
        assert low / 3 < seconds < high * 3
