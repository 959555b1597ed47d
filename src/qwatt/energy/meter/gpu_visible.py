"""Which GPUs this process sees: CUDA_VISIBLE_DEVICES, read as CUDA reads it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ORDER = "CUDA_DEVICE_ORDER"
_VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True)
class Visible:
    """The GPUs that CUDA shows to this process.

    Args:
        handles: NVML's handles; all of the machine's where `doubt` says why it cannot be told which.
        doubt: why the handles are not sure, or None.
        mend: what would make them sure.
    """

    handles: tuple[Any, ...]
    doubt: str | None = None
    mend: str | None = None


def visible_gpus(nvml: Any, environ: Mapping[str, str]) -> Visible:
    """Return the GPUs that the environment leaves.

    Names are taken from the left until one is neither a number of a GPU nor the beginning of exactly one
    UUID: `0,7` on two GPUs is the first, `NoDevFiles` is none. A name that comes twice counts once.
    CUDA numbers GPUs by speed unless CUDA_DEVICE_ORDER is PCI_BUS_ID; NVML numbers them by PCI bus. The two
    differ on unlike GPUs, and the driver alone knows CUDA's.
    """
    everything = _by_pci_bus(nvml)
    names = environ.get(_VISIBLE)
    if names is None:
        return Visible(everything)
    if names.strip().startswith("MIG-"):
        return Visible(everything, "a MIG slice has no energy counter of its own", "use whole GPUs")
    by_uuid = names.strip().startswith("GPU-")
    find = _find_uuid(nvml, everything) if by_uuid else _find_number(everything)
    chosen = tuple(dict.fromkeys(_until_none(names.split(","), find)))
    sure = by_uuid or environ.get(_ORDER) == "PCI_BUS_ID" or len(chosen) in (0, len(everything))
    if sure or not _unlike(nvml, everything):
        return Visible(chosen)
    doubt = f"{_VISIBLE}={names} counts unlike GPUs by speed, NVML by PCI bus"
    return Visible(everything, doubt, f"set {_ORDER}=PCI_BUS_ID, or name GPUs by UUID")


def torch_uuids() -> set[str] | None:
    """Return the UUIDs ("GPU-...") of the GPUs that torch has opened here, or None where it does not say."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return None
    properties = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    uuids = [getattr(each, "uuid", None) for each in properties]  # torch 2.4 and later
    return None if None in uuids else {f"GPU-{uuid}".replace("GPU-GPU-", "GPU-") for uuid in uuids}


def ask(nvml: Any, function: str, handle: Any) -> Any:
    """Return what an NVML function says of a GPU, or None where this binding or driver does not know it."""
    try:
        return getattr(nvml, function)(handle)
    except (AttributeError, nvml.NVMLError):
        return None


def uuid_of(nvml: Any, handle: Any) -> str:
    """Return a GPU's UUID, "" where the driver does not say."""
    return _text(ask(nvml, "nvmlDeviceGetUUID", handle) or "")


def _by_pci_bus(nvml: Any) -> tuple[Any, ...]:
    """Return all handles; NVML's own order is not warranted to be the PCI bus's."""
    handles = [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]
    places = [_text(getattr(ask(nvml, "nvmlDeviceGetPciInfo", handle), "busId", "")) for handle in handles]
    return tuple(handles[i] for i in sorted(range(len(handles)), key=places.__getitem__))


def _until_none(names: list[str], find: Callable[[str], Any]) -> Iterator[Any]:
    for name in names:
        handle = find(name.strip())
        if handle is None:
            return
        yield handle


def _find_number(handles: tuple[Any, ...]) -> Callable[[str], Any]:
    def find(name: str) -> Any:
        number = re.match(r"[+-]?\d+", name)  # as strtol: "1gpu" is 1, "gpu" ends the list
        index = int(number.group()) if number else -1
        return handles[index] if 0 <= index < len(handles) else None

    return find


def _find_uuid(nvml: Any, handles: tuple[Any, ...]) -> Callable[[str], Any]:
    def find(name: str) -> Any:
        if not name.startswith("GPU-"):
            return None
        try:
            return nvml.nvmlDeviceGetHandleByUUID(name)
        except nvml.NVMLError:
            fitting = [handle for handle in handles if uuid_of(nvml, handle).startswith(name)]
            return fitting[0] if len(fitting) == 1 else None

    return find


def _unlike(nvml: Any, handles: tuple[Any, ...]) -> bool:
    return len({_text(ask(nvml, "nvmlDeviceGetName", handle) or "") for handle in handles}) > 1


def _text(name: str | bytes) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else name
