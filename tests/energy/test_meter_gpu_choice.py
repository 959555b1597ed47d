"""Which GPU is read and who is charged: CUDA_VISIBLE_DEVICES as CUDA reads it, containers, device files."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.quantity import Basis
from qwatt.energy.meter import Meter, Sources
from qwatt.energy.meter.nvml import GpuReader, find_nvml
from qwatt.energy.meter.processes import Snapshot

A100, RTX = "NVIDIA A100-SXM4-80GB", "NVIDIA GeForce RTX 3090"


class Driver:
    """NVML with named GPUs on given PCI buses, each with a counter and a power of its own."""

    class NVMLError(Exception):
        pass

    def __init__(self, *names: str, buses: tuple[str, ...] = (), users: tuple[int, ...] = ()) -> None:
        self.names, self.users = names, users
        self.buses = buses or tuple(f"00000000:{i:02X}:00.0" for i in range(len(names)))
        self.energy_mj = [1_000_000] * len(names)
        self.power_mw = [200_000] * len(names)
        self.mig = 0

    def nvmlInit(self) -> None:
        pass

    def nvmlDeviceGetCount(self) -> int:
        return len(self.names)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return range(len(self.names))[index]

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> int:
        for index in range(len(self.names)):
            if uuid == self.nvmlDeviceGetUUID(index):
                return index
        raise self.NVMLError("Not Found")

    def nvmlDeviceGetUUID(self, handle: int) -> str:
        return f"GPU-af7b61d{handle}-21af-baea-6a19-42a1f9f7c3cb"

    def nvmlDeviceGetName(self, handle: int) -> bytes:
        return self.names[handle].encode()

    def nvmlDeviceGetPciInfo(self, handle: int) -> SimpleNamespace:
        return SimpleNamespace(busId=self.buses[handle].encode())

    def nvmlDeviceGetMigMode(self, handle: int) -> list[int]:
        return [self.mig, self.mig]

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: int) -> int:
        return self.energy_mj[handle]

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:
        return self.power_mw[handle]

    def nvmlDeviceGetComputeRunningProcesses(self, handle: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(pid=pid) for pid in self.users]


def found(driver: Driver, dev: Path, **environ: str):
    return find_nvml(lambda: driver, dev, environ)


def meter_with(driver: Driver | None, dev: Path, **environ: str) -> Meter:
    nowhere = Path("/nonexistent")
    return Meter(sources=Sources(sys_root=nowhere, dev_root=dev, environ=environ, load_nvml=lambda: driver))


@pytest.mark.parametrize(
    ("visible", "handles"),
    [
        ("0", (0,)),
        ("2,0", (2, 0)),
        ("0,0", (0,)),
        ("1, 0 ,1", (1, 0)),
        ("0,7", (0,)),
        ("7,0", ()),
        ("0,-1,1", (0,)),
        ("0,,1", (0,)),
        ("NoDevFiles", ()),
        ("none", ()),
        ("-1", ()),
        ("1gpu", (1,)),
        ("0,x,1", (0,)),
        ("GPU-af7b61d1", (1,)),
        ("GPU-af7b61d1-21af-baea-6a19-42a1f9f7c3cb,GPU-af7b61d0", (1, 0)),
        ("GPU-af7b61d1,GPU-af7b61d1-21", (1,)),
        ("GPU-af7b61d2,GPU-00000000,GPU-af7b61d0", (2,)),
        ("GPU-af7b61d", ()),  # three GPUs begin so
        ("GPU-af7b61d1,0", (1,)),
        ("99999999999999999999", ()),
    ],
)
def test_cuda_visible_devices_is_read_as_cuda_reads_it(tmp_path, visible, handles):
    # vllm-project/vllm#51677 (short UUIDs) and pytorch/pytorch#92315 (where a list ends).
    rung = found(Driver(A100, A100, A100), tmp_path, CUDA_VISIBLE_DEVICES=visible)
    assert (rung.reader.handles if rung.reader else ()) == handles


@given(st.text(alphabet="0123456789,- GPUxaf7b61dMI", max_size=20))
def test_no_list_of_devices_breaks_the_ladder(visible):
    rung = found(Driver(A100, RTX), Path("/nonexistent"), CUDA_VISIBLE_DEVICES=visible)
    handles = rung.reader.handles if rung.reader else ()
    assert len(set(handles)) == len(handles)


def use(driver: Driver, meter: Meter, *joules: float):
    """A window of two seconds by the clock in which every GPU uses these joules."""
    with meter.window("w") as window:
        for index, energy in enumerate(joules):
            driver.energy_mj[index] += round(energy * 1e3)
    return window


UNLIKE = (RTX, A100)


def test_a_number_on_unlike_gpus_is_unknown_and_says_how_to_be_sure(tmp_path):
    # gpustack/gpustack#1633: CUDA's GPU 0 is the A100, NVML's the RTX.
    driver = Driver(*UNLIKE, users=(os.getpid(),))
    rung = found(driver, tmp_path, CUDA_VISIBLE_DEVICES="0").rung
    assert "CUDA_DEVICE_ORDER=PCI_BUS_ID" in str(rung.mend)
    window = use(driver, meter_with(driver, tmp_path, CUDA_VISIBLE_DEVICES="0"), 10, 30)
    assert window.energy.value is None
    assert "CUDA_DEVICE_ORDER=PCI_BUS_ID" in str(window.energy.reason)


@pytest.mark.parametrize(
    ("environ", "joules"),
    [
        ({"CUDA_VISIBLE_DEVICES": "0", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, 10),
        ({"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, 30),
        ({"CUDA_VISIBLE_DEVICES": "GPU-af7b61d1"}, 30),
        ({"CUDA_VISIBLE_DEVICES": "0,1"}, 40),
        ({}, 40),
    ],
)
def test_unlike_gpus_are_sure_by_pci_order_by_uuid_and_all_together(tmp_path, environ, joules):
    driver = Driver(*UNLIKE, users=(os.getpid(),))
    window = use(driver, meter_with(driver, tmp_path, **environ), 10, 30)
    assert window.readings["nvml"].value == pytest.approx(joules)


def test_numbers_follow_the_pci_bus_whatever_nvmls_own_order(tmp_path):
    driver = Driver(RTX, A100, buses=("00000000:82:00.0", "00000000:02:00.0"))
    rung = found(driver, tmp_path, CUDA_VISIBLE_DEVICES="0", CUDA_DEVICE_ORDER="PCI_BUS_ID")
    assert rung.reader.handles == (1,)


def fake_torch(monkeypatch, *uuids: str | None) -> None:
    properties = [SimpleNamespace(uuid=uuid) if uuid else SimpleNamespace() for uuid in uuids]
    cuda = SimpleNamespace(
        is_initialized=lambda: True,
        device_count=lambda: len(properties),
        get_device_properties=properties.__getitem__,
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))


def test_torch_tells_which_gpu_it_opened(tmp_path, monkeypatch):
    driver = Driver(*UNLIKE)
    meter = meter_with(driver, tmp_path, CUDA_VISIBLE_DEVICES="0")
    fake_torch(monkeypatch, "af7b61d1-21af-baea-6a19-42a1f9f7c3cb")
    assert use(driver, meter, 10, 30).readings["nvml"].value == pytest.approx(30)
    fake_torch(monkeypatch, None)  # before torch 2.4
    assert use(driver, meter, 10, 30).energy.value is None


def test_a_split_gpu_is_unknown(tmp_path):
    # ml-energy/zeus#109, sustainable-computing-io/kepler#1198
    whole, split = Driver(A100), Driver(A100)
    split.mig = 1
    for rung in (found(split, tmp_path), found(whole, tmp_path, CUDA_VISIBLE_DEVICES="MIG-5c89-1")):
        assert "MIG" in str(rung.rung.why_not)
        assert rung.reader.between((), ()).value is None


@pytest.mark.parametrize("name", ["nvidia3", "nvidia0", "nvidia17", "dxg"])
def test_a_device_file_without_the_binding_is_never_no_gpu(tmp_path, name):
    # Project-HAMi/HAMi-core#112: docker run --gpus '"device=3"'
    (tmp_path / name).touch()
    rung = find_nvml(lambda: None, tmp_path, {})
    assert rung.rung.mend == "pip install 'qwatt[nvml]'"
    assert "no NVIDIA GPU" not in str(rung.rung.why_not)
    assert not rung.reader.between((), ()).known


def test_other_device_files_are_no_gpu(tmp_path):
    for name in ("nvidiactl", "nvidia-uvm", "nvidia-modeset"):
        (tmp_path / name).touch()
    assert find_nvml(lambda: None, tmp_path, {}).reader is None


def test_a_device_file_that_nvml_does_not_show_is_blind_unless_it_is_hidden(tmp_path):
    (tmp_path / "nvidia3").touch()
    assert found(Driver(), tmp_path).reader is not None
    assert found(Driver(), tmp_path, CUDA_VISIBLE_DEVICES="").reader is None


HOST_PID = 2**22 + 7
"""Above the kernel's largest, so that no process here bears it."""


