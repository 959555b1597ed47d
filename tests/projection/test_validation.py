"""The validation table: complete, within its tolerances or explained, better than the other formulas."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qwatt.projection.validation.accuracy import claimed_errors, coverage
from qwatt.projection.validation.table import all_rows, published_records

ROWS = all_rows()
CLAIMS = {claim.name: claim for claim in claimed_errors()}
BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "projection.py"


def test_every_record_is_in_the_table():
    assert {record["id"] for record in published_records()} <= {row.id for row in ROWS}


@pytest.mark.parametrize("row", [r for r in ROWS if not r.counted], ids=lambda r: f"{r.id} {r.quantity}")
def test_what_only_tests_arithmetic_is_within_its_tolerance(row):
    assert row.within, f"{row.computed} against {row.published}"


def test_a_counted_row_outside_its_tolerance_is_explained():
    explained = {record["id"] for record in published_records() if "explanation" in record}
    outside = {row.id for row in ROWS if row.counted and not row.within}
    assert outside == explained


def test_circular_and_arithmetic_rows_never_count():
    assert not any(row.counted for row in ROWS if row.test in "ACL" or "circular" in row.remark.split(";")[0])


def test_required_claims_hold():
    required = {name: claim for name, claim in CLAIMS.items() if claim.limit is not None}
    assert [claim.limit for claim in required.values()] == [0.25, 0.30, 0.08]
    assert all(claim.holds for claim in required.values())


def test_the_additive_model_beats_the_other_formulas():
    for chip in ("H100", "B200"):
        ours = CLAIMS[f"dense decoding on {chip}, leave a model out"].mean
        others = [c.mean for name, c in CLAIMS.items() if name.startswith(f"dense decoding on {chip}: ")]
        assert len(others) == 4
        assert all(ours < other for other in others)


def test_the_size_aware_utilisation_beats_the_mean_of_the_chip():
    for chip, name in (("A100", "A100"), ("H100", "H100 (one H800)")):
        plain = CLAIMS[f"GPU-hours on {chip}: mean MFU of the chip, leave one out"].mean
        assert CLAIMS[f"GPU-hours on {name}, leave one out"].mean < plain


def test_most_figures_lie_inside_the_intervals():
    for inside, of in coverage().values():
        assert inside >= 0.9 * of


def test_the_benchmark_writes_its_result(tmp_path):
    out = tmp_path / "projection.json"
    command = [sys.executable, str(BENCHMARK), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "holds" in done.stdout
    assert len(json.loads(out.read_text(encoding="utf-8"))["rows"]) == len(ROWS)
