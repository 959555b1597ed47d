import json
import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.projection.fault_tolerance import second_version
from qwatt.projection.fault_tolerance.estimate import estimate_fault_tolerant, machine_energy
from qwatt.projection.fault_tolerance.program import FaultTolerantInput, presets
from qwatt.projection.fault_tolerance.qdk_routes import Hardware, version2, version3
from qwatt.projection.fault_tolerance.surface_code import LogicalCounts, coded_hardware, estimate

pytestmark = pytest.mark.skipif(find_spec("qdk") is None, reason="needs qwatt[estimate]")

PROGRAM = LogicalCounts(230, t=1000, ccz=100_000, measurements=1000)
FACTORING = LogicalCounts(25_481, ccz=3_731_607_428, measurements=1_078_154_040)


def corrected(counts, preset="gate_ns_e3", budget=1e-3, **more):
    gates = {name: getattr(counts, name) for name in ("t", "ccz", "rotations", "measurements")}
    program = {"logical_qubits": counts.logical_qubits, **gates}
    return estimate_fault_tolerant(FaultTolerantInput(preset=preset, budget=budget, **program, **more))


def route(record, name):
    return next(item for item in record["routes"] if item["name"].startswith(name))


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.parametrize(
    ("preset", "qubits", "seconds", "distance"),
    [
        ("gate_ns_e3", 687_888, 2.295, 19),
        ("gate_ns_e4", 139_968, 1.087, 9),
        ("gate_us_e3", 548_848, 3443, 19),
        ("gate_us_e4", 139_968, 1631, 9),
        ("maj_ns_e4", 699_216, 0.997, 11),
        ("maj_ns_e6", 119_328, 0.453, 5),
    ],
)
def test_second_version_regression(no_network, preset, qubits, seconds, distance):
    check = route(corrected(PROGRAM, preset), "qdk version 2")
    assert check["role"] == "cross-check"
    assert check["physical_qubits"] == qubits
    assert check["seconds"] == pytest.approx(seconds, rel=1e-3)
    assert check["distance"] == distance


@pytest.mark.parametrize(
    ("preset", "qubits", "days", "distance"),
    [("gate_ns_e3", 8.695e7, 1.65, 29), ("gate_ns_e4", 2.322e7, 0.852, 15), ("maj_ns_e6", 1.258e7, 0.298, 7)],
)
def test_factoring_regression(preset, qubits, days, distance):
    table = presets()[preset]
    hardware = Hardware(table["code"], table["error"]["value"], 50, 100, estimator=table["estimator"])
    result = version2(FACTORING, hardware, 1 / 3)
    assert result["physical_qubits"] == pytest.approx(qubits, rel=1e-3)
    assert result["seconds"] / 86_400 == pytest.approx(days, rel=2e-3)
    assert result["distance"] == distance


@pytest.mark.parametrize(
    ("factory", "qubits", "seconds"), [("cultivation", 292_660, 1.79), ("distillation", 409_883, 1.79)]
)
def test_third_version_regression(no_network, factory, qubits, seconds):
    result = version3(PROGRAM, Hardware("surface", 1e-3, 50, 100), 1e-2, factory)
    assert result["physical_qubits"] == qubits
    assert result["seconds"] == pytest.approx(seconds, rel=5e-3)


@pytest.mark.parametrize("preset", ["gate_ns_e3", "gate_ns_e4", "gate_us_e3", "gate_us_e4"])
def test_our_formula_agrees_with_both_versions(preset):
    """Same distance and runtime as the second version; qubits within the known factor 2 of either."""
    record = corrected(PROGRAM, preset)
    ours, second = route(record, "own"), route(record, "qdk version 2")
    assert ours["distance"] == second["distance"]
    assert ours["seconds"] == pytest.approx(second["seconds"], rel=1e-6)
    for other in (second, route(record, "qdk.qre, cultivation")):
        assert 0.5 < ours["physical_qubits"] / other["physical_qubits"] < 2


def test_factoring_in_2019_and_2025():
    """Published: 2e7 qubits for 8 h (arXiv:1905.09749); under 1e6 qubits for under a week (arXiv:2505.15917).

    A generic layout without their custom circuits finds the qubits of 2019 within a factor 1.5 and needs up
    to 10 times the hours (the spread that the catalogue gives to seconds); the qubits of 2025 rest on yoked
    storage, which no route here has, so they must come out above it.
    """
    counts = LogicalCounts(6189, ccz=2_620_000_000)
    record = corrected(counts, budget=1 / 3, cycle_ns=1000)
    assert record["physical_qubits"]["value"] == pytest.approx(2e7, rel=0.5)
    assert 8 < record["seconds"]["value"] / 3600 < 80
    assert record["physical_qubits"]["low"] > 1e6


