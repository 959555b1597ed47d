"""Reading a variational decomposition as a QPU would: values by coincidences, vectors by tomography."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from qwatt.core.demand import Demand
from qwatt.quantum.algorithms.real_tomography import basis_angles, read_real, tomography_demand
from qwatt.quantum.algorithms.variational_svd import SingularFactors, padded, svd_circuit
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.primitives import expectation


def read_factors(
    backend: QuantumBackend,
    found: SingularFactors,
    matrix: Any,
    shots: int | None,
    rng: np.random.Generator,
) -> SingularFactors:
    """Read the trained circuits' singular values and vectors as a QPU would.

    Values come from how often the registers coincide, the vectors of the most frequent outcomes from real
    tomography of each brickwork's inverse on them. Signs are the matrix' own, a product on the host.

    Args:
        backend: what is read.
        found: trained circuits.
        matrix: what they were trained on, shape (rows, columns).
        shots: of each circuit; None reads exactly.
        rng: generator of the shots.
    """
    target = np.asarray(matrix, dtype=float)
    wires, rank = found.circuit.wires // 2, len(found.values)
    loaded = padded(target, 2**wires).reshape(1, -1)
    frequencies = np.asarray(backend.probs(found.circuit, loaded, found.angles, shots, rng), dtype=float)
    diagonal = np.sqrt(frequencies.reshape(2**wires, 2**wires).diagonal())
    order = np.argsort(-diagonal, kind="stable")[:rank]
    left, right = (
        read_real(
            backend, basis_angles(order, wires), angles, shots, rng, entangle=found.entangle, inverse=True
        )
        for angles in found.angles
    )
    left, right = left.T[: len(target)], right.T[: target.shape[1]]
    signs = np.sign(np.einsum("ij,ik,kj->j", left, target, right))
    values = diagonal[order] * np.linalg.norm(target)
    return replace(found, left=left * np.where(signs < 0, -1.0, 1.0), values=values, right=right)


def reading_demand(wires: int, layers: int, rank: int, shots: int | None, entangle: bool = True) -> Demand:
    """Return the bill of `read_factors`: the diagonal, and `rank` vectors of each register."""
    diagonal = expectation.demand(svd_circuit(wires, layers, entangle), 1, shots, "probs")
    vectors = tomography_demand(wires, layers, 2 * rank, shots, entangle=entangle, inverse=True)
    return Demand.sum([diagonal, vectors])
