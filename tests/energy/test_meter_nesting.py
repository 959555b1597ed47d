"""Nested windows never add up to more than the window around them, whatever the machine does meanwhile."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.energy.meter import Meter, Reader, Window
from qwatt.energy.meter.cpu_time import CpuTimeReader
from qwatt.energy.meter.processes import Snapshot
from qwatt.energy.meter.ram import RamReader
from qwatt.energy.meter.rapl import RaplReader, Zone

PER_VCPU = Quantity(2.0, 1.0, 3.0, "W", Basis.ESTIMATED_CPU_TIME, Boundary.DEVICE)
PER_GB = Quantity(0.375, 0.3, 0.45, "W", Basis.ESTIMATED_RSS, Boundary.DEVICE)
RANGE_UJ = 3_000_000_000

STEP = st.tuples(
    st.floats(0, 2),  # seconds that pass
    st.floats(0, 4),  # CPU seconds of the tree
    st.floats(0, 4),  # CPU seconds of neighbours
    st.integers(0, 10**10),  # resident bytes
    st.integers(1, 1000),  # watts that the package draws
)


class Machine:
    """A made-up machine that advances by one drawn step at every look."""

    def __init__(self, steps: list[tuple[float, float, float, int, int]]) -> None:
        self.steps = steps
        self.looks = 0
        self.seconds = self.tree_s = self.busy_s = 0.0
        self.count_uj = 0

    def snapshot(self) -> Snapshot:
        seconds, tree_s, neighbours_s, rss_bytes, watts = self.steps[self.looks % len(self.steps)]
        self.looks += 1
        self.seconds += seconds
        self.tree_s += tree_s
        self.busy_s += tree_s + neighbours_s
        self.count_uj = (self.count_uj + round(watts * seconds * 1e6)) % RANGE_UJ
        return Snapshot(self.seconds, self.tree_s, rss_bytes, rss_bytes, (1,))

    def readers(self) -> list[Reader]:
        rapl = RaplReader((Zone(Path("energy_uj"), "package-0", RANGE_UJ),), read=lambda _: self.count_uj)
        rapl.max_gap_s = float("inf")  # no thread looks in between
        return [CpuTimeReader(PER_VCPU), RamReader(PER_GB), rapl]


def open_windows(meter: Meter, shape: list, closed: list[tuple[Window, list[Window]]]) -> list[Window]:
    """Open one window for every list in the shape, and those inside it; collect each with its children."""
    windows = []
    for inner in shape:
        with meter.window("w") as window:
            children = open_windows(meter, inner, closed)
        closed.append((window, children))
        windows.append(window)
    return windows


SHAPE = st.recursive(st.just([]), lambda inner: st.lists(inner, max_size=3), max_leaves=8)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, min_size=1, max_size=12), shape=SHAPE)
def test_children_add_up_to_no_more_than_their_parent(steps, shape):
    machine = Machine(steps)
    closed: list[tuple[Window, list[Window]]] = []
    with (
        patch("qwatt.energy.meter.meter.snapshot", machine.snapshot),
        patch("qwatt.energy.meter.rapl.busy_cpu_s", lambda _: machine.busy_s),
    ):
        open_windows(Meter(machine.readers()), [shape], closed)
    assert closed
    for parent, children in closed:
        for name in ("cpu_time", "ram", "rapl"):
            for end in ("low", "value", "high"):
                parts = sum(getattr(child.readings[name], end) for child in children)
                assert parts <= getattr(parent.readings[name], end) * (1 + 1e-9) + 1e-9
        assert sum(child.cpu_seconds for child in children) <= parent.cpu_seconds + 1e-9
        assert all(c.peak_rss_bytes <= parent.peak_rss_bytes for c in children)


def test_real_phases_add_up_to_the_trial():
    meter = Meter([CpuTimeReader(PER_VCPU)])
    with meter.window("trial") as trial:
        phases = []
        for _ in range(20):
            with meter.window("phase") as phase:
                sum(range(400_000))
            phases.append(phase)
    parts = sum(phase.energy.value for phase in phases)
    assert parts <= trial.energy.value
    assert parts == pytest.approx(trial.energy.value, rel=0.1)


def test_a_descendant_that_leaves_the_tree_does_not_undo_later_work():
    cpu_s = iter([100.0, 150.0, 20.0, 23.0])
    with patch("qwatt.energy.meter.meter.snapshot", lambda: Snapshot(0.0, next(cpu_s), 0, 0, (1,))):
        meter = Meter([CpuTimeReader(PER_VCPU)])
        with meter.window("first") as first:
            pass
        with meter.window("second") as second:
            pass
    assert first.cpu_seconds == pytest.approx(50)
    assert second.cpu_seconds == pytest.approx(3)


def test_a_peak_between_two_marks_is_seen_only_when_it_is_the_process_own_record():
    looks = iter([(10, 100), (20, 100), (15, 100), (15, 500)])  # resident now, largest ever
    with patch("qwatt.energy.meter.meter.snapshot", lambda: Snapshot(0.0, 0.0, *next(looks), (1,))):
        meter = Meter([CpuTimeReader(PER_VCPU)])
        with meter.window("hidden") as hidden:
            pass
        with meter.window("record") as record:
            pass
    assert (hidden.peak_rss_bytes, record.peak_rss_bytes) == (20, 500)