def test_toffoli_rate_of_2025():
    """arXiv:2505.15917: 6.5e9 Toffoli within a week at p = 1e-3 and 1 us cycles, 93 us each.

    Three logical cycles a Toffoli come to 70 to 93 us here; the reaction time alone would allow 10 us. Their
    qubits (under 1e6) rest on yoked storage; plain patches need several times more.
    """
    counts = LogicalCounts(1400, ccz=6_500_000_000)
    result = estimate(counts, coded_hardware("surface", 1e-3, cycle_s=1e-6), 1 / 3)
    assert 70e-6 < result["seconds"] / counts.ccz < 93e-6
    assert 1e6 < result["physical_qubits"] < 1e7


def test_power_of_a_published_machine():
    """125 MW for 2e7 qubits over 8 h is 1 GWh: 6.25 W a qubit, our low end."""
    energy = machine_energy(
        "superconducting", 6189, Quantity(2e7, unit="qubit"), Quantity(8, unit="h").to("s")
    )
    assert energy.to("GWh").low == pytest.approx(1.0, rel=0.01)
    assert energy.to("GWh").high == pytest.approx(245 / 6.25, rel=0.01)


def test_record_holds_every_route_and_its_spread(no_network):
    record = corrected(PROGRAM)
    assert {"physical_qubits", "seconds", "energy_j", "routes", "formula", "sources"} <= set(record)
    assert len(record["routes"]) == 4
    for key in ("physical_qubits", "seconds"):
        values = [item[key] for item in record["routes"]]
        assert record[key]["low"] <= min(values)
        assert record[key]["low"] < record[key]["value"] < record[key]["high"], "either way"
        assert record[key]["high"] >= max(values)
    assert record["inputs"]["preset"] == "gate_ns_e3" and record["inputs"]["p"] == 1e-3
    low, value, high = (record["energy_j"][key] for key in ("low", "value", "high"))
    assert 0 < low < value < high
    json.dumps(record)


def test_energy_is_power_times_time():
    record = corrected(PROGRAM)
    watts = 18e3 + 30 * record["physical_qubits"]["value"]
    assert record["energy_j"]["value"] == pytest.approx(watts * record["seconds"]["value"])
    cooled = corrected(PROGRAM, pue=1.5)["energy_j"]
    assert cooled["value"] == pytest.approx(1.5 * record["energy_j"]["value"])
    assert (record["energy_j"]["boundary"], cooled["boundary"]) == ("node", "facility")


def test_large_programs_are_not_silently_empty():
    """1e9 CCZ at p = 1e-3 need a distance above 25, the largest that the package tries by itself."""
    record = corrected(LogicalCounts(1000, ccz=10**9), budget=1e-2)
    found = route(record, "qdk.qre, distillation")
    assert found["physical_qubits"] > 0
    assert route(record, "own")["distance"] > 25


def test_an_empty_table_is_a_clear_error(capsys):
    hardware = Hardware("surface", 5e-3, 50, 100)
    with pytest.raises(QwattError, match="qdk found no estimate") as error:
        version3(PROGRAM, hardware, 1e-3, "cultivation")
    assert error.value.mend
    assert capsys.readouterr().out == ""
    with pytest.raises(QwattError, match="no route finds an estimate"):
        corrected(PROGRAM, p=5e-3)


def test_a_route_that_fails_says_why():
    record = corrected(FACTORING, budget=1 / 3)
    assert "error budget" in route(record, "qdk.qre, cultivation")["why"]
    assert record["physical_qubits"]["value"] == route(record, "qdk.qre, distillation")["physical_qubits"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"preset": "gate_ns_e5"}, "preset"),
        ({"budget": 0.0}, "budget"),
        ({"budget": 1.5}, "budget"),
        ({"p": -1.0}, "p"),
        ({"cycle_ns": 0.0}, "cycle_ns"),
        ({"pue": 0.5}, "pue"),
        ({"preset": "maj_ns_e4", "p": 1e-3}, "preset"),
    ],
)
def test_bad_arguments_are_named(change, where):
    with pytest.raises(QwattError) as error:
        corrected(PROGRAM, **change)
    assert error.value.where == where


