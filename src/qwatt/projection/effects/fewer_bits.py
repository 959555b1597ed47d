"""What weights of fewer bits were measured to save in decoding: fewer bytes alone are never credited."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qwatt.projection.calculators.serving import Serving
from qwatt.projection.catalogued.accelerators import Accelerator
from qwatt.projection.catalogued.find import tables

FLOATS = "bfloat16"


@dataclass(frozen=True)
class MeasuredBits:
    """Joules of decoding in a format over those in another, at one batch.

    Args:
        format: the format of fewer bits that takes least, or that is served now.
        ratio: its joules over those of the other.
    """

    format: str
    ratio: float


def best_of_fewer_bits(setup: Serving, own: str, batch: float) -> MeasuredBits | None:
    """Return the format of fewer bytes than `own` that was measured to take least; `own` itself if none less.

    None where no such format was measured: another format is served, or the chip has neither.
    """
    served = joules_over_floats(own, batch)
    bits = tables("llm")["precision_bytes"]
    fewer = [name for name in _formats(setup.chip) if bits[name]["value"] < bits[own]["value"]]
    if served is None or not _formats(setup.chip):
        return None
    found = [MeasuredBits(own, 1.0)]
    for name in fewer:
        ratio = joules_over_floats(name, batch)
        if ratio is not None:
            found.append(MeasuredBits(name, ratio / served))
    return min(found, key=lambda measured: measured.ratio)


def joules_over_floats(name: str, batch: float) -> float | None:
    """Return joules of decoding in a format over 16-bit floats; None where it was not measured.

    Between batches by the logarithms of both, beyond them as at the nearest.
    """
    table = tables("decode")["fewer_bits"]
    if name == FLOATS:
        return 1.0
    if name not in table["ratios"]:
        return None
    at, ratios = (np.log(np.asarray(row)) for row in (table["batches"], table["ratios"][name]))
    return float(np.exp(np.interp(np.log(batch), at, ratios)))


def _formats(chip: Accelerator) -> list[str]:
    """Return the measured formats that a chip multiplies or unpacks by such kernels (none on a TPU)."""
    table = tables("decode")["fewer_bits"]
    return [name for name in table["ratios"] if name in chip.formats] if "int4" in chip.formats else []
