"""Settings that all adaptations share: of which decoder, how large, on how many tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwatt.core.limits import Limit
from qwatt.core.method import Settings
from qwatt.language.decoder import MODEL_LIMITS, MODEL_SPACE, chosen_decoder
from qwatt.stages.tuning.adapt.pretrained import Pretrained, pretrained
from qwatt.stages.tuning.adapt.problem import AdapterShape, AdaptProblem

FIXED: Mapping[str, Sequence[Any]] = {**MODEL_SPACE, "rank": (0,), "tokens": (0,)}
"""For the user to fix, for all methods at once; 0 takes what the size of the problem says."""

LIMITS: Mapping[str, Limit] = {**MODEL_LIMITS, "rank": (0, 4_096), "tokens": (0, 1_000_000_000)}


def rates(*candidates: float) -> dict[str, Sequence[Any]]:
    """Return a space of four learning rates, the default first, beside what the user may fix.

    Every method has four, about a factor of three apart around what is usual for its kind. They are meant for
    decoders of a width up to 128; wider ones take less, see `Pretrained.rate_factor`.
    """
    return {"learning_rate": candidates, **FIXED}


@dataclass(frozen=True)
class Setup:
    """One choice of the settings, on a problem.

    Args:
        pretrained: the decoder, and the text in its tokens.
        shape: sizes of the adapters.
        batch: windows in a step.
        steps: optimiser steps.
    """

    pretrained: Pretrained
    shape: AdapterShape
    batch: int
    steps: int

    @property
    def rank(self) -> int:
        """Rank of low-rank updates."""
        return self.shape.rank

    @property
    def trained_tokens(self) -> int:
        """Tokens that are trained on, repetitions counted."""
        return self.steps * self.batch * self.pretrained.context


def setup(problem: AdaptProblem, settings: Settings) -> Setup:
    """Return what settings mean on a problem.

    Raises:
        QwattError: no such decoder, one without matrices to adapt, or too little text.
    """
    found = pretrained(chosen_decoder(settings, problem.decoder), problem)
    own = problem.shape
    rank = found.checked_rank(int(settings["rank"]) or own.rank)
    shape = replace(own, rank=rank)
    batch = max(1, problem.budget.batch // found.context)
    tokens = int(settings["tokens"]) or problem.budget.train
    return Setup(found, shape, batch, max(1, tokens // (batch * found.context)))