def test_a_process_that_computes_is_charged_whatever_number_the_host_gives_it(tmp_path):
    # NVIDIA/gpu-monitoring-tools#63
    driver = Driver(A100, users=(HOST_PID,))
    meter = meter_with(driver, tmp_path)
    assert use(driver, meter, 10).energy.value < 1, "this process leaves it alone"
    with (tmp_path / "nvidia-uvm").open("w"):
        window = use(driver, meter, 10)
    assert window.readings["nvml"].value == pytest.approx(10)
    assert window.energy.value > 10


def test_a_child_that_computes_is_charged_by_its_device_file(tmp_path):
    driver = Driver(A100, users=(HOST_PID,))
    meter = meter_with(driver, tmp_path)
    script = f"handle = open({str(tmp_path / 'nvidia-uvm')!r}, 'w')\nprint('open', flush=True)\ninput()"
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None and child.stdout.readline() == b"open\n"
    window = use(driver, meter, 10)
    child.communicate(b"\n")
    assert window.energy.value > 10


class Driver580(Driver):
    """NVML that opens device files of its own at its first start, the compute device among them."""

    def __init__(self, dev: Path) -> None:
        super().__init__(A100, users=(HOST_PID,))
        self.dev, self.open = dev, []

    def nvmlInit(self) -> None:
        names = () if self.open else ("nvidiactl", "nvidia0", "nvidia-uvm")
        self.open += [(self.dev / name).open("w") for name in names]

    def close(self) -> None:
        for file in self.open:
            file.close()


