"""The rings of a trial's energy, so that no cost can hide."""

from __future__ import annotations

from enum import IntEnum


class Ring(IntEnum):
    """Where in a trial joules went; the headline is the sum of all three.

    A fourth ring, the amortised calibration, cool-down and idle of a QPU, is in the QPU's price.
    """

    KERNEL = 1
    """The work itself: circuits or floating-point operations."""
    LOADING = 2
    """Loading, encoding, embedding, compiling, read-out."""
    OUTER = 3
    """Tuning, the outer loop, and everything that is in no phase."""
