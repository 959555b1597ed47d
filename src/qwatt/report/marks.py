"""What stands beside a number: its basis as a word, its interval in the same unit."""

from __future__ import annotations

from collections.abc import Mapping

from qwatt.core.quantity import Quantity
from qwatt.report.numbers import energy, scaled, short

BASES = {
    "measured": "a meter read it: NVML, RAPL, a wall meter",
    "estimated": "CPU seconds of the process and its children times watts per virtual CPU, with the "
    "catalogue's interval; memory by resident gigabytes",
    "published": "somebody else's number; the source is named",
    "modelled": "computed from published figures and formulas",
    "assumed": "a judgement, with its range; change it in the scenario",
}
"""Words of a basis, and what each means."""


def basis_word(basis: str) -> str:
    """Return the word of a basis such as "measured:rapl", which is its mark's too."""
    return basis.split(":", maxsplit=1)[0]


_FOUND_BY = {
    "measured:nvml": "measured by the GPU's counter",
    "measured:nvml_power": "measured by the GPU's power readings",
    "measured:rapl": "measured by the processor's counter",
    "estimated:cpu_time": "estimated from CPU time",
    "estimated:rss": "estimated from memory held",
}


def basis_phrase(basis: str) -> str:
    """Return in plain words how a number was found: of several parts that of the largest, or the weakest."""
    return _FOUND_BY.get(basis, basis_word(basis))


def energy_in_words(quantity: Quantity) -> str:
    """Write an energy with its interval and how it was found, or why it is unknown."""
    if not quantity.known:
        return f"energy unknown: {quantity.reason}"
    return f"{energy(quantity)}, {basis_phrase(quantity.basis)}"


def amount_of(record: Mapping[str, float | None], unit: str) -> str:
    """Write a modelled number with its interval; unknown is a dash."""
    value, low, high = (record[end] for end in ("value", "low", "high"))
    if value is None:
        return "–"

    def write(number: float) -> str:
        return scaled(number, unit) if unit in ("J", "s") else f"{short(number)} {unit}".strip()

    known = low is not None and high is not None and low != high
    return write(value) + (f" ({write(low)} to {write(high)})" if known else "")  # type: ignore[arg-type]
