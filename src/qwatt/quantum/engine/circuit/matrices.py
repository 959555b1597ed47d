"""The four forms of the matrices a program is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MatrixForm:
    """How a matrix is built: one for each sample or one for all; of real or of complex numbers."""

    per_sample: bool
    real: bool


MATRIX_FORMS = [MatrixForm(per_sample, real) for per_sample in (False, True) for real in (False, True)]
