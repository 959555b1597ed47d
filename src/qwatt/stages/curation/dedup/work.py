"""The host's work of a method by kind, for plans; nothing is computed."""

from __future__ import annotations

import numpy as np

from qwatt.stages.curation.dedup.problem import DedupProblem

_CHARACTERS_PER_TOKEN = 4.0
_MAX_TOKENS = 256
_DIMENSIONS = 384
_ENCODER_PARAMETERS = 10.6e6
"""Parameters of MiniLM's six layers; a token takes two operations of each."""


def normalised_bytes(problem: DedupProblem) -> dict[str, float]:
    """Every byte is brought into one form."""
    return {"normalised_byte": _bytes(problem)}


def shingled_bytes(problem: DedupProblem) -> dict[str, float]:
    """Every byte is brought into one form and begins a shingle; a document is compared with one like it."""
    every = _bytes(problem)
    return {"normalised_byte": every, "hashed_byte": every, "compared_byte": 2 * every}


def encoded(problem: DedupProblem) -> dict[str, float]:
    """Two operations a parameter of the encoder and token."""
    tokens = float(np.minimum(problem.characters / _CHARACTERS_PER_TOKEN, _MAX_TOKENS).sum())
    return {"encoder_flop": 2.0 * _ENCODER_PARAMETERS * tokens}


def compared(problem: DedupProblem) -> dict[str, float]:
    """One multiplication and one addition for every pair and dimension, at most."""
    return {"gemm_flop": _DIMENSIONS * float(len(problem)) ** 2}


def _bytes(problem: DedupProblem) -> float:
    return float(problem.characters.sum())