def test_nvml_alone_may_hold_device_files_and_computes_nothing(tmp_path):
    driver = Driver580(tmp_path)
    meter = meter_with(driver, tmp_path)
    again = meter_with(driver, tmp_path)
    for each in (meter, again):
        assert use(driver, each, 10).energy.value < 1, "a meter that reads, the first and a second one"
        with (tmp_path / "nvidiactl").open("w"):
            assert use(driver, each, 10).energy.value < 1, "the driver's control is no computing"
        for name in ("nvidia-uvm", "nvidia0"):
            with (tmp_path / name).open("w"):
                assert use(driver, each, 10).energy.value > 10, name
    driver.close()


def test_cuda_opened_before_nvml_is_seen(tmp_path):
    driver = Driver580(tmp_path)
    with (tmp_path / "nvidia0").open("w"):
        meter = meter_with(driver, tmp_path)
        assert use(driver, meter, 10).energy.value > 10
    assert use(driver, meter, 10).energy.value < 1
    driver.close()


def test_a_child_that_computed_and_is_gone_is_charged_as_it_was_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(GpuReader, "max_gap_s", 0.02)
    driver = Driver(A100)
    meter = meter_with(driver, tmp_path)
    quiet = [sys.executable, "-I", "-S", "-c", "input()"]
    with meter.window("whole") as whole:
        with meter.window("computes") as computes:
            child = subprocess.Popen(quiet, stdin=subprocess.PIPE)
            driver.users = (child.pid,)
            driver.energy_mj[0] += 10_000
            wait_for(lambda: meter.readers[0]._last_used_s > computes.begin.tree.seconds)
            child.communicate(b"\n")
            driver.users = ()
        with meter.window("after") as after:
            driver.energy_mj[0] += 10_000
    assert computes.energy.value > 10
    assert whole.energy.value > 20, "the window that held it"
    assert after.energy.value < 1, "a later one is not charged"


