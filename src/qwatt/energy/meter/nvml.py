"""First rung: the energy counters of NVIDIA GPUs, or their power where there is no counter."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qwatt import catalogue
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.energy.meter.processes import Snapshot
from qwatt.energy.meter.reader import Found, Reader, Rung

POLL_S = 0.1
"""How often power is read where a GPU has no energy counter."""


class GpuReader(Reader):
    """Base of the GPU rungs: a GPU is charged only to a process tree that holds a context on it."""

    name = "nvml"

    def __init__(self, nvml: Any = None, handles: Sequence[Any] = ()) -> None:
        self.nvml = nvml
        self.handles = tuple(handles)

    def charged(self, pids: tuple[int, ...]) -> bool:
        """Whether torch has opened CUDA in this process, or NVML lists one of the tree's processes."""
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_initialized():
            return True
        return any(process in pids for handle in self.handles for process in self._users(handle))

    def _users(self, handle: Any) -> list[int]:
        try:
            return [int(user.pid) for user in self.nvml.nvmlDeviceGetComputeRunningProcesses(handle)]
        except self.nvml.NVMLError:
            return []


class NvmlCounterReader(GpuReader):
    """Joules by the total energy counter of every visible GPU (Volta and later)."""

    is_sensor = True

    def __init__(self, nvml: Any, handles: Sequence[Any]) -> None:
        super().__init__(nvml, handles)
        self._sensor = _sensor()
        self._last: int | None = None
        self._counters = (0.0, 0.0)

    def read(self, now: Snapshot) -> tuple[float, ...]:
        """Return joules so far, and how often the counters were lost."""
        joules, lost = self._counters
        try:
            count_mj = sum(int(self.nvml.nvmlDeviceGetTotalEnergyConsumption(h)) for h in self.handles)
        except self.nvml.NVMLError:
            self._last, self._counters = None, (joules, lost + 1)
            return self._counters
        if self._last is not None:
            lost += count_mj < self._last
            joules += max(0, count_mj - self._last) / 1e3
        self._last, self._counters = count_mj, (joules, lost)
        return self._counters

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        """Return joules, boundary device; unknown when a counter failed or was reset."""
        return _energy(begin, end, self._sensor, Basis.MEASURED_NVML, f"{len(self.handles)} GPU by counter")


class NvmlPowerReader(GpuReader):
    """Joules by integrating the power of every visible GPU, read ten times a second."""

    is_sensor = True
    max_gap_s = POLL_S

    def __init__(self, nvml: Any, handles: Sequence[Any]) -> None:
        super().__init__(nvml, handles)
        self._sensor = _sensor()
        self._last: tuple[float, float] | None = None
        self._counters = (0.0, 0.0)

    def read(self, now: Snapshot) -> tuple[float, ...]:
        """Return joules so far by trapezoids, and how often the sensor was lost."""
        joules, lost = self._counters
        try:
            power_w = sum(int(self.nvml.nvmlDeviceGetPowerUsage(h)) for h in self.handles) / 1e3
        except self.nvml.NVMLError:
            self._last, self._counters = None, (joules, lost + 1)
            return self._counters
        if self._last is not None:
            joules += (power_w + self._last[1]) / 2 * max(0.0, now.seconds - self._last[0])
        self._last, self._counters = (now.seconds, power_w), (joules, lost)
        return self._counters

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        """Return joules, boundary device; unknown when the sensor failed."""
        remark = f"{len(self.handles)} GPU by power, {POLL_S:g} s apart"
        return _energy(begin, end, self._sensor, Basis.MEASURED_NVML_POWER, remark)


class BlindGpuReader(GpuReader):
    """A GPU that cannot be read: whoever uses it gets an unknown energy, not the rest as if it were all."""

    def __init__(self, reason: str, nvml: Any = None, handles: Sequence[Any] = ()) -> None:
        super().__init__(nvml, handles)
        self.reason = reason

    def read(self, now: Snapshot) -> tuple[float, ...]:
        """Return nothing."""
        return ()

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        """Return an unknown."""
        return Quantity.unknown(self.reason, boundary=Boundary.DEVICE, basis=Basis.MEASURED_NVML)


