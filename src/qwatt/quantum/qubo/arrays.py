"""Between dimod's models and numpy arrays: build quickly, all energies, samples back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwatt.core.errors import QwattError
from qwatt.quantum.qubo.magnitude import checked, numbers, require_range

if TYPE_CHECKING:
    import dimod


def bqm_from_arrays(
    linear: ArrayLike, quadratic: ArrayLike, offset: float = 0.0
) -> dimod.BinaryQuadraticModel:
    """Build sum_i linear_i x_i + sum_{i<j} (Q_ij + Q_ji) x_i x_j + offset over binary x, variables 0..n-1.

    Args:
        linear: shape (n,); the diagonal of `quadratic` is added to it, since x*x = x.
        quadratic: shape (n, n), any triangle or symmetric; zero pairs become no couplings.
        offset: constant energy.

    Raises:
        QwattError: the shapes do not fit, or a coefficient is not finite or so large that energies overflow.
    """
    import dimod

    biases, matrix = numbers(linear, "linear biases"), numbers(quadratic, "quadratic biases")
    if biases.ndim != 1 or matrix.shape != (len(biases), len(biases)):
        raise QwattError(f"QUBO shapes do not fit: linear {biases.shape}, quadratic {matrix.shape}")
    constant = float(numbers(offset, "the offset"))
    require_range([biases, matrix, np.array(constant)])
    rows, columns = np.nonzero(np.triu(matrix + matrix.T, k=1))
    couplings = (matrix + matrix.T)[rows, columns]
    return dimod.BinaryQuadraticModel.from_numpy_vectors(
        biases + matrix.diagonal(), (rows, columns, couplings), constant, dimod.BINARY
    )


def complete_bqm(linear: NDArray[np.float64], quadratic: NDArray[np.float64]) -> dimod.BinaryQuadraticModel:
    """Return a model with every pair coupled, a pair of coupling 0 too, so that all have one circuit.

    Which couplings vanish is not known when a circuit is planned and billed.

    Args:
        linear: shape (n,).
        quadratic: upper triangle, shape (n, n).
    """
    import dimod

    rows, columns = np.triu_indices(len(linear), 1)
    return dimod.BinaryQuadraticModel.from_numpy_vectors(
        linear, (rows, columns, quadratic[rows, columns]), 0.0, dimod.BINARY
    )


def dense(bqm: dimod.BinaryQuadraticModel) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the binary form: linear (n,), strictly upper triangular couplings (n, n), and offset.

    Spin models are changed to binary; variables keep the order of `bqm.variables`.

    Raises:
        QwattError: coefficients are not finite or so large that energies overflow.
    """
    binary = checked(bqm).change_vartype("BINARY", inplace=False)
    vectors = binary.to_numpy_vectors(variable_order=list(bqm.variables))
    couplings = np.zeros((bqm.num_variables, bqm.num_variables))
    rows, columns = vectors.quadratic.row_indices, vectors.quadratic.col_indices
    couplings[np.minimum(rows, columns), np.maximum(rows, columns)] = vectors.quadratic.biases
    return np.array(vectors.linear_biases, dtype=np.float64), couplings, float(vectors.offset)


def energies(bqm: dimod.BinaryQuadraticModel) -> NDArray[np.float64]:
    """Return the energy of all 2**n assignments; the first variable is the most significant bit.

    Raises:
        QwattError: no variables, more than 30, or coefficients out of range.
    """
    import torch

    from qwatt.quantum.engine.qaoa.cost import cost_vector

    return np.asarray(cost_vector(checked(bqm), dtype=torch.float64).numpy())


def energy_spread(bqm: dimod.BinaryQuadraticModel, ones: int | None = None) -> float:
    """Return the standard deviation of the energy over all assignments; 1 for a constant model.

    The spin terms are orthogonal, so it is the root of the sum of their squares.

    Args:
        bqm: model of any variable type.
        ones: take only the assignments with this number of ones, by enumeration (24 variables at most).
    """
    if ones is not None:
        count = np.array([state.bit_count() for state in range(2**bqm.num_variables)])
        return float(energies(bqm)[count == ones].std()) or 1.0
    spins = checked(bqm).spin
    return math.hypot(*spins.linear.values(), *spins.quadratic.values()) or 1.0


def energy_of(bqm: dimod.BinaryQuadraticModel, bits: ArrayLike) -> NDArray[np.float64]:
    """Return the energies of rows of bits, shape (..., n) in the order of `bqm.variables`."""
    linear, couplings, offset = dense(bqm)
    x = np.asarray(bits, dtype=np.float64)
    found: NDArray[np.float64] = x @ linear + ((x @ couplings) * x).sum(axis=-1) + offset
    return found


def ordered_reads(found: dimod.SampleSet) -> NDArray[np.int8]:
    """Return the reads of a model whose variables are numbers, in their order, shape (reads, n)."""
    order = np.argsort(np.array(list(found.variables), dtype=np.int64))
    return np.asarray(found.record.sample[:, order], dtype=np.int8)


def sample_set(bqm: dimod.BinaryQuadraticModel, bits: NDArray[Any]) -> dimod.SampleSet:
    """Return rows of bits (reads, n), in the order of `bqm.variables`, as a sample set of the BQM's type."""
    import dimod

    values = 2 * bits.astype(np.int8) - 1 if bqm.vartype is dimod.SPIN else bits.astype(np.int8)
    return dimod.SampleSet.from_samples_bqm((values, list(bqm.variables)), bqm)
