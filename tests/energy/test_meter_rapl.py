"""RAPL from a made-up powercap folder: wrap, apportioning, and every way it can be unreadable."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from qwatt.core.quantity import Basis, Boundary
from qwatt.energy.meter import Meter, Sources
from qwatt.energy.meter.processes import Snapshot
from qwatt.energy.meter.rapl import RaplReader, Zone, busy_cpu_s, find_rapl, read_uj

RANGE_UJ = 262_143_328_850


def powercap(root: Path, zones: dict[str, str], count: int = 1000) -> Path:
    """Write a /sys with these zones, folder to name."""
    for folder, name in zones.items():
        zone = root / "class" / "powercap" / folder
        zone.mkdir(parents=True)
        (zone / "name").write_text(f"{name}\n")
        (zone / "energy_uj").write_text(f"{count}\n")
        (zone / "max_energy_range_uj").write_text(f"{RANGE_UJ}\n")
    return root


TWO_SOCKETS = {
    "intel-rapl": "control",
    "intel-rapl:0": "package-0",
    "intel-rapl:0:0": "core",
    "intel-rapl:0:1": "dram",
    "intel-rapl:1": "package-1",
    "intel-rapl:1:0": "dram",
    "intel-rapl:2": "psys",
    "intel-rapl-mmio:0": "package-0",
}


def advancing() -> Callable[[Path], int]:
    """Read the file, plus 500 microjoules for every energy reading so far."""
    reads = 0

    def read(path: Path) -> int:
        nonlocal reads
        reads += path.name == "energy_uj"
        return read_uj(path) + (500 * reads if path.name == "energy_uj" else 0)

    return read


def write_stat(root: Path, busy_s: float) -> None:
    root.mkdir(exist_ok=True)
    ticks = round(busy_s * 100)
    (root / "stat").write_text(f"cpu  {ticks} 0 0 99999 5 0 0 77 0 0\ncpu0 1 1 1 1\n")


class Bench:
    """A reader on a made-up machine whose counters, clock and CPU times a test sets."""

    def __init__(self, tmp_path: Path, range_uj: int = RANGE_UJ) -> None:
        self.proc = tmp_path / "proc"
        self.count_uj = 0
        zone = Zone(tmp_path / "energy_uj", "package-0", range_uj)
        self.reader = RaplReader((zone,), self.proc, lambda path: self.count_uj)

    def mark(self, seconds: float, tree_s: float, busy_s: float, count_uj: int) -> tuple[float, ...]:
        write_stat(self.proc, busy_s)
        self.count_uj = count_uj
        return self.reader.read(Snapshot(seconds, tree_s, 0, 0, (1,)))


def test_packages_and_memories_are_found_and_nothing_twice(tmp_path):
    found = find_rapl(powercap(tmp_path, TWO_SOCKETS), tmp_path, advancing())
    assert isinstance(found.reader, RaplReader)
    assert [zone.name for zone in found.reader.zones] == ["package-0", "dram", "package-1", "dram"]
    assert found.reader.has_memory
    assert "package-0, dram, package-1, dram" in found.rung.detail


def test_alone_on_the_machine_a_window_carries_all_of_its_energy(tmp_path):
    bench = Bench(tmp_path)
    begin = bench.mark(0, 10, 100, 5_000_000)
    end = bench.mark(2, 12, 102, 65_000_000)
    energy = bench.reader.between(begin, end)
    assert energy.value == pytest.approx(60)
    assert energy.low < 60 < energy.high
    assert (energy.basis, energy.boundary) == (Basis.MEASURED_RAPL, Boundary.DEVICE)


def test_neighbours_carry_their_share_by_cpu_time(tmp_path):
    bench = Bench(tmp_path)
    begin = bench.mark(0, 0, 0, 0)
    end = bench.mark(2, 1, 4, 80_000_000)
    energy = bench.reader.between(begin, end)
    assert energy.value == pytest.approx(20)
    assert "25% of the machine's by CPU time" in str(energy.reason)


def test_the_share_of_phases_follows_the_machine_block_by_block(tmp_path):
    bench = Bench(tmp_path)
    marks = [bench.mark(0, 0, 0, 0), bench.mark(1, 1, 1, 10_000_000), bench.mark(2, 1.5, 3, 30_000_000)]
    alone, shared = (bench.reader.between(a, b).value for a, b in itertools.pairwise(marks))
    assert (alone, shared) == pytest.approx((10, 5))
    # Too short for /proc/stat to tell: the last block's share, a quarter, goes on.
    last = bench.mark(2.01, 1.51, 3.01, 30_400_000)
    assert bench.reader.between(marks[2], last).value == pytest.approx(0.1)


def test_counter_wraps(tmp_path):
    bench = Bench(tmp_path)
    begin = bench.mark(0, 0, 0, RANGE_UJ - 4_000_000)
    end = bench.mark(1, 1, 1, 6_000_000)
    assert bench.reader.between(begin, end).value == pytest.approx(10)


def test_a_counter_left_so_long_that_it_may_have_wrapped_twice_is_unknown(tmp_path):
    bench = Bench(tmp_path)
    begin = bench.mark(0, 0, 0, 0)
    end = bench.mark(3600, 3600, 3600, 10_000_000)
    energy = bench.reader.between(begin, end)
    assert not energy.known
    assert "often enough" in str(energy.reason)
    assert bench.reader.between(end, bench.mark(3601, 3601, 3601, 15_000_000)).value == pytest.approx(5)


def test_a_reading_that_fails_makes_only_its_window_unknown(tmp_path):
    bench = Bench(tmp_path)
    begin = bench.mark(0, 0, 0, 0)
    (bench.proc / "stat").unlink()
    broken = bench.reader.read(Snapshot(1, 1, 0, 0, (1,)))
    assert not bench.reader.between(begin, broken).known
    again = bench.mark(2, 2, 2, 5_000_000)
    later = bench.mark(3, 3, 3, 9_000_000)
    assert bench.reader.between(again, later).value == pytest.approx(4)


def test_busy_time_leaves_out_idle_waiting_and_stolen(tmp_path):
    (tmp_path / "stat").write_text("cpu  100 20 30 9999 888 4 6 777 50 5\n")
    assert busy_cpu_s(tmp_path / "stat") == pytest.approx(1.6)


def test_no_powercap_says_why_and_what_to_do(tmp_path):
    rung = find_rapl(tmp_path, tmp_path).rung
    assert not rung.readable
    assert "powercap" in str(rung.why_not)
    assert "modprobe" in str(rung.mend)


def test_counters_for_root_alone_say_why_and_what_to_do(tmp_path):
    def denied(path: Path) -> int:
        if path.name == "energy_uj":
            raise PermissionError(13, "Permission denied", str(path))
        return read_uj(path)

    found = find_rapl(powercap(tmp_path, TWO_SOCKETS), tmp_path, denied)
    assert found.reader is None
    assert "root alone" in str(found.rung.why_not)
    assert "chmod a+r" in str(found.rung.mend)


@pytest.mark.parametrize(
    ("text", "why"),
    [("0", "reads 0"), ("123", "stand still"), ("", "cannot be read"), ("not a number", "cannot be read")],
)
def test_dummies_of_a_hypervisor_are_not_believed(tmp_path, text, why):
    powercap(tmp_path, {"intel-rapl:0": "package-0"})
    (tmp_path / "class" / "powercap" / "intel-rapl:0" / "energy_uj").write_text(text)
    found = find_rapl(tmp_path, tmp_path)
    assert found.reader is None
    assert why in str(found.rung.why_not)
    assert found.rung.mend


def test_a_folder_without_packages_is_not_readable(tmp_path):
    found = find_rapl(powercap(tmp_path, {"intel-rapl:0": "psys"}), tmp_path)
    assert "no package counter" in str(found.rung.why_not)


def meter_with(tmp_path: Path, zones: dict[str, str]) -> Meter:
    write_stat(tmp_path / "proc", 50)
    sources = Sources(
        sys_root=powercap(tmp_path / "sys", zones),
        proc_root=tmp_path / "proc",
        dev_root=tmp_path,
        environ={},
        load_nvml=lambda: None,
        read_uj=advancing(),
    )
    return Meter(sources=sources)


def test_a_meter_charges_rapl_and_keeps_cpu_time_as_a_check(tmp_path):
    meter = meter_with(tmp_path, TWO_SOCKETS)
    with meter.window("w") as window:
        pass
    assert set(window.readings) == {"rapl", "cpu_time"}
    assert window.energy == window.readings["rapl"]
    # Four counters, each read once at either end, each reading 500 uJ above the one before.
    assert window.energy.value == pytest.approx(4 * 4 * 500e-6)
    assert window.energy.boundary is Boundary.DEVICE


def test_without_a_memory_counter_memory_is_estimated_at_the_same_boundary(tmp_path):
    meter = meter_with(tmp_path, {"intel-rapl:0": "package-0"})
    with meter.window("w") as window:
        pass
    assert set(window.readings) == {"rapl", "cpu_time", "ram"}
    parts = window.readings["rapl"].value + window.readings["ram"].value
    assert window.energy.value == pytest.approx(parts)
    assert window.readings["ram"].low > 0
    assert (window.energy.basis, window.energy.boundary) == (Basis.ESTIMATED_RSS, Boundary.DEVICE)