def load_nvml() -> Any:
    """Return the pynvml module of nvidia-ml-py, or None when it is not installed."""
    try:
        import pynvml
    except ImportError:
        return None
    return pynvml


def find_nvml(load: Callable[[], Any], dev_root: Path, environ: Mapping[str, str]) -> Found:
    """Return the rung: counter, else power, else a blind reader where there is a GPU."""
    has_gpu = (dev_root / "nvidia0").exists()
    if not has_gpu and (dev_root / "kfd").exists():
        return _blind("AMD GPUs are not read", "measure it by its own tool")
    nvml = load()
    if nvml is None:
        return _absent(has_gpu, "NVML's Python binding is not installed", "pip install 'qwatt[nvml]'")
    try:
        nvml.nvmlInit()
        handles = _visible(nvml, environ.get("CUDA_VISIBLE_DEVICES"))
    except nvml.NVMLError as error:
        return _absent(has_gpu, f"NVML does not start: {error}", "repair the driver until nvidia-smi works")
    if not handles:
        return Found(Rung("nvml", False, why_not="no GPU is visible (CUDA_VISIBLE_DEVICES or none built in)"))
    return _best(nvml, handles)


def _absent(has_gpu: bool, why_not: str, mend: str) -> Found:
    """Return the rung where NVML does not answer: blind if the machine has a GPU, else not needed."""
    if has_gpu:
        return _blind(why_not, mend)
    return Found(Rung("nvml", False, why_not=f"no NVIDIA GPU here ({why_not})"))


def _best(nvml: Any, handles: list[Any]) -> Found:
    where = f"{len(handles)} visible GPU, charged when this process tree uses them; chip (device)"
    try:
        for handle in handles:
            nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
        return Found(Rung("nvml", True, f"energy counter of {where}"), NvmlCounterReader(nvml, handles))
    except nvml.NVMLError:
        pass  # older than Volta, or a virtual GPU
    try:
        for handle in handles:
            nvml.nvmlDeviceGetPowerUsage(handle)
        mend = "no energy counter: use a Volta or later GPU that is not virtual"
        return Found(Rung("nvml", True, f"power of {where}", mend=mend), NvmlPowerReader(nvml, handles))
    except nvml.NVMLError as error:
        why_not = f"the GPU gives neither energy nor power: {error}"
        return _blind(why_not, "use a GPU that is not virtual", nvml, handles)


def _blind(why_not: str, mend: str, nvml: Any = None, handles: Sequence[Any] = ()) -> Found:
    reader = BlindGpuReader(f"GPU energy: {why_not}", nvml, handles)
    return Found(Rung("nvml", False, why_not=why_not, mend=mend), reader)


def _visible(nvml: Any, visible: str | None) -> list[Any]:
    """Return the handles that CUDA_VISIBLE_DEVICES leaves, by index (in PCI order) or by UUID."""
    if visible is None:
        return [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]
    handles = []
    for name in filter(None, (part.strip() for part in visible.split(","))):
        if name.lstrip("-").isdigit():
            if int(name) < 0:
                break
            handles.append(nvml.nvmlDeviceGetHandleByIndex(int(name)))
        else:
            handles.append(nvml.nvmlDeviceGetHandleByUUID(name))
    return handles


def _sensor() -> Quantity:
    return catalogue.quantity(catalogue.load("host_power")["nvml"]["sensor"])


def _energy(
    begin: tuple[float, ...], end: tuple[float, ...], sensor: Quantity, basis: Basis, remark: str
) -> Quantity:
    joules, lost = (last - first for first, last in zip(begin, end, strict=True))
    if lost:
        return Quantity.unknown(f"NVML failed during the window ({remark})", "J", Boundary.DEVICE, basis)
    low, value, high = (joules * factor for factor in sensor.interval)
    return Quantity(value, low, high, "J", basis, Boundary.DEVICE, remark)
