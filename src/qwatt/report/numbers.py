"""How numbers and rules are written for people."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from qwatt.core.quantity import H_PER_YEAR, S_PER_H, Quantity

NO_BREAK = "\u00a0"
"""A space inside a number or before its unit, where a line must not end."""

Ladder = Sequence[tuple[float, str]]
"""Steps of a unit, the largest first: factor and name."""

JOULES: Ladder = (
    (1e15, "PJ"), (1e12, "TJ"), (1e9, "GJ"), (1e6, "MJ"), (1e3, "kJ"), (1.0, "J"), (1e-3, "mJ"), (1e-6, "µJ"),
)  # fmt: skip
SECONDS: Ladder = (
    (H_PER_YEAR * S_PER_H, "years"), (24 * S_PER_H, "days"), (S_PER_H, "h"), (60.0, "min"), (1.0, "s"),
    (1e-3, "ms"),
)  # fmt: skip


def short(value: float) -> str:
    """Write a number with three significant digits, with thousands separated and no needless exponent.

    A median of numbers near the largest float is infinite.
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e9 or size < 1e-3:
        mantissa, power = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}{NO_BREAK}×{NO_BREAK}{power_of_ten(int(power))}"
    if size >= 1e6:
        return f"{float(f'{value:.3g}'):,.0f}"
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def power_of_ten(power: int) -> str:
    """Write a power of ten with superscripts."""
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def factor(ratio: float) -> str:
    """Write a factor as people say it: "1.4×", "2,500×", "16 million×", "10¹⁸×"."""
    for step, name in ((1e15, ""), (1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if ratio >= step:
            return (
                f"{float(f'{ratio / step:.2g}'):,.0f}{NO_BREAK}{name}×"
                if name
                else f"{_nearest_power(ratio)}×"
            )
    if ratio >= 1e-3:
        return f"{short(float(f'{ratio:.2g}'))}×"
    return f"{_nearest_power(ratio)}×" if ratio > 0 else "0×"


def _nearest_power(ratio: float) -> str:
    return power_of_ten(round(math.log10(ratio)))


def powers(words: str) -> str:
    """Write the exponents in a text of records as people do: "3.5e-05" is 3.5 × 10⁻⁵."""
    pattern = r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d{1,3})(?![\w.]*\w)"
    return re.sub(pattern, lambda m: f"{m[1]}{NO_BREAK}×{NO_BREAK}{power_of_ten(int(m[2]))}", words)


def unbroken(words: str) -> str:
    """Keep a number and its unit on one line."""
    return re.sub(r"(?<=\d) (?=[µmkMGTP]?[Jsh]\b)", NO_BREAK, words)


def scaled(value: float, unit: str) -> str:
    """Write joules or seconds in the largest unit in which what is written is one or above."""
    steps = {"J": JOULES, "s": SECONDS}[unit]
    factor, name = next(((f, n) for f, n in steps if float(f"{abs(value) / f:.3g}") >= 1), steps[-1])
    return f"{short(value / factor)} {name}"


def energy(quantity: Quantity | None, interval: bool = True) -> str:
    """Write an energy with its interval, or why it is unknown."""
    if quantity is None:
        return "–"
    if not quantity.known:
        return f"unknown: {quantity.reason}"
    low, value, high = quantity.to("J").interval
    spread = f" ({scaled(low, 'J')} to {scaled(high, 'J')})" if interval and low != high else ""
    return scaled(value, "J") + spread


def metric_words(name: str) -> str:
    """Write a metric's name as words: "j_per_prediction" is "joules per prediction"."""
    return " ".join("joules" if word == "j" else word for word in name.split("_"))


def times(ratio: float) -> str:
    """Write a ratio of energies in words: "12 times" or "0.4 times"."""
    return f"{short(ratio)} times"


def rule_text(rules: Iterable[tuple[str, str]]) -> str:
    """Write the rules of a verdict as one paragraph."""
    return " ".join(f"{word.capitalize()}: {when}." for word, when in rules)
