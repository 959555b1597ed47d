"""CPU time and memory: every process and thread of the tree is counted, once."""

from __future__ import annotations

import concurrent.futures
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary
from qwatt.energy.meter import Meter, Sources
from qwatt.energy.meter.processes import snapshot

BURN = "import time\nwhile time.process_time() < {}: pass"


def burn(seconds: float) -> None:
    """Use this thread's processor for that long, however busy the machine is."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def host_meter(environ: dict[str, str] | None = None) -> Meter:
    """A meter that sees no sensor, on any machine."""
    nowhere = Path("/nonexistent")
    return Meter(
        sources=Sources(sys_root=nowhere, dev_root=nowhere, environ=environ or {}, load_nvml=lambda: None)
    )


def test_own_work_costs_cpu_seconds_times_watts_per_vcpu():
    meter = host_meter({"QWATT_W_PER_VCPU": "100,200,400"})  # above what the memory of a long suite takes
    with meter.window("work") as window:
        burn(0.2)
    assert 0.2 <= window.cpu_seconds < 0.24
    reading = window.readings["cpu_time"]
    assert reading.interval == pytest.approx(tuple(w * window.cpu_seconds for w in (100, 200, 400)))
    assert (reading.basis, reading.boundary) == (Basis.ESTIMATED_CPU_TIME, Boundary.NODE)
    assert window.energy.value == pytest.approx(reading.value + window.readings["ram"].value)
    assert (window.energy.basis, window.energy.boundary) == (Basis.ESTIMATED_CPU_TIME, Boundary.NODE)


def test_sleeping_costs_next_to_nothing():
    with host_meter().window("sleep") as window:
        time.sleep(0.3)
    assert window.seconds >= 0.3
    assert window.cpu_seconds < 0.02


def test_twenty_short_children_are_counted_and_rusage_agrees():
    meter = host_meter()
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    with meter.window("children") as window:
        for _ in range(20):
            subprocess.run([sys.executable, "-I", "-S", "-c", BURN.format(0.1)], check=True)
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    used = sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after, strict=True))
    assert window.cpu_seconds == pytest.approx(2.0, rel=0.1)
    assert window.cpu_seconds == pytest.approx(used, rel=0.05)


def test_living_children_and_grandchildren_are_counted_before_they_are_reaped():
    script = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-I', '-S', '-c', {BURN.format(0.3)!r}"
        " + '\\ntime.sleep(60)'], stdout=subprocess.PIPE)\n"
        + BURN.format(0.2)
        + "\nprint('done', flush=True)\n"
        "sys.stdin.read()\nchild.kill()\nchild.wait()\n"
    )
    meter = host_meter()
    with meter.window("tree") as tree, meter.window("alive") as alive:
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert child.stdout is not None and child.stdout.readline() == b"done\n"
        deadline = time.monotonic() + 60
        while snapshot().cpu_s - tree.begin.tree.cpu_s < 0.5 and time.monotonic() < deadline:
            time.sleep(0.02)
    with meter.window("reap") as reap:
        child.communicate(b"")
    assert alive.cpu_seconds >= 0.5
    assert len(alive.measurement.readings) == 2
    assert reap.cpu_seconds < 0.15, "work counted while alive is not counted again when reaped"


def test_all_threads_are_counted():
    with host_meter().window("threads") as window:
        threads = [threading.Thread(target=burn, args=(0.1,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert window.cpu_seconds == pytest.approx(0.4, rel=0.1)


def test_a_process_pool_is_counted_while_it_lives():
    # Spawned, as a fork of a process with threads is a warning in newer Pythons.
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(burn, [0.0]))
        with host_meter().window("pool") as window:
            list(pool.map(burn, [0.1] * 5))
    assert window.cpu_seconds == pytest.approx(0.5, rel=0.15)


def test_memory_is_charged_by_resident_gigabytes_and_seconds():
    meter = host_meter()
    with meter.window("hold") as window:
        block = bytearray(os.urandom(1)) * 300_000_000
        with meter.window("inner") as inner:
            time.sleep(0.2)
        del block
    assert inner.peak_rss_bytes > 300_000_000
    assert window.peak_rss_bytes >= inner.peak_rss_bytes
    reading = inner.readings["ram"]
    assert reading.value >= 0.375 * 0.3 * 0.2
    assert reading.low == 0.0, "a server's watts per thread hold its memory already"
    assert reading.basis is Basis.ESTIMATED_RSS


def test_open_window_has_no_figures_and_only_the_innermost_can_close():
    meter = host_meter()
    outer = meter.begin("outer")
    with pytest.raises(QwattError, match="still open"):
        _ = outer.energy
    inner = meter.begin("inner")
    assert (inner.path, inner.name) == ("outer/inner", "inner")
    with pytest.raises(QwattError, match="not the innermost"):
        meter.end(outer)
    meter.end(inner)
    meter.end(outer)
    with pytest.raises(QwattError, match="not the innermost"):
        meter.end(outer)


def test_a_window_closes_when_its_block_raises():
    meter = host_meter()
    with pytest.raises(ZeroDivisionError), meter.window("fails") as window:
        _ = 1 / 0
    assert window.energy.known
    with meter.window("next") as following:
        pass
    assert following.path == "next"


def test_each_thread_has_its_own_nesting():
    meter = host_meter()
    paths: list[str] = []

    def work(name: str) -> None:
        with meter.window(name), meter.window("inner") as inner:
            time.sleep(0.01)
        paths.append(inner.path)

    with meter.window("main"):
        threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(paths) == [f"t{i}/inner" for i in range(8)]


def test_cpu_rungs_start_no_thread():
    before = threading.active_count()
    with host_meter().window("w"):
        assert threading.active_count() == before


def test_measurement_record_can_be_written_as_json():
    with host_meter().window("w") as window:
        pass
    record = json.loads(json.dumps(window.measurement.to_record()))
    assert record["energy"]["basis"] == "estimated:cpu_time"
    assert set(record["readings"]) == {"cpu_time", "ram"}