def test_an_empty_program_is_refused():
    with pytest.raises(QwattError, match="all 0"):
        corrected(LogicalCounts(10))


def test_a_huge_layout_is_left_to_the_closed_forms():
    """The third version would take minutes and gigabytes to lay out a billion qubits."""
    record = corrected(LogicalCounts(10**9, t=1000), budget=1e-2)
    assert "100000 logical qubits" in route(record, "qdk.qre, cultivation")["why"]
    assert record["physical_qubits"]["value"] == route(record, "own")["physical_qubits"] > 1e9


def test_own_hardware_instead_of_a_preset():
    slow = corrected(PROGRAM, cycle_ns=1100)
    fast = corrected(PROGRAM, cycle_ns=400)
    ours, preset = route(fast, "own"), route(corrected(PROGRAM), "own")
    assert ours["seconds"] == pytest.approx(preset["seconds"])
    for name in ("own", "qdk.qre, distillation", "qdk version 2"):
        assert route(slow, name)["seconds"] > 2.5 * route(fast, name)["seconds"]


def test_telemetry_is_off_and_no_socket_is_opened_in_a_fresh_process():
    code = """
import socket
def refuse(*a, **k): raise SystemExit("a socket was opened")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from qwatt.projection.fault_tolerance import second_version
from qwatt.projection.fault_tolerance.estimate import estimate_fault_tolerant
from qwatt.projection.fault_tolerance.program import FaultTolerantInput
estimate_fault_tolerant(FaultTolerantInput(logical_qubits=10, ccz=100))
import qdk.telemetry
assert not qdk.telemetry.TELEMETRY_ENABLED
"""
    clean = {k: v for k, v in os.environ.items() if "TELEMETRY" not in k}
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_telemetry_left_on_is_switched_off(monkeypatch):
    version2(PROGRAM, Hardware("surface", 1e-3, 50, 100), 1e-3)
    import qdk.telemetry

    monkeypatch.setattr(qdk.telemetry, "TELEMETRY_ENABLED", True)
    version2(PROGRAM, Hardware("surface", 1e-3, 50, 100), 1e-3)
    assert not qdk.telemetry.TELEMETRY_ENABLED


def test_without_the_package_our_own_route_remains(monkeypatch):
    monkeypatch.setitem(sys.modules, "qdk.estimator", None)
    record = corrected(PROGRAM)
    assert "qwatt[estimate]" in route(record, "qdk.qre, cultivation")["why"]
    assert record["physical_qubits"]["value"] == route(record, "own")["physical_qubits"]


ENDLESS = LogicalCounts(1, t=3344, ccz=3344, rotations=1)
"""A program for which qdk's second version has not been seen to answer, on gate_us_e4."""


def test_a_route_that_does_not_answer_is_unknown_with_its_reason(monkeypatch):
    monkeypatch.setattr(second_version, "PATIENCE_S", 2.0)
    record = corrected(ENDLESS, "gate_us_e4", 1e-2)
    assert route(record, "qdk version 2")["why"] == "qdk found no estimate: no answer within 2 s"
    assert record["seconds"]["value"] == route(record, "qdk.qre, cultivation")["seconds"]


def test_a_broken_process_of_the_second_version_is_a_reason(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(QwattError, match="its process ended with 1"):
        version2(PROGRAM, Hardware("surface", 1e-3, 50, 100), 1e-3)


@settings(max_examples=25, deadline=None)
@example(1, 3344, 3344, 1, "gate_us_e4")
@given(
    st.integers(1, 2000),
    st.integers(0, 10**7),
    st.integers(1, 10**7),
    st.integers(0, 10**4),
    st.sampled_from(["gate_ns_e3", "gate_ns_e4", "gate_us_e4"]),
)
def test_intervals_contain_their_value(qubits, t, ccz, rotations, preset):
    with patch.object(second_version, "PATIENCE_S", 3.0):
        record = corrected(LogicalCounts(qubits, t=t, ccz=ccz, rotations=rotations), preset, 1e-2)
    for key in ("physical_qubits", "seconds", "energy_j"):
        assert 0 < record[key]["low"] <= record[key]["value"] <= record[key]["high"] < float("inf")
