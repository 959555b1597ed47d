"""How truly a noisy QPU would answer a look-up of all addresses, beside the published experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.catalogue import load
from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    from qwatt.quantum.noise import branches
else:
    branches = lazy("qwatt.quantum.noise.branches")

LAYERS = {"two_layers": 4, "three_layers": 8}
"""Cells of a tree of so many layers of routers; a word is one bit, as in the experiment."""
_RUNS = 1_000
_SEED = 2_506


def tables() -> dict[str, tuple[tuple[int, ...], ...]]:
    """Return by layers the random bits that are looked up."""
    rng = np.random.default_rng(_SEED)
    return {name: tuple((int(bit),) for bit in rng.integers(0, 2, cells)) for name, cells in LAYERS.items()}


def query_fidelities(kind: str, swaps: int = 1) -> dict[str, dict[str, float]]:
    """Return by layers the simulated fidelity with its standard error, and what was published.

    The error of a gate is the one that explains the experiment's two layers; so a bucket brigade's three
    layers, and everything about the other look-ups, are predictions.

    Args:
        kind: of look-up, as `circuits.qram` calls it.
        swaps: words that a select-swap look-up fetches side by side.
    """
    rng = np.random.default_rng(_SEED)
    gate_error = _published("gate_error")
    found: dict[str, dict[str, Any]] = {}
    for name, table in tables().items():
        query = branches.noisy_query(kind, table, gate_error, _RUNS, rng, swaps)
        found[name] = {
            "fidelity": query.fidelity, "standard_error": query.error, "gates": query.gates,
            "qubits": query.qubits, "published_bucket_brigade": _published(name),
        }  # fmt: skip
    return found


def _published(name: str) -> float:
    return float(load("experiments")["qram"][name]["value"])
