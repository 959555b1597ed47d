"""A damaged file of any form is read or refused with a clear error, and the interpreter lives."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import reader_cases
import reader_figures

SEED = 15


@pytest.mark.parametrize("use", ["documents", "corpus"])
def test_the_files_that_are_damaged_can_be_read_while_they_are_whole(use):
    for name, data in reader_cases.FILES:
        assert reader_cases.outcome(name, data, use) == ("accepted", ""), name


def check(count, processes, record_property):
    found = reader_figures.run(count, SEED, processes)
    record_property("figures", found.table())
    print(found.table())
    assert found.faults == [], found.table()
    assert len(found.cases) == count
    assert found.slowest_s < 10
    assert found.peak_mb < 2048
    assert {case["outcome"] for case in found.cases} == {"clear error", "accepted"}


def test_200_damaged_files(record_property):
    check(200, 1, record_property)


@pytest.mark.nightly
def test_20_000_damaged_files(record_property):
    check(20_000, max(2, os.cpu_count() or 1), record_property)
