"""First rung: the energy counters of NVIDIA GPUs, or their power where there is no counter."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qwatt import catalogue
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.energy.meter import gpu_use
from qwatt.energy.meter.gpu_visible import Visible, ask, torch_uuids, uuid_of, visible_gpus
from qwatt.energy.meter.processes import Snapshot
from qwatt.energy.meter.reader import Found, Reader, Rung

POLL_S = 0.1
"""How often power is read where a GPU has no energy counter, and how seldom a counter may be refreshed."""

USERS_S = 0.5
"""How often a window looks who uses the GPUs, so that a child that is gone by its end was seen."""

_JUDGED_S = 1.0
"""A window from which on a counter is held against what a board can draw; shorter ones are flagged."""

_HELD_BY_NVML: dict[Path, int] = {}
"""How many of a /dev's files NVML alone holds open in a process: what it opened at its first start here."""


class GpuReader(Reader):
    """Base of the GPU rungs: GPUs are charged only to a process tree that uses one.

    Args:
        nvml: the pynvml module, or None.
        handles: the GPUs that are visible, or may be.
        dev_root: the /dev whose files tell who computes.
    """

    name = "nvml"
    charged_by_use = True
    max_gap_s = USERS_S

    def __init__(self, nvml: Any = None, handles: Sequence[Any] = (), dev_root: Path = Path("/dev")) -> None:
        self.nvml = nvml
        self.handles = tuple(handles)
        self.dev_root = dev_root
        self._last_used_s = -math.inf

    def charged(self, pids: tuple[int, ...], since_s: float) -> bool:
        """Whether the tree uses a GPU, or was seen to within the window."""
        self.watch(pids)
        return self._last_used_s >= since_s

    def watch(self, pids: tuple[int, ...]) -> None:
        """Note the time if the tree uses a GPU now."""
        if self._uses(pids):
            self._last_used_s = time.perf_counter()

    def _uses(self, pids: tuple[int, ...]) -> bool:
        """Whether torch has opened CUDA here, NVML lists one of the tree's processes, or one holds a GPU."""
        if gpu_use.torch_opened_cuda() or not self._listed().isdisjoint(pids):
            return True
        return gpu_use.holds_gpu(pids, self.dev_root, self.nvml is None, _HELD_BY_NVML.get(self.dev_root, 0))

    def doubt(self) -> str | None:
        """Say so where NVML lists processes by another namespace's numbers.

        Living processes are seen to compute by their device files; a child may have done so and be gone.
        """
        if not gpu_use.strangers(self._listed()):
            return None
        return "NVML lists the GPU's users by the host's numbers (start the container with --pid=host)"

    def _listed(self) -> set[int]:
        return gpu_use.listed(self.nvml, self.handles) if self.handles else set()


class SensorReader(GpuReader):
    """Base of the rungs that read something: joules of every GPU apart, so that none hides another's fault.

    Args:
        nvml: the pynvml module.
        visible: the GPUs.
        dev_root: the /dev whose files tell who computes.
    """

    is_sensor = True
    basis: ClassVar[Basis]
    remark: ClassVar[str]

    def __init__(self, nvml: Any, visible: Visible, dev_root: Path) -> None:
        super().__init__(nvml, visible.handles, dev_root)
        tables = catalogue.load("host_power")["nvml"]
        self.visible = visible
        self._sensor = catalogue.quantity(tables["sensor"])
        self.limit_w: float = tables["board_limit"]["value"]
        self._last: tuple[float, list[float]] | None = None
        self._counters = (0.0, 0.0, *(0.0 for _ in self.handles))

    @abstractmethod
    def shown(self, handle: Any) -> float:
        """Return what the sensor shows."""

    @abstractmethod
    def joules(self, before: float, after: float, seconds: float) -> float:
        """Return the energy between two readings; negative or NaN where they cannot be trusted."""

    def read(self, now: Snapshot) -> tuple[float, ...]:
        """Return the time, how often a sensor was lost, and each GPU's joules so far."""
        _, lost, *joules = self._counters
        try:
            shown = [self.shown(handle) for handle in self.handles]
        except self.nvml.NVMLError:
            self._last = None
            lost += 1
        else:
            if self._last is not None:
                last_s, before = self._last
                added = [self.joules(*pair, now.seconds - last_s) for pair in zip(before, shown, strict=True)]
                trusted = all(energy >= 0 for energy in added)
                lost += not trusted
                joules = [j + energy for j, energy in zip(joules, added, strict=True)] if trusted else joules
            self._last = (now.seconds, shown)
        self._counters = (now.seconds, lost, *joules)
        return self._counters

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        """Return joules of the visible GPUs, boundary device; unknown when a sensor cannot be trusted."""
        seconds, lost, *joules = (last - first for first, last in zip(begin, end, strict=True))
        counted, why = self._counted()
        if lost:
            why = f"NVML failed during the window, or a counter started anew ({self.remark})"
        elif seconds >= _JUDGED_S and max(joules) > self.limit_w * (seconds + POLL_S):
            why = f"a GPU shows {max(joules) / seconds:,.0f} W, more than a board can draw ({self.remark})"
        elif seconds >= _JUDGED_S and not all(joules[i] for i in counted):
            why = f"a GPU's sensor stood still ({self.remark})"
        if why:
            return Quantity.unknown(why, "J", Boundary.DEVICE, self.basis)
        energy = sum(joules[i] for i in counted)
        low, value, high = (energy * factor for factor in self._sensor.interval)
        remark = f"{len(counted)} GPU by {self.remark}"
        return Quantity(value, low, high, "J", self.basis, Boundary.DEVICE, remark)

    def _counted(self) -> tuple[list[int], str | None]:
        """Return which GPUs count, or why it cannot be told; torch knows once it has opened CUDA."""
        everything = list(range(len(self.handles)))
        if self.visible.doubt is None:
            return everything, None
        wanted = torch_uuids()
        found = [i for i in everything if wanted and uuid_of(self.nvml, self.handles[i]) in wanted]
        if wanted is None or len(found) != len(wanted):
            return everything, f"{self.visible.doubt}: {self.visible.mend}"
        return found, None


