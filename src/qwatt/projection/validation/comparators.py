"""Other formulas for decoding energy, beside which the additive model is shown; accelerator boundary.

EcoLogits 0.11 (its regression on ML.ENERGY points), a plain roofline (memory efficiency 0.8, utilisation 0.5,
power 0.85 TDP, as llm-flops assumes), and FLOP alone at an assumed utilisation of the peak.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from qwatt.core.quantity import J_PER_WH
from qwatt.projection.catalogued.accelerators import Accelerator, accelerator
from qwatt.projection.catalogued.find import tables
from qwatt.projection.spread import Span


def _number(group: str, name: str, unit: str) -> float:
    return Span.of(tables("comparators")[group][name], unit).value


def ecologits(row: Mapping[str, Any]) -> float:
    """Return J per output token: alpha * exp(beta * batch) * billions of active parameters + gamma."""
    alpha = _number("ecologits", "alpha", "Wh/token")
    beta, gamma = _number("ecologits", "beta", "1"), _number("ecologits", "gamma", "Wh/token")
    billions: float = row["model"].active / 1e9
    return J_PER_WH * (alpha * math.exp(-beta * row["batch"]) * billions + gamma)


def roofline(row: Mapping[str, Any]) -> float:
    """Return J per output token: the longer of moving bytes and multiplying, at a share of the TDP."""
    chip, gpus = accelerator(row["chip"]), float(row["gpus"])
    _, weight_bytes, cache_bytes, flop = map(float, row["features"])
    moving = (weight_bytes + cache_bytes) / (_number("roofline", "memory", "1") * chip.bandwidth.value * gpus)
    multiplying = flop / (_number("roofline", "compute", "1") * chip.peak.value * gpus)
    return max(moving, multiplying) * _number("roofline", "power", "1") * _tdp(chip) * gpus


def flop_only(utilisation: float) -> Callable[[Mapping[str, Any]], float]:
    """Return the formula J = 2 N_active / (utilisation * peak) * TDP, the prompt not counted."""

    def joules(row: Mapping[str, Any]) -> float:
        chip = accelerator(row["chip"])
        seconds: float = 2.0 * row["model"].active / (utilisation * chip.peak.value)
        return seconds * _tdp(chip)

    return joules


def comparators() -> dict[str, Callable[[Mapping[str, Any]], float]]:
    """Return every comparator by name."""
    low, high = _number("flop_only", "low", "1"), _number("flop_only", "high", "1")
    return {
        "EcoLogits 0.11 formula": ecologits,
        "roofline 0.8/0.5/0.85": roofline,
        f"FLOP only, {low:.0%}": flop_only(low),
        f"FLOP only, {high:.0%}": flop_only(high),
    }


def _tdp(chip: Accelerator) -> float:
    assert chip.tdp is not None
    return chip.tdp.value
