"""Coefficients of the additive decoding model for a chip: fitted, or scaled from a fitted one."""

from __future__ import annotations

from dataclasses import dataclass

from qwatt.projection.catalogued.accelerators import Accelerator, accelerator
from qwatt.projection.catalogued.find import tables
from qwatt.projection.spread import Span

FITTED_FOR_SCALING = "h100"


@dataclass(frozen=True)
class DecodeModel:
    """Joules per output token at the accelerator boundary.

    Args:
        iteration: J per decoding iteration and GPU.
        weights: J per weight byte read.
        cache: J per cached byte read.
        flop: J per FLOP.
        error, error_mixture: what multiplies the sum for dense models and for mixtures of experts.
        fitted: whether the chip itself was measured.
        source: where the coefficients are from.
    """

    iteration: float
    weights: float
    cache: float
    flop: float
    error: Span
    error_mixture: Span
    fitted: bool
    source: str


def decode_model(chip: Accelerator) -> DecodeModel | None:
    """Return a chip's coefficients, or None when it was neither measured nor has a published power."""
    known = tables("decode")
    if "iteration" in known.get(chip.id, {}):
        return _fitted(known[chip.id], known[chip.id], fitted=True)
    if chip.tdp is None:
        return None
    base, peer = (
        _fitted(known[FITTED_FOR_SCALING], known["scaled"], fitted=False),
        accelerator(FITTED_FOR_SCALING),
    )
    assert peer.tdp is not None
    power = chip.tdp.value / peer.tdp.value
    bandwidth = chip.bandwidth.value / peer.bandwidth.value
    return DecodeModel(
        base.iteration * power,
        base.weights * power / bandwidth,
        base.cache * power / bandwidth,
        base.flop * power * peer.peak.value / chip.peak.value,
        base.error,
        base.error_mixture,
        False,
        base.source,
    )


def power_share(batch: float) -> Span:
    """Return mean power over TDP while serving at a batch size."""
    classes = tables("decode")["power_share"]
    name = next((name for name in ("small", "medium") if batch <= classes[name]["up_to_batch"]), "large")
    return Span.of(classes[name], "1")


def _fitted(
    table: dict[str, dict[str, object]], errors: dict[str, dict[str, object]], *, fitted: bool
) -> DecodeModel:
    return DecodeModel(
        Span.of(table["iteration"], "J").value,
        Span.of(table["weights"], "J/byte").value,
        Span.of(table["cache"], "J/byte").value,
        Span.of(table["flop"], "J/FLOP").value,
        Span.of(errors["error"], "1"),
        Span.of(errors["error_mixture"], "1"),
        fitted,
        str(table["weights"]["source"]) + ("" if fitted else f"; {errors['error']['source']}"),
    )
