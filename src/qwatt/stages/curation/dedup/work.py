"""How many arithmetic operations a method takes, for plans; nothing is computed."""

from __future__ import annotations

from qwatt.stages.curation.dedup.lsh import HASHES
from qwatt.stages.curation.dedup.problem import DedupProblem

_CHARACTERS_PER_TOKEN = 4.0
_MAX_TOKENS = 256
_DIMENSIONS = 384
_ENCODER_PARAMETERS = 10.6e6
"""Parameters of MiniLM's six layers; a token takes two operations of each."""


def hashing_operations(problem: DedupProblem) -> float:
    """Count one multiplication and one addition for every shingle and hash function."""
    return 2.0 * HASHES * sum(len(text) for text in problem.texts)


def embedding_operations(problem: DedupProblem) -> float:
    """Count the encoder's two operations a parameter and token."""
    tokens = sum(min(len(text) / _CHARACTERS_PER_TOKEN, _MAX_TOKENS) for text in problem.texts)
    return 2.0 * _ENCODER_PARAMETERS * tokens


def cosine_operations(problem: DedupProblem) -> float:
    """Count one multiplication and one addition for every pair and dimension."""
    return 2.0 * _DIMENSIONS * len(problem.texts) ** 2
