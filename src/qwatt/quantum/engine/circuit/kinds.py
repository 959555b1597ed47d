"""The four kinds of matrices a program is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """How a matrix is built: one for each sample or one for all; of real or of complex numbers."""

    per_sample: bool
    real: bool


KINDS = [Kind(per_sample, real) for per_sample in (False, True) for real in (False, True)]
