"""Published cases D1 to D19: those that no other test holds, and the table that lists them all."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from qwatt import projection
from qwatt.core.quantity import Quantity
from qwatt.projection.fault_tolerance.estimate import machine_energy
from qwatt.projection.fault_tolerance.surface_code import memory_distance, tables
from qwatt.projection.scaling import find_card
from qwatt.projection.scaling.expression import compute

ROOT = Path(__file__).parents[2]
README = (Path(projection.__file__).parent / "README.md").read_text(encoding="utf-8")
CASES = dict(re.findall(r"^\| (D\d+) \|(.*)$", README, re.MULTILINE))


def test_the_table_lists_every_case_once():
    assert list(CASES) == [f"D{i}" for i in range(1, 20)]


@pytest.mark.parametrize("case", CASES)
def test_a_case_names_tests_that_exist_or_says_why_there_is_none(case):
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", CASES[case])
    assert named or "not reproduced" in CASES[case]
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), name


def test_d5_cross_check_with_the_machine_of_2025():
    """A million qubits at 6.25 W for a week: 1.05 GWh, as the twenty million of 2023 for 8 hours."""
    energy = machine_energy(
        "superconducting", 1400, Quantity(1e6, unit="qubit"), Quantity(168, unit="h").to("s")
    )
    assert energy.to("GWh").low == pytest.approx(1.05, rel=0.01)


def test_d6_the_memory_is_the_published_one():
    best = tables()["willow"]
    assert (best["error"]["value"], best["suppression"]["value"]) == (1.43e-3, 2.14)
    assert memory_distance(best["error"]["value"]) == 7


@pytest.fixture(scope="module")
def counts():
    if find_spec("pennylane") is None:
        pytest.skip("needs pennylane")
    from pennylane import estimator

    def count(operation):
        found = estimator.estimate(operation)
        return found.gate_counts["Toffoli"], found.total_wires

    return estimator, count


@pytest.mark.parametrize(
    ("depth", "toffoli", "wires"), [(1, 1_048_574, 71), (None, 32_636, 4_128)], ids=["plain", "select-swap"]
)
def test_d8_table_lookup_counts(counts, depth, toffoli, wires):
    estimator, count = counts
    assert count(estimator.QROM(2**20, 32, select_swap_depth=depth)) == (toffoli, wires)


@pytest.mark.parametrize(("rows", "bits"), [(2**20, 32), (2**10, 8)])
def test_d8_our_lookup_is_the_clean_one(counts, rows, bits):
    """The card's closed form has no ancillas to restore: it charges the QPU 2.6 to 2.8 times less."""
    estimator, count = counts
    card = find_card("load/qrom").demands["logical"]
    ours = compute(card, {"vocabulary": rows, "table_bits": bits}, demand=True).toffoli
    assert 2.5 < count(estimator.QROM(rows, bits))[0] / float(ours) < 2.9


@pytest.mark.parametrize(("rows", "bits"), [(2**20, 1), (2**20, 8), (2**10, 8)])
def test_d8_bucket_brigade_counts(counts, rows, bits):
    """2^20 rows of a bit: 8,388,520 Toffoli; the wires differ by the address register."""
    estimator, count = counts
    address = rows.bit_length() - 1
    toffoli, wires = count(estimator.BBQRAM(rows, bits, address + bits + 3 * rows))
    card = find_card("load/qram").demands["logical"]
    ours = compute(card, {"vocabulary": rows, "bits": bits, "width": 1}, demand=True)
    assert float(ours.toffoli) == pytest.approx(toffoli, rel=1e-12)
    assert float(ours.qubits) == pytest.approx(wires, abs=2 * address + 2)
    if (rows, bits) == (2**20, 1):
        assert (toffoli, wires) == (8_388_520, 3_145_749)


def test_d18_cultivation_at_the_published_points():
    """arXiv:2409.17595: 2.65e-6 from 454 qubits at p = 1e-3, and 4.3e-11 at p = 5e-4 at distance 15."""
    rows = tables()["magic"]["cultivation"]["rows"]
    points = {(row["p"]["value"], row["qubits"]["value"]): row for row in rows}
    cheap = points[1e-3, 454]
    assert cheap["error"]["value"] == pytest.approx(2.65e-6, rel=0.01)
    assert cheap["cycles"]["value"] * 454 == pytest.approx(8.1e3, rel=0.02)
    assert any(
        row["p"]["value"] == 5e-4 and row["error"]["value"] == pytest.approx(4.3e-11, rel=0.02)
        for row in rows
    )
