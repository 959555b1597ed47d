"""Every odd file, archive, name and place is read or refused clearly, in bounded time and memory."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from odd_cases import odd_files
from reader_figures import ReaderFigures, run_cases

HERE = Path(__file__).parent
USES = 3


@pytest.mark.parametrize("kind", ["odd", pytest.param("bombs", marks=pytest.mark.nightly)])
def test_odd_files(kind, record_property):
    count = len(odd_files(kind))
    cases = run_cases([str(HERE / "odd_cases.py"), kind], 0, count)
    found = ReaderFigures("none", [case | {"form": case["form"].split()[0].strip(",")} for case in cases])
    record_property("figures", found.table())
    assert found.faults == [], found.table()
    assert len(found.cases) == USES * count
    assert found.slowest_s < 10
    assert found.peak_mb < 2048
    assert {case["outcome"] for case in found.cases} == {"clear error", "accepted"}
