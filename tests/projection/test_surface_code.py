import math
from dataclasses import replace
from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.projection.fault_tolerance import qdk_routes
from qwatt.projection.fault_tolerance.surface_code import (
    LogicalCounts,
    best_factory,
    coded_hardware,
    estimate,
    logical_depth,
    memory_distance,
    patches,
    t_per_rotation,
    t_states,
    tables,
)

FAST = {"gate": 50e-9, "measure": 100e-9}


def package_factories():
    if find_spec("qdk") is None:
        pytest.skip("needs qwatt[estimate]")
    qdk_routes.load()
    import qdk.qre.models

    return qdk.qre.models


@pytest.mark.parametrize(("target", "distance"), [(1e-6, 27), (1e-12, 63)])
def test_distances_of_the_best_measured_memory(target, distance):
    """Lambda 2.14 from 1.43e-3 at distance 7."""
    assert memory_distance(target) == distance


@pytest.mark.parametrize(
    ("p", "target", "distance"),
    [
        (1e-3, 1e-6, 9),
        (1e-3, 1e-9, 15),
        (1e-3, 1e-12, 21),
        (1e-3, 1e-15, 27),
        (1e-4, 1e-6, 5),
        (1e-4, 1e-15, 13),
    ],
)
def test_distance_table(p, target, distance):
    code = coded_hardware("surface", p, **FAST)
    assert code.distance(target) == distance
    assert code.logical_error(distance) <= target < code.logical_error(distance - 2)
    assert code.patch_qubits(distance) == 2 * distance**2


def test_distance_at_threshold_is_refused():
    with pytest.raises(QwattError, match="threshold"):
        coded_hardware("surface", 0.01, **FAST).distance(1e-6)


def test_layout_depth_and_states_by_hand():
    counts = LogicalCounts(230, t=1000, ccz=100_000, measurements=1000)
    assert patches(230) == 460 + math.ceil(math.sqrt(1840)) + 1
    assert logical_depth(counts, 0) == 1000 + 1000 + 300_000
    assert t_states(counts, 0) == 401_000
    assert t_per_rotation(1000, 1e-3) == math.ceil(0.53 * math.log2(1e6) + 4.3)


def test_depth_of_parallel_rotations():
    serial = LogicalCounts(10, rotations=100)
    parallel = LogicalCounts(10, rotations=100, rotation_depth=10)
    assert logical_depth(serial, 15) == 100 + 1500
    assert logical_depth(parallel, 15) == 100 + 150


def test_cultivation_rows_agree_with_the_package():
    """Every catalogued cultivation row is one of the package's simulated points (arXiv:2409.17595)."""
    factories = package_factories()
    data = factories.GSJ24Factory()._data
    for row in tables()["magic"]["cultivation"]["rows"]:
        points = [entry for entries in data[row["p"]["value"]].values() for entry in entries]
        same = [e for e in points if e.num_qubits == row["qubits"]["value"]]
        near = [e for e in same if math.isclose(e.logical_error, row["error"]["value"], rel_tol=0.005)]
        assert len(near) == 1
        assert near[0].volume / near[0].num_qubits == pytest.approx(row["cycles"]["value"], rel=0.01)


def test_distillation_rows_agree_with_the_package():
    factories = package_factories()
    from qdk.qre.instruction_ids import T

    entries = factories.Litinski19Factory()._entries
    for row in tables()["magic"]["distillation"]["rows"]:
        known = {(e.error_rate, e.space, e.cycles) for e in entries[row["p"]["value"]][0][T]}
        assert (row["error"]["value"], row["qubits"]["value"], row["cycles"]["value"]) in known


def test_factory_is_good_enough_and_refused_beyond_the_tables():
    assert best_factory(1e-3, 1e-9).error <= 1e-9
    assert best_factory(1e-3, 1e-5).kind == "cultivation"
    with pytest.raises(QwattError, match="no magic-state factory"):
        best_factory(5e-3, 1e-9)


def test_memory_without_magic_states_needs_no_factory():
    result = estimate(LogicalCounts(10, measurements=100), coded_hardware("surface", 1e-3, **FAST), 1e-3)
    assert result["factories"] == 0


def test_reactions_bound_the_runtime():
    result = estimate(LogicalCounts(10, ccz=1000), coded_hardware("surface", 1e-4, cycle_s=1e-9), 1e-3)
    assert result["seconds"] == pytest.approx(1000 * 10e-6)


@pytest.mark.parametrize("field", ["t", "ccz", "rotations", "measurements"])
def test_negative_counts_are_refused(field):
    with pytest.raises(QwattError, match=field):
        LogicalCounts(5, **{field: -1})
    with pytest.raises(QwattError, match="logical_qubits"):
        LogicalCounts(0)


COUNTS = st.builds(
    LogicalCounts,
    logical_qubits=st.integers(1, 10**4),
    t=st.integers(0, 10**9),
    ccz=st.integers(0, 10**9),
    rotations=st.integers(0, 10**6),
    measurements=st.integers(0, 10**9),
)


@settings(max_examples=100, deadline=None)
@given(COUNTS, st.sampled_from(["t", "ccz", "measurements", "logical_qubits"]), st.integers(1, 10**6))
def test_more_gates_never_take_less_time(counts, field, more):
    """Seconds never fall. Qubits may: a longer program can be served by fewer factories."""
    code = coded_hardware("surface", 1e-3, **FAST)
    small = estimate(counts, code, 1e-2)
    large = estimate(replace(counts, **{field: getattr(counts, field) + more}), code, 1e-2)
    had_magic = counts.t + counts.ccz + counts.rotations > 0
    if had_magic or field not in ("t", "ccz"):
        assert large["seconds"] >= small["seconds"]
    assert large["patches"] >= small["patches"]
    assert all(math.isfinite(x) and x >= 0 for x in large.values())
