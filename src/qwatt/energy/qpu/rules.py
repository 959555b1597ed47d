"""The accounting rules of `catalogue/qpu_power.toml`: signal, mitigation, utilisation, PUE."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from qwatt import catalogue
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.quantity import Quantity
from qwatt.energy.qpu.machine import CORNERS, Corner

MITIGATIONS = ("none", "zne", "pec", "sample")


@cache
def _tables() -> dict[str, Any]:
    return catalogue.load("qpu_power")


@cache
def rule(*keys: str) -> Quantity:
    """Return one number of the rules, such as `rule("accounting", "pue")`."""
    entry: Any = _tables()
    for key in keys:
        entry = entry[key]
    return catalogue.quantity(entry)


def value(*keys: str) -> float:
    """Return the central value of one number of the rules."""
    return rule(*keys).interval[1]


def check_mitigation(name: str) -> str:
    """Return the name of a mitigation.

    Raises:
        QwattError: no such mitigation.
    """
    if name not in MITIGATIONS:
        raise unknown_name("mitigation", name, MITIGATIONS, where="mitigation")
    return name


def mitigation_factors(
    name: str, gate_error: float, corner: Corner, read_error: float = 0.0
) -> tuple[float, float]:
    """Return by how much mitigation multiplies the circuits and the shots of each.

    Zero-noise extrapolation runs several noise scales with more shots each; probabilistic error
    cancellation needs exp(4 x total gate error) times the shots (arXiv:1612.02058). Where one good sample is
    wanted, as of an optimiser, "sample" takes so many more shots that as many are free of errors. "none" is
    (1, 1).

    Args:
        name: none, zne, pec or sample.
        gate_error: sum of the errors of all gates of the circuit, at `corner`.
        corner: which end of the intervals.
        read_error: sum of the errors of its read-outs, which spoil a sample too.

    Raises:
        QwattError: the factor is beyond what the catalogue calls computable.
    """
    if name == "none":
        return 1.0, 1.0
    if name == "zne":
        return value("mitigation", "zne", "circuits"), rule("mitigation", "zne", "shots").interval[
            CORNERS.index(corner)
        ]
    exponent = mitigation_exponent(name, gate_error, read_error)
    if exponent > math.log(value("mitigation", "pec", "largest")):
        raise QwattError(f"{_DOES[name]} needs exp({exponent:.3g}) times the shots", where="mitigation")
    return 1.0, math.exp(exponent)


_DOES = {"pec": "error cancellation", "sample": "a sample without errors"}


def mitigation_exponent(name: str, gate_error: float, read_error: float) -> float:
    """Return the logarithm of the factor on shots of error cancellation, or of sampling."""
    wrong = gate_error + (read_error if name == "sample" else 0.0)
    return value("mitigation", name, "exponent") * wrong


def unbearable(name: str, gate_error: float, read_error: float) -> str:
    """Return why error cancellation or sampling takes too many shots, or an empty text."""
    exponent = mitigation_exponent(name, gate_error, read_error)
    if exponent <= value("mitigation", name, "bearable_exponent"):
        return ""
    return f"{_DOES[name]} needs exp({exponent:.3g}) times the shots"


def smallest_fidelity(shots: float) -> float:
    """Return the fidelity below which a circuit's signal drowns in its shot noise.

    A depolarised mean of +-1 outcomes shrinks to the fidelity F; S shots leave a standard error of at most
    1/sqrt(S). F must stand a number of standard errors above it; with few shots the pass mark 1/e is enough.
    """
    limit = value("signal", "standard_errors") / math.sqrt(max(shots, 1.0))
    return min(limit, value("signal", "pass_mark"))
