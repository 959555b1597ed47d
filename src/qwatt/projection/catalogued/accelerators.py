"""Accelerators of the catalogue: peak, memory, power, utilisation, rent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from qwatt.core.quantity import Quantity
from qwatt.projection.catalogued.find import constant, find, tables
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class Accelerator:
    """A chip.

    Args:
        id: catalogue id, such as "h100".
        name: the maker's name.
        peak: dense 16-bit FLOP/s.
        bandwidth: byte/s of its memory.
        memory: bytes.
        tdp: W, or None when unpublished.
        training_w: mean W of the chip while training, or None when unpublished.
        k_node: node energy over chip energy.
        mfu: whole-run utilisation of a model of 1e10 active parameters.
        j_per_flop: measured chip energy per model FLOP of whole runs, or None.
        rent: USD per GPU-hour, or None.
        formats: number formats that it multiplies natively.
        sources: where the numbers are from.
    """

    id: str
    name: str
    peak: Span
    bandwidth: Span
    memory: Span
    tdp: Span | None
    training_w: Span | None
    k_node: Span
    mfu: Span
    j_per_flop: Span | None
    rent: Span | None
    formats: tuple[str, ...]
    sources: tuple[str, ...]

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form for `list accelerators`."""
        rates = {"peak_flop_per_s": self.peak, "bandwidth_byte_per_s": self.bandwidth, "mfu": self.mfu}
        plain = {key: [s.low, s.value, s.high] for key, s in rates.items()}
        unpublished = Quantity.unknown("no power was published", "W")
        power = self.training_w.quantity("W") if self.training_w else unpublished
        return {
            "id": self.id,
            "name": self.name,
            "memory_gb": self.memory.value / 1e9,
            "tdp_w": self.tdp.value if self.tdp else None,
            "training_w": power.to_record(),
            "rent_usd_per_gpu_hour": [self.rent.low, self.rent.value, self.rent.high] if self.rent else None,
            "formats": list(self.formats),
            "sources": list(self.sources),
        } | plain


@cache
def accelerator(name: str) -> Accelerator:
    """Return a chip by id or alias.

    Raises:
        QwattError: no such chip; names the nearest ones.
    """
    key, table = find("accelerator", name, "accelerators")
    return _built(key, table)


def all_accelerators() -> dict[str, Accelerator]:
    """Return every chip of the catalogue by id."""
    return {key: accelerator(key) for key in tables("accelerators")}


def _built(key: str, table: dict[str, Any]) -> Accelerator:
    def maybe(field: str, unit: str) -> Span | None:
        return Span.of(table[field], unit) if field in table else None

    k_node = Span.of(table["k_node"], "1")
    training_w, system_w = maybe("training_w", "W"), maybe("system_w", "W")
    numbers = [entry for entry in table.values() if isinstance(entry, dict)]
    return Accelerator(
        id=key,
        name=table["name"],
        peak=Span.of(table["peak"], "FLOP/s"),
        bandwidth=Span.of(table["bandwidth"], "byte/s"),
        memory=Span.of(table["memory"], "byte"),
        tdp=maybe("tdp", "W"),
        training_w=training_w or (system_w / k_node if system_w else None),
        k_node=k_node,
        mfu=Span.of(table["mfu"], "1"),
        j_per_flop=maybe("j_per_flop", "J/FLOP"),
        rent=maybe("rent", "USD/GPU-h"),
        formats=tuple(table["formats"]),
        sources=tuple(dict.fromkeys(entry["source"] for entry in numbers)),
    )


def utilisation(chip: Accelerator, active_params: float) -> Span:
    """Return the whole-run MFU of a model on a chip: `mfu * (N / 1e10) ** slope`, below the ceiling.

    Args:
        chip: the accelerator.
        active_params: N, parameters that a token touches.
    """
    reference = Span.of(constant("training", "reference_params"), "1").value
    slope = Span.of(constant("training", "mfu_slope"), "1")
    ceiling = Span.of(constant("training", "mfu_ceiling"), "1").value
    ratio = active_params / reference
    low, value, high = sorted(ratio**s for s in (slope.low, slope.value, slope.high))
    return (chip.mfu * Span(value, low, high)).capped(ceiling)
