"""CodeCarbon and Zeus against the own meter, where they are installed."""

from __future__ import annotations

import builtins
import hashlib
import os
import socket
import time
from types import SimpleNamespace

import pytest

from qwatt.core.errors import MissingExtraError, QwattError
from qwatt.energy.meter import Meter, Sources
from qwatt.energy.meter.adapters.codecarbon import CodeCarbonWindow, codecarbon_window
from qwatt.energy.meter.adapters.zeus import ZeusWindow, zeus_window


def _no_network(*args: object, **options: object) -> None:
    raise AssertionError(f"a socket was opened: {args}")


def test_codecarbon_in_process_mode_agrees_on_the_processor(monkeypatch):
    pytest.importorskip("codecarbon", exc_type=ImportError)
    monkeypatch.setattr(socket, "getaddrinfo", _no_network)
    monkeypatch.setattr(socket.socket, "connect", _no_network)
    # Hashing lets other threads run. A loop in pure Python starves CodeCarbon's sampler, which takes the time
    # before and the CPU seconds after its walk over all processes, and so reports up to twice the energy.
    block = bytes(16_000_000)
    w_per_vcpu = 2.0
    vcpus = os.cpu_count() or 1
    meter = Meter(sources=Sources(environ={"QWATT_W_PER_VCPU": f"{w_per_vcpu}"}))
    with codecarbon_window(w_per_vcpu * vcpus, ram_power_w=1.0) as theirs, meter.window("burn") as ours:
        end = time.process_time() + 2.0
        while time.process_time() < end:
            hashlib.sha256(block)
    print(f"CodeCarbon {theirs.cpu_energy}, own {ours.cpu_seconds * w_per_vcpu:.4g} J")
    assert theirs.cpu_energy.value == pytest.approx(ours.cpu_seconds * w_per_vcpu, rel=0.1)


def test_zeus_agrees_or_reads_nothing():
    pytest.importorskip("zeus.monitor", exc_type=ImportError)
    meter = Meter()
    with zeus_window() as theirs, meter.window("w"):
        time.sleep(1.0)
    sensors = {reader.name for reader in meter.readers if reader.is_sensor}
    assert theirs.energy.known == bool(sensors)


def test_zeus_zero_without_sensors_is_unknown():
    nothing = SimpleNamespace(time=1.0, gpu_energy={}, cpu_energy=None, dram_energy=None, total_energy=0)
    energy = ZeusWindow(nothing).energy
    assert energy.value is None
    assert "no GPU" in str(energy.reason)


def test_zeus_parts_are_added():
    result = SimpleNamespace(gpu_energy={0: 5.0, 1: 6.0}, cpu_energy={0: 3.0}, dram_energy={0: 1.0})
    energy = ZeusWindow(result).energy
    assert energy.value == 15.0
    assert energy.basis.value == "measured:rapl"


def test_open_windows_have_no_figures():
    with pytest.raises(QwattError, match="still open"):
        _ = ZeusWindow().energy
    with pytest.raises(QwattError, match="still open"):
        _ = CodeCarbonWindow().cpu_energy


@pytest.mark.parametrize(
    ("package", "window"), [("codecarbon", lambda: codecarbon_window(1, 1)), ("zeus", zeus_window)]
)
def test_a_missing_tool_says_how_to_install_it(monkeypatch, package, window):
    real = builtins.__import__

    def without(name, *rest, **kwargs):
        if name.split(".")[0] == package:
            raise ImportError(name)
        return real(name, *rest, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=rf"qwatt\[{package}\]"), window():
        pass
