"""Bits per character of text of the domain that was not trained on, beside those without adaptation."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.problem import Quality
from qwatt.core.threads import one_thread
from qwatt.language.decoder.text_windows import Judged
from qwatt.stages.tuning.adapt.pretrained import Pretrained, pretrained
from qwatt.stages.tuning.adapt.problem import AdaptAnswer, AdaptProblem
from qwatt.stages.tuning.adapt.train import window_nats


def validation_quality(answer: AdaptAnswer) -> Quality:
    """Return the bits per character of the validation part."""
    return Quality(answer.validation.bits_per_character)


def held_back_quality(problem: AdaptProblem, answer: AdaptAnswer) -> Quality:
    """Return the bits per character of the held-back part, and what they are beside.

    Raises:
        QwattError: the answer was not applied to the held-back part.
    """
    if answer.test is None:
        raise QwattError("the decoder was not applied to the held-back part")
    test, subject = answer.test, pretrained(answer.decoder, problem)
    extras: dict[str, Any] = {
        "nats_per_token": test.nats_per_token,
        "perplexity": math.exp(test.nats_per_token),
        "without_adaptation": _before(subject).bits_per_character,
        "parameters": answer.parameters,
        "decoder_parameters": subject.decoder.parameters,
        "test_tokens": test.tokens,
        "decoder": answer.decoder,
        **answer.facts,
    }
    if subject.decoder.note:
        extras["decoder_note"] = subject.decoder.note
    return Quality(test.bits_per_character, extras)


@lru_cache(maxsize=1)
def _before(subject: Pretrained) -> Judged:
    """Return what the held-back tokens take without adaptation; charged to no method."""
    with one_thread():
        return subject.judged(subject.test, window_nats(subject.model, subject.test))
