"""Nothing is imported while energy is measured."""

import subprocess
import sys

import pytest

SCRIPT = """
import contextlib
import sys
from qwatt.core.registry import get_method
from qwatt.energy.meter import Meter
from qwatt.testing.trials import run_small, small_spec

HEAVY = ("torch", "sklearn", "pennylane", "scipy")
heavy = lambda: {name for name in sys.modules if name.partition(".")[0] in HEAVY}
grown, window = {}, Meter.window

@contextlib.contextmanager
def watched(self, name):
    before = heavy()
    with window(self, name) as found:
        yield found
    if heavy() - before:
        grown[name] = sorted(heavy() - before)[:3]

Meter.window = watched
method = type(get_method("tuning/head", sys.argv[1]))
run_small(method, small_spec(method, "builtin:weather"))
assert not grown, grown
"""

FAST = ("logistic", "reupload")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in FAST else pytest.mark.nightly)
        for name in ("logistic", "svm-rbf", "mlp", "linear-same-size", "reupload", "reupload-random")
    ],
)
def test_no_import_in_a_window(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
