"""Bits per character of text that the layer was not trained on, beside those of the decoder without it."""

from __future__ import annotations

import math

from qwatt.core.errors import QwattError
from qwatt.core.problem import Quality
from qwatt.stages.architecture.layer.frozen import frozen
from qwatt.stages.architecture.layer.problem import LayerAnswer, LayerProblem
from qwatt.stages.architecture.layer.reference import without_layer


def validation_quality(answer: LayerAnswer) -> Quality:
    """Return the bits per character of the validation part."""
    return Quality(answer.validation.bits_per_character)


def held_back_quality(problem: LayerProblem, answer: LayerAnswer) -> Quality:
    """Return the bits per character of the held-back part, and what they are beside.

    Raises:
        QwattError: the layer was not applied to the held-back part.
    """
    if answer.test is None:
        raise QwattError("the layer was not applied to the held-back part")
    test = answer.test
    found = frozen(answer.decoder, problem, answer.block)
    before = without_layer(found, answer.place)
    extras = {
        "nats_per_token": test.nats_per_token,
        "perplexity": math.exp(test.nats_per_token),
        "without_layer": float(before.sum() / math.log(2.0)) / test.characters,
        "parameters": answer.parameters,
        "decoder_parameters": found.decoder.parameters,
        "test_tokens": test.tokens,
        "decoder": answer.decoder,
        "place": answer.place,
        "block": found.block,
    }
    if found.decoder.note:
        extras["decoder_note"] = found.decoder.note
    return Quality(test.bits_per_character, extras)