class NvmlCounterReader(SensorReader):
    """Joules by the total energy counter of every visible GPU (Volta and later)."""

    basis = Basis.MEASURED_NVML
    remark = "counter"

    def shown(self, handle: Any) -> float:
        """Return the counter in joules."""
        return int(self.nvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1e3

    def joules(self, before: float, after: float, seconds: float) -> float:
        """Return the difference; a counter that fell has started anew."""
        return after - before


class NvmlPowerReader(SensorReader):
    """Joules by integrating the power of every visible GPU, read ten times a second, by trapezoids."""

    max_gap_s = POLL_S
    basis = Basis.MEASURED_NVML_POWER
    remark = f"power, {POLL_S:g} s apart"

    def shown(self, handle: Any) -> float:
        """Return the power in watts."""
        return int(self.nvml.nvmlDeviceGetPowerUsage(handle)) / 1e3

    def joules(self, before: float, after: float, seconds: float) -> float:
        """Return the trapezoid; NaN for a power that no board draws."""
        return math.nan if max(before, after) > self.limit_w else (before + after) / 2 * max(0.0, seconds)


class BlindGpuReader(GpuReader):
    """A GPU that cannot be read: whoever uses it gets an unknown energy, not the rest as if it were all."""

    def __init__(
        self, reason: str, nvml: Any = None, handles: Sequence[Any] = (), dev_root: Path = Path("/dev")
    ) -> None:
        super().__init__(nvml, handles, dev_root)
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
    """Return the rung: counter, else power, else a blind reader where there is or may be a GPU."""
    has_gpu = any(dev_root.glob("nvidia[0-9]*")) or (dev_root / "dxg").exists()
    if not has_gpu and (dev_root / "kfd").exists():
        return _blind("AMD GPUs are not read", "measure it by its own tool", dev_root)
    nvml = load()
    if nvml is None:
        return _absent(
            has_gpu, "NVML's Python binding is not installed", "pip install 'qwatt[nvml]'", dev_root
        )
    before = gpu_use.held_here(dev_root)
    try:
        nvml.nvmlInit()
        visible = visible_gpus(nvml, environ)
    except nvml.NVMLError as error:
        why_not = f"NVML does not start: {error}"
        return _absent(has_gpu, why_not, "repair the driver until nvidia-smi works", dev_root)
    if visible.handles:
        found = _best(nvml, visible, dev_root)
        gpu_use.listed(nvml, visible.handles)  # whatever else NVML opens, it opens here
        _HELD_BY_NVML.setdefault(dev_root, max(0, gpu_use.held_here(dev_root) - before))
        return found
    if has_gpu and "CUDA_VISIBLE_DEVICES" not in environ:
        mend = "give the container the GPU's driver files (--gpus)"
        return _blind("there is a GPU's device file, but NVML shows no GPU", mend, dev_root)
    return Found(Rung("nvml", False, why_not="no GPU is visible (CUDA_VISIBLE_DEVICES or none built in)"))


def _absent(has_gpu: bool, why_not: str, mend: str, dev_root: Path) -> Found:
    """Return the rung where NVML does not answer: blind if the machine has a GPU, else not needed."""
    if has_gpu:
        return _blind(why_not, mend, dev_root)
    return Found(Rung("nvml", False, why_not=f"no NVIDIA GPU here ({why_not})"))


def _best(nvml: Any, visible: Visible, dev_root: Path) -> Found:
    """Return the best sensor that all visible GPUs have."""
    mig = [handle for handle in visible.handles if (ask(nvml, "nvmlDeviceGetMigMode", handle) or [0])[0]]
    if mig or "MIG" in (visible.doubt or ""):
        why_not = "the GPU is split (MIG): its counters hold other slices, a slice has none"
        return _blind(why_not, "use whole GPUs", dev_root, nvml, visible.handles)
    where = f"{len(visible.handles)} visible GPU, charged when this process tree uses them; chip (device)"
    if visible.doubt:
        where = f"{len(visible.handles)} GPU; {visible.doubt}, so that it is unknown which, unless torch says"
    if _all(nvml, "nvmlDeviceGetTotalEnergyConsumption", visible):
        rung = Rung("nvml", True, f"energy counter of {where}", mend=visible.mend)
        return Found(rung, NvmlCounterReader(nvml, visible, dev_root))
    # Older than Volta, or a virtual GPU.
    if _all(nvml, "nvmlDeviceGetPowerUsage", visible):
        mend = visible.mend or "no energy counter: use a Volta or later GPU that is not virtual"
        return Found(
            Rung("nvml", True, f"power of {where}", mend=mend), NvmlPowerReader(nvml, visible, dev_root)
        )
    why_not = "the GPU gives neither energy nor power"
    return _blind(why_not, "use a GPU that is not virtual", dev_root, nvml, visible.handles)


def _all(nvml: Any, function: str, visible: Visible) -> bool:
    """Whether a sensor answers on every GPU, and with more than the 0 of a virtual one."""
    return all(ask(nvml, function, handle) for handle in visible.handles)


def _blind(why_not: str, mend: str, dev_root: Path, nvml: Any = None, handles: Sequence[Any] = ()) -> Found:
    reader = BlindGpuReader(f"GPU energy: {why_not}", nvml, handles, dev_root)
    return Found(Rung("nvml", False, why_not=why_not, mend=mend), reader)
