"""NVML by a made-up driver: counter, power, neither, and who is charged."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from qwatt.core.quantity import Basis, Boundary
from qwatt.energy.meter import Meter, Sources
from qwatt.energy.meter.nvml import find_nvml
from qwatt.energy.meter.processes import Snapshot


class FakeNvml:
    """A driver with GPUs of constant power; `counter`, `power` and `users` say what it supports and shows."""

    class NVMLError(Exception):
        pass

    def __init__(self, gpus: int = 2, counter: bool = True, power: bool = True, users: tuple[int, ...] = ()):
        self.gpus, self.counter, self.power, self.users = gpus, counter, power, users
        self.energy_mj = 1_000_000

    def nvmlInit(self) -> None:
        if self.gpus < 0:
            raise self.NVMLError("Driver Not Loaded")

    def nvmlDeviceGetCount(self) -> int:
        return self.gpus

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        if index >= self.gpus:
            raise self.NVMLError("Invalid Argument")
        return f"gpu{index}"

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        return uuid

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:
        if not self.counter:
            raise self.NVMLError("Not Supported")
        return self.energy_mj

    def nvmlDeviceGetPowerUsage(self, handle: str) -> int:
        if not self.power:
            raise self.NVMLError("Not Supported")
        return 100_000

    def nvmlDeviceGetComputeRunningProcesses(self, handle: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(pid=pid) for pid in self.users]


def meter_with(nvml: FakeNvml | None, dev: Path, **environ: str) -> Meter:
    nowhere = Path("/nonexistent")
    return Meter(sources=Sources(sys_root=nowhere, dev_root=dev, environ=environ, load_nvml=lambda: nvml))


def test_counters_of_all_gpus_are_charged_to_a_process_that_uses_one(tmp_path):
    nvml = FakeNvml(users=(os.getpid(),))
    meter = meter_with(nvml, tmp_path)
    with meter.window("train") as window:
        nvml.energy_mj += 250_000
    reading = window.readings["nvml"]
    assert reading.interval == pytest.approx((475, 500, 525))
    assert (reading.basis, reading.boundary) == (Basis.MEASURED_NVML, Boundary.DEVICE)
    assert window.energy.value == pytest.approx(sum(q.value for q in window.readings.values()))
    assert window.energy.boundary is Boundary.DEVICE
    assert window.flags == ("short_window",)


def test_a_gpu_that_the_process_leaves_alone_is_read_but_not_charged(tmp_path):
    nvml = FakeNvml(users=(os.getpid() + 1,))
    meter = meter_with(nvml, tmp_path)
    with meter.window("host only") as window:
        nvml.energy_mj += 250_000
    assert window.readings["nvml"].value == pytest.approx(500)
    assert window.energy.value < 1
    assert window.flags == ()


def test_the_host_is_brought_to_the_chips_boundary(tmp_path):
    beside_gpu = meter_with(FakeNvml(), tmp_path, QWATT_W_PER_VCPU="10")
    with beside_gpu.window("w") as window:
        sum(range(100_000))
    per_s = window.readings["cpu_time"].value / window.cpu_seconds
    assert per_s == pytest.approx(7.0)
    assert window.readings["cpu_time"].boundary is Boundary.DEVICE


def test_without_a_counter_power_is_polled_by_a_thread(tmp_path):
    meter = meter_with(FakeNvml(gpus=1, counter=False, users=(os.getpid(),)), tmp_path)
    with meter.window("w") as window:
        time.sleep(0.25)
    reading = window.readings["nvml"]
    assert reading.value == pytest.approx(100 * window.seconds, rel=1e-3)
    assert reading.basis is Basis.MEASURED_NVML_POWER


def test_a_gpu_without_sensors_makes_its_users_energy_unknown_and_no_one_elses(tmp_path):
    nvml = FakeNvml(counter=False, power=False, users=(os.getpid(),))
    meter = meter_with(nvml, tmp_path)
    with meter.window("gpu") as window:
        pass
    assert not window.energy.known
    assert "neither energy nor power" in str(window.energy.reason)
    nvml.users = ()
    with meter.window("host") as window:
        pass
    assert window.energy.known
    assert window.energy.boundary is Boundary.NODE


def test_a_reset_counter_makes_the_window_unknown(tmp_path):
    nvml = FakeNvml(gpus=1, users=(os.getpid(),))
    meter = meter_with(nvml, tmp_path)
    with meter.window("w") as window:
        nvml.energy_mj = 5
    assert not window.energy.known
    assert "failed during the window" in str(window.energy.reason)


def test_a_counter_that_stops_answering_makes_the_window_unknown(tmp_path):
    nvml = FakeNvml(gpus=1, users=(os.getpid(),))
    meter = meter_with(nvml, tmp_path)
    with meter.window("w") as window:
        nvml.counter = False
    assert not window.readings["nvml"].known


@pytest.mark.parametrize(
    ("visible", "handles"),
    [
        (None, ("gpu0", "gpu1", "gpu2")),
        ("1", ("gpu1",)),
        ("2, 0", ("gpu2", "gpu0")),
        ("0,-1,2", ("gpu0",)),
        ("GPU-8932f937", ("GPU-8932f937",)),
    ],
)
def test_cuda_visible_devices_is_honoured(tmp_path, visible, handles):
    environ = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    found = find_nvml(lambda: FakeNvml(gpus=3), tmp_path, environ)
    assert found.rung.readable
    assert found.reader.handles == handles


def test_hidden_gpus_are_no_rung(tmp_path):
    found = find_nvml(FakeNvml, tmp_path, {"CUDA_VISIBLE_DEVICES": ""})
    assert found.reader is None
    assert "CUDA_VISIBLE_DEVICES" in str(found.rung.why_not)


def test_no_gpu_is_no_rung_and_needs_no_mend(tmp_path):
    found = find_nvml(lambda: None, tmp_path, {})
    assert (found.rung.readable, found.rung.mend, found.reader) == (False, None, None)


def test_a_gpu_without_the_binding_is_blind_and_says_how_to_install_it(tmp_path):
    (tmp_path / "nvidia0").touch()
    found = find_nvml(lambda: None, tmp_path, {})
    assert found.rung.mend == "pip install 'qwatt[nvml]'"
    assert not found.reader.between((), ()).known
    assert found.reader.read(Snapshot(0, 0, 0, 0, (1,))) == ()


def test_a_broken_driver_is_blind(tmp_path):
    (tmp_path / "nvidia0").touch()
    found = find_nvml(lambda: FakeNvml(gpus=-1), tmp_path, {})
    assert "Driver Not Loaded" in str(found.rung.why_not)
    assert found.reader is not None
    (tmp_path / "nvidia0").unlink()
    assert find_nvml(lambda: FakeNvml(gpus=-1), tmp_path, {}).reader is None


def test_an_amd_gpu_is_blind(tmp_path):
    (tmp_path / "kfd").touch()
    found = find_nvml(lambda: None, tmp_path, {})
    assert "AMD" in str(found.rung.why_not)
    assert found.reader is not None
