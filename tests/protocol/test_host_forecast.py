"""The joules of the host that a plan forecasts are within a factor of two of those that a run measures."""

import importlib.util
import sys
from pathlib import Path

import pytest

from qwatt.core.registry import all_tasks

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def benchmark():
    path = Path(__file__).parents[2] / "benchmarks" / "host_forecast.py"
    spec = importlib.util.spec_from_file_location("host_forecast_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        yield module


@pytest.mark.parametrize("task", sorted(all_tasks()))
def test_every_method_is_within_a_factor_of_two(benchmark, task, tmp_path):
    rows = list(benchmark.forecasts(task, "s", tmp_path))
    assert rows
    assert not [(row.method, row.ratio, row.reason) for row in rows if not row.holds]
