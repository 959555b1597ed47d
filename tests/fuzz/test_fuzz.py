"""No input ends in a traceback, a hang or a crash, whatever is mutated."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import figures

SEED = 8


def check(count, record_property):
    found = figures.run(count, SEED)
    record_property("figures", found.page())
    assert found.faults == [], found.page()
    assert len(found.cases) == count
    assert found.slowest_s < 10
    assert found.peak_mb < 2048
    codes = {case["code"] for case in found.cases}
    assert {0, 2} <= codes <= {0, 1, 2, "long"}


def test_a_hundred_inputs(record_property):
    check(100, record_property)


@pytest.mark.nightly
def test_ten_thousand_inputs(record_property):
    check(10_000, record_property)
