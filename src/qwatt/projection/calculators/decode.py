"""Coefficients of the additive decoding model for a chip: fitted, or scaled from a fitted one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qwatt.projection.catalogued.accelerators import Accelerator, accelerator
from qwatt.projection.catalogued.find import tables
from qwatt.projection.spread import Span

FITTED_FOR_SCALING = "h100"


@dataclass(frozen=True)
class Coefficients:
    """Joules per output token at the accelerator boundary, as a sum of four terms.

    Args:
        iteration: J per decoding iteration and GPU.
        weights: J per weight byte read.
        cache: J per cached byte read.
        flop: J per FLOP.
        error: what multiplies the sum for dense models.
    """

    iteration: float
    weights: float
    cache: float
    flop: float
    error: Span

    def scaled(self, power: float, bandwidth: float, peak: float, error: Span) -> Coefficients:
        """Return them for a chip of so much more TDP, bandwidth and peak."""
        return replace(
            self,
            iteration=self.iteration * power,
            weights=self.weights * power / bandwidth,
            cache=self.cache * power / bandwidth,
            flop=self.flop * power / peak,
            error=error,
        )


@dataclass(frozen=True)
class DecodeModel:
    """What decoding takes on a chip.

    Args:
        served: by servers, as published.
        error_mixture: what multiplies the sum for mixtures of experts, instead of `served.error`.
        loop: of a bare loop without a server, or None where none was measured.
        generate: joules of an iteration that is launched from Python, or None where none was measured.
        fitted: whether the chip itself was measured.
        source: where the coefficients are from.
    """

    served: Coefficients
    error_mixture: Span
    loop: Coefficients | None
    generate: Span | None
    fitted: bool
    source: str


def decode_model(chip: Accelerator) -> DecodeModel | None:
    """Return a chip's coefficients, or None when it was neither measured nor has a published power."""
    known = tables("decode")
    if "iteration" in known.get(chip.id, {}):
        return _fitted(known[chip.id])
    if chip.tdp is None:
        return None
    base, peer, errors = _fitted(known[FITTED_FOR_SCALING]), accelerator(FITTED_FOR_SCALING), known["scaled"]
    assert peer.tdp is not None
    factors = (
        chip.tdp.value / peer.tdp.value,
        chip.bandwidth.value / peer.bandwidth.value,
        chip.peak.value / peer.peak.value,
        Span.of(errors["error"], "1"),
    )
    return DecodeModel(
        base.served.scaled(*factors),
        Span.of(errors["error_mixture"], "1"),
        base.loop and base.loop.scaled(*factors),
        None,
        False,
        f"{base.source}; {errors['error']['source']}",
    )


def power_share(batch: float) -> Span:
    """Return mean power over TDP while serving at a batch size."""
    classes = tables("decode")["power_share"]
    name = next((name for name in ("small", "medium") if batch <= classes[name]["up_to_batch"]), "large")
    return Span.of(classes[name], "1")


def _fitted(table: Mapping[str, Any]) -> DecodeModel:
    return DecodeModel(
        _coefficients(table),
        Span.of(table["error_mixture"], "1"),
        _coefficients(table["loop"]) if "loop" in table else None,
        Span.of(table["generate"]["iteration"], "J") if "generate" in table else None,
        True,
        str(table["weights"]["source"]),
    )


def _coefficients(table: Mapping[str, Any]) -> Coefficients:
    return Coefficients(
        Span.of(table["iteration"], "J").value,
        Span.of(table["weights"], "J/byte").value,
        Span.of(table["cache"], "J/byte").value,
        Span.of(table["flop"], "J/FLOP").value,
        Span.of(table["error"], "1"),
    )
