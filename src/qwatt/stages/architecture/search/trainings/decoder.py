"""Small Llama decoders on Shakespeare: trainings of a second or so, for a table and for live searches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from qwatt.core.lazy import lazy
from qwatt.stages.architecture.search.declared import declared_space
from qwatt.stages.architecture.search.trainings.live import Training

if TYPE_CHECKING:
    from qwatt.language import decoder as decoders
    from qwatt.language.decoder import load, size, vocabulary
else:
    decoders = lazy("qwatt.language.decoder")
    load, size = lazy("qwatt.language.decoder.load"), lazy("qwatt.language.decoder.size")
    vocabulary = lazy("qwatt.language.decoder.vocabulary")

TOKENS = 49_152
"""Tokens of a full training: 48 steps of the larger batch, of which one warms up."""
ABOUT = (
    "Llama decoders of 0.05 to 0.17 M parameters on 49,152 tokens of Shakespeare; losses on 8,192 tokens "
    "each of other plays."
)
SPACE = {
    "optimiser": {"choice": ["muon", "adamw"]},
    "rate": {"log": [0.1, 10.0], "levels": 6},
    "hidden": {"order": [32, 64]},
    "layers": {"order": [1, 2]},
    "batch": {"order": [8, 16]},
}
"""`rate` multiplies the catalogue's learning rates of the optimiser."""

_VOCABULARY = 1_024
_CONTEXT = 64
_HELD = 8_192
_WATCHED = 512
"""Tokens behind each point of the training's own curve, which a search does not look at."""
_CHARACTERS = 40_000
_HELD_EVERY = 7


class Text(NamedTuple):
    """Ids of tokens in a row: to train on, to choose by, held back."""

    training: Any
    validation: Any
    test: Any


def training() -> Training:
    """Return the training function with its space."""
    space = declared_space(SPACE, "decoder")
    return Training("decoder", train, space, frozenset({"budget", "seed"}), "nats per token", ABOUT, 1 / 48)


def train(settings: Mapping[str, Any], budget: float, seed: int) -> dict[str, float]:
    """Train a decoder from scratch, its schedule as long as the budget.

    Args:
        settings: a point of `SPACE`.
        budget: share of `TOKENS`.
        seed: of weights and order.

    Returns:
        Nats per token of validation (`loss`) and of other held-back text (`held_back`).
    """
    text, rates = _text(), size.default_rates()
    hidden, rate = int(settings["hidden"]), float(settings["rate"])
    shape = decoders.DecoderSize(
        vocabulary=_VOCABULARY,
        hidden=hidden,
        intermediate=hidden * 11 // 4,
        layers=int(settings["layers"]),
        heads=4,
        context=_CONTEXT,
        batch=int(settings["batch"]),
    )
    found = decoders.train_decoder(
        text.training,
        shape,
        round(TOKENS * budget),
        seed,
        held=text.validation[:_WATCHED],
        optimiser=settings["optimiser"],
        rates=replace(rates, muon_rate=rate * rates.muon_rate, adamw_rate=rate * rates.adamw_rate),
        precision="fp32",
    )
    losses = [decoders.validation_loss(found.model, part, _CONTEXT) for part in text[1:]]
    return {"loss": losses[0], "held_back": losses[1]}


@cache
def _text() -> Text:
    """Return the beginnings of all plays, of which every seventh is held back: half to choose by."""
    texts = [text[:_CHARACTERS] for text in load.recipe_texts("shakespeare")]
    held = texts[_HELD_EVERY - 1 :: _HELD_EVERY]
    rest = [text for i, text in enumerate(texts) if i % _HELD_EVERY != _HELD_EVERY - 1]
    tokenizer = vocabulary.train_tokenizer(rest, _VOCABULARY)
    training, validation, test = (
        vocabulary.encode(tokenizer, part) for part in (rest, held[0::2], held[1::2])
    )
    return Text(training, validation[:_HELD], test[:_HELD])
