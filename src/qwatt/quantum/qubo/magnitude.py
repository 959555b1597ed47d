"""Keeps a model's numbers where every sampler can compute: finite, far from overflow, largest bias near 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwatt.core.errors import QwattError

if TYPE_CHECKING:
    import dimod

LARGEST = 1e300
"""Most that a model's magnitudes may add up to: energies stay finite, also after a change of its type."""

_SMALLEST = 2.0**-960
"""Relative biases below it are 0: they are lost in any sum, and an annealer's 1/bias would overflow."""


def numbers(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """Return values as an array of finite floats.

    Raises:
        QwattError: one is no real number, or it is NaN, infinite or beyond float64.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biufO":
            raise TypeError(f"they are {array.dtype}")
        found = np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise QwattError(f"{what} must be real numbers: {error}", mend="give finite floats") from None
    if not np.isfinite(found).all():
        index = np.argwhere(~np.isfinite(found))[0].tolist()
        raise QwattError(
            f"{what} must be finite; at {index} is {found[tuple(index)]}", mend="give finite floats"
        )
    return found


def require_range(parts: Iterable[NDArray[np.float64]]) -> None:
    """Raise unless all magnitudes together are at most `LARGEST`.

    Raises:
        QwattError: they are more, so that energies could overflow.
    """
    with np.errstate(over="ignore"):
        total = sum(float(np.abs(part).sum()) for part in parts)
    if not total <= LARGEST:
        raise QwattError(
            f"the QUBO's coefficients add up to {total:.3g} ({LARGEST:g} at most): energies may overflow",
            mend="divide all coefficients by one factor",
        )


def checked(bqm: dimod.BinaryQuadraticModel) -> dimod.BinaryQuadraticModel:
    """Return the model in float64, every coefficient finite and no energy near overflow.

    Raises:
        QwattError: not a binary quadratic model, or its coefficients are out of range.
    """
    import dimod

    if not isinstance(bqm, dimod.BinaryQuadraticModel):
        raise QwattError(
            f"a binary quadratic model is needed, not {type(bqm).__name__}",
            mend="build it with bqm_from_arrays or dimod.BinaryQuadraticModel",
        )
    linear, (_, _, couplings), offset = bqm.to_numpy_vectors()
    parts = {"linear biases": linear, "quadratic biases": couplings, "the offset": offset}
    require_range([numbers(part, what) for what, part in parts.items()])
    return bqm if bqm.dtype == np.float64 else dimod.BinaryQuadraticModel(bqm, dtype=np.float64)


def unit_scaled(bqm: dimod.BinaryQuadraticModel) -> dimod.BinaryQuadraticModel:
    """Return a checked model times the power of two that brings its largest bias to [0.5, 1), without offset.

    Powers of two round nothing, so the order of the energies stays. A model without biases stays as it is.
    """
    import dimod

    variables = list(bqm.variables)
    linear, (rows, columns, couplings), _ = bqm.to_numpy_vectors(variable_order=variables)
    largest = max(np.abs(part).max(initial=0.0) for part in (linear, couplings))
    exponent = int(np.frexp(largest)[1])

    def scaled(part: NDArray[np.float64]) -> NDArray[Any]:
        found = np.ldexp(part, -exponent)
        return np.where(np.abs(found) < _SMALLEST, 0.0, found)

    return dimod.BinaryQuadraticModel.from_numpy_vectors(
        scaled(linear), (rows, columns, scaled(couplings)), 0.0, bqm.vartype, variable_order=variables
    )


def with_energies(found: dimod.SampleSet, bqm: dimod.BinaryQuadraticModel) -> dimod.SampleSet:
    """Return a sample set with the energies of this model; occurrences, other columns and info stay."""
    import dimod

    columns = {
        name: found.record[name] for name in found.record.dtype.names if name not in ("sample", "energy")
    }
    samples = (found.record.sample, found.variables)
    return dimod.SampleSet.from_samples(
        samples, energy=bqm.energies(samples), vartype=found.vartype, info=found.info, **columns
    )