def wait_for(condition, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_children_that_went_beside_users_whom_no_one_here_knows_make_the_energy_unknown(tmp_path):
    driver = Driver(A100, users=(HOST_PID,))
    meter = meter_with(driver, tmp_path)
    with meter.window("child") as window:
        subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)
    assert window.energy.value is None, "it may have computed, and is gone"
    assert "--pid=host" in str(window.energy.reason)
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE)
    assert use(driver, meter, 10).energy.known, "a living child that holds no GPU does not compute"
    child.communicate(b"\n")
    driver.users = (os.getppid(),)
    with meter.window("child of a process that NVML numbers as we do") as window:
        subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)
    assert window.energy.known


def test_rocm_without_a_reader_is_unknown_to_who_computes(tmp_path):
    (tmp_path / "kfd").touch()
    meter = meter_with(None, tmp_path)
    with meter.window("host") as host:
        pass
    with (tmp_path / "kfd").open(), meter.window("gpu") as gpu:
        pass
    assert (host.energy.known, gpu.energy.known) == (True, False)


class Bench:
    """The chosen reader over a clock that a test sets."""

    def __init__(self, driver: Driver, dev: Path) -> None:
        self.driver, self.reader = driver, found(driver, dev).reader

    def window(self, *marks: tuple[float, ...]):
        counters = []
        for seconds, *joules in marks:
            self.driver.energy_mj = [round(j * 1e3) for j in joules]
            counters.append(self.reader.read(Snapshot(seconds, 0, 0, 0, (1,))))
        return self.reader.between(counters[0], counters[-1])


def test_one_counter_that_starts_anew_is_not_hidden_by_another_gpu(tmp_path):
    # ROCm/amdsmi#115, intel/compute-runtime#938: a counter that falls back while its neighbour rises.
    assert Bench(Driver(A100, A100), tmp_path).window((0, 900, 900), (2, 1300, 1100)).value == 600
    energy = Bench(Driver(A100, A100), tmp_path).window((0, 900, 900), (2, 5, 5000))
    assert energy.value is None


def test_a_power_above_any_board_is_not_measured(tmp_path):
    # flightlessmango/MangoHud#2144: millions of watts
    assert Bench(Driver(A100), tmp_path).window((0, 10), (2, 2000)).known
    energy = Bench(Driver(A100), tmp_path).window((0, 10), (2, 7_400_000))
    assert "more than a board can draw" in str(energy.reason)
    driver = Driver(A100)
    driver.energy_mj = [0]
    reader = found(driver, tmp_path).reader
    marks = []
    for second, watts in enumerate((200, 3_700_000, 200)):
        driver.power_mw = [watts * 1000]
        marks.append(reader.read(Snapshot(second, 0, 0, 0, (1,))))
    assert reader.between(marks[0], marks[2]).value is None


def test_a_counter_of_zero_is_no_counter_and_a_power_of_zero_no_power(tmp_path):
    # mlco2/codecarbon#1316: 0 kWh where there is no counter.
    driver = Driver(A100)
    driver.energy_mj = [0]
    assert found(driver, tmp_path).reader.basis is Basis.MEASURED_NVML_POWER
    driver.power_mw = [0]
    assert not found(driver, tmp_path).rung.readable


def test_a_counter_that_stands_still_is_unknown(tmp_path):
    energy = Bench(Driver(A100, A100), tmp_path).window((0, 10, 10), (3, 500, 10))
    assert "stood still" in str(energy.reason)
