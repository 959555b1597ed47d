"""RAPL from a made-up powercap folder: wrap, apportioning, and every way it can be unreadable."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt import catalogue
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.energy.meter import Meter, Sources
from qwatt.energy.meter.host_power import package_limit_w
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


class Board:
    """A reader on a made-up machine with several counters, one busy core, and a clock that a test sets."""

    def __init__(self, tmp_path: Path, *zones: tuple[str, int], cpuinfo: str = "") -> None:
        self.proc = tmp_path / "proc"
        self.proc.mkdir()
        (self.proc / "cpuinfo").write_text(cpuinfo)
        self.counts: dict[Path, int] = {}
        made = tuple(Zone(tmp_path / str(i), name, range_uj) for i, (name, range_uj) in enumerate(zones))
        self.reader = RaplReader(made, self.proc, self.counts.__getitem__)

    def mark(self, seconds: float, *joules: float) -> tuple[float, ...]:
        self.counts |= {zone.path: round(j * 1e6) for zone, j in zip(self.reader.zones, joules, strict=True)}
        write_stat(self.proc, seconds)
        return self.reader.read(Snapshot(seconds, round(seconds, 2), 0, 0, (1,)))

    def window(self, *marks: tuple[float, ...]) -> Quantity:
        counters = [self.mark(*mark) for mark in marks]
        return self.reader.between(counters[0], counters[-1])


DIES = (("package-0-die-0", RANGE_UJ), ("package-0-die-1", RANGE_UJ))


@pytest.mark.parametrize("apart_j", [0.0, 0.3])
def test_two_dies_that_show_their_sockets_counter_are_counted_once(tmp_path, apart_j):
    # mlco2/codecarbon#1274: the second is read a moment later, so it may show a refresh more.
    energy = Board(tmp_path, *DIES).window((0, 5000, 5000), (2, 5060, 5060 + apart_j))
    assert energy.value == pytest.approx(60)


def test_dies_with_counters_of_their_own_and_sockets_are_added(tmp_path):
    assert Board(tmp_path, *DIES).window((0, 5000, 7000), (2, 5060, 7050)).value == pytest.approx(110)
    sockets = (("package-0", RANGE_UJ), ("package-1", RANGE_UJ))
    (tmp_path / "b").mkdir()
    energy = Board(tmp_path / "b", *sockets).window((0, 5000, 5000.0001), (2, 5060, 5060.0001))
    assert energy.value == pytest.approx(120)


def test_two_sockets_of_two_mirrored_dies_are_two_counters(tmp_path):
    zones = [(f"package-{socket}-die-{die}", RANGE_UJ) for socket in (0, 1) for die in (0, 1)]
    energy = Board(tmp_path, *zones).window((0, 100, 100, 900, 900), (1, 150, 150, 960, 960))
    assert energy.value == pytest.approx(110)


@pytest.mark.parametrize("range_j", [65_532, 262_143])
def test_a_counter_that_starts_anew_is_unknown_and_no_wrap(tmp_path, range_j):
    # mlco2/codecarbon#1321: taken for a wrap, 3,386 J back to 0 are 62,146 J in 2 s.
    board = Board(tmp_path, ("package-0", range_j * 10**6))
    energy = board.window((0, 3386), (2, 0))
    assert energy.value is None
    assert "started anew" in str(energy.reason)
    assert board.window((3, 60), (4, 90)).value == pytest.approx(30)


def test_a_small_step_back_is_no_wrap(tmp_path):
    assert Board(tmp_path, ("package-0", RANGE_UJ)).window((0, 900), (1, 899.9)).value is None


def test_one_counter_that_starts_anew_is_not_hidden_by_another(tmp_path):
    board = Board(tmp_path, ("package-0", RANGE_UJ), ("package-1", RANGE_UJ))
    assert board.window((0, 500, 400), (2, 10, 900)).value is None


@pytest.mark.parametrize("range_uj", [0, 1, 1000, 10**7])
def test_a_range_of_nothing_makes_no_busy_loop_and_no_guess(tmp_path, range_uj):
    # mlco2/codecarbon#1309: max_energy_range_uj is 0 or cannot be read.
    board = Board(tmp_path, ("package-0", range_uj))
    assert board.reader.max_gap_s > 5
    assert board.window((0, 3000), (1, 3050)).value == pytest.approx(50)
    assert board.window((2, 3100), (3, 20)).value is None


def test_a_zone_whose_range_cannot_be_read_is_found(tmp_path):
    powercap(tmp_path, {"intel-rapl:0": "package-0"})
    (tmp_path / "class" / "powercap" / "intel-rapl:0" / "max_energy_range_uj").unlink()
    found = find_rapl(tmp_path, tmp_path, advancing())
    assert found.rung.readable
    assert found.reader.zones[0].range_uj == 0


ROME = "vendor_id\t: AuthenticAMD\ncpu family\t: 23\nmodel\t\t: 49\n"
UNKNOWN = ""


@pytest.mark.parametrize(
    ("cpuinfo", "watts", "trusted"),
    [(ROME, 280, True), (ROME, 690, True), (ROME, 710, False), (UNKNOWN, 1200, True), (UNKNOWN, 1300, False)],
)
def test_a_power_above_what_the_package_can_draw_is_not_measured(tmp_path, cpuinfo, watts, trusted):
    energy = Board(tmp_path, ("package-0", RANGE_UJ), cpuinfo=cpuinfo).window((0, 10), (4, 10 + 4 * watts))
    assert energy.known == trusted
    assert trusted or "more than the package can draw" in str(energy.reason)


def test_a_counter_that_stops_is_unknown(tmp_path):
    marks = [(float(second), 70.0 + 10 * min(second, 3)) for second in range(12)]
    energy = Board(tmp_path, ("package-0", RANGE_UJ)).window(*marks)
    assert energy.value is None
    assert "stood still" in str(energy.reason)


def test_every_family_has_a_package_limit_above_its_servers_watts():
    tables = catalogue.load("host_power")
    tdp = {key for key, entry in tables["rapl"]["tdp"].items() if catalogue.is_number(entry)}
    assert tdp == set(tables["power"])
    assert package_limit_w(Path("/nonexistent")) == 1250


@pytest.mark.parametrize("stuck", ["0", "12345"])
def test_a_memory_counter_that_is_stuck_beside_good_packages_is_left_out_and_said(tmp_path, stuck):
    powercap(tmp_path, TWO_SOCKETS)
    dram = tmp_path / "class" / "powercap" / "intel-rapl:0:1" / "energy_uj"
    dram.write_text(stuck)
    moving = advancing()

    def read(path: Path) -> int:
        return read_uj(path) if path == dram else moving(path)

    found = find_rapl(tmp_path, tmp_path, read)
    assert isinstance(found.reader, RaplReader)
    # One memory of two would be a part that looks like all: memory is estimated instead.
    assert [zone.name for zone in found.reader.zones] == ["package-0", "package-1"]
    assert "left out: dram, which" in found.rung.detail


@pytest.mark.parametrize("stuck", ["0", "12345"])
def test_a_package_that_is_stuck_beside_a_good_one_is_not_believed(tmp_path, stuck):
    powercap(tmp_path, TWO_SOCKETS)
    package = tmp_path / "class" / "powercap" / "intel-rapl:1" / "energy_uj"
    package.write_text(stuck)
    moving = advancing()
    found = find_rapl(tmp_path, tmp_path, lambda path: read_uj(path) if path == package else moving(path))
    assert found.reader is None
    assert "package-1" in str(found.rung.why_not)


@settings(max_examples=60, deadline=None)
@given(
    start_j=st.floats(0, 65_000),
    steps=st.lists(st.tuples(st.floats(0.05, 20), st.floats(1, 1000)), min_size=1, max_size=20),
)
def test_any_plausible_course_is_measured_exactly_over_its_wraps(tmp_path_factory, start_j, steps):
    range_j = 65_532
    board = Board(tmp_path_factory.mktemp("rapl"), ("package-0", range_j * 10**6))
    seconds, joules = 0.0, start_j
    begin = end = board.mark(0, start_j)
    for gap_s, watts in steps:
        seconds, joules = seconds + gap_s, joules + gap_s * watts
        end = board.mark(seconds, joules % range_j)
    assert board.reader.between(begin, end).value == pytest.approx(joules - start_j, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(counts=st.lists(st.tuples(st.floats(0.001, 50), st.integers(0, 262_143)), min_size=2, max_size=8))
def test_whatever_a_counter_shows_no_window_is_above_the_limit(tmp_path_factory, counts):
    board = Board(tmp_path_factory.mktemp("rapl"), ("package-0", 262_143 * 10**6))
    seconds, marks = 0.0, []
    for gap_s, joules in counts:
        seconds += gap_s
        marks.append((seconds, board.mark(seconds, joules)))
    for (first_s, begin), (last_s, end) in itertools.combinations(marks, 2):
        energy = board.reader.between(begin, end)
        assert energy.value is None or energy.value <= 1250 * (last_s - first_s + 0.01 * len(counts))
