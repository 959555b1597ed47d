"""What a choice of text is worth to a language model: held-back loss of one trained on it alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qwatt.language.decoder.size import get_recipe
from qwatt.language.decoder.train import train_decoder
from qwatt.language.decoder.vocabulary import encode, train_tokenizer

_FEWEST_STEPS = 16
"""Of less training nothing is learnt that could be told apart from noise."""


def training_note(name: str) -> str:
    """Say what judging by a decoder of the catalogue takes, for plans."""
    tokens = get_recipe(name).tokens
    return f"scoring trains the decoder {name} on up to {tokens:,} tokens, charged to no method"


def downstream_loss(
    chosen: Sequence[str], held: Sequence[str], pool: Sequence[str], name: str, characters: int, seed: int
) -> dict[str, Any]:
    """Train a decoder of the catalogue on chosen texts and return its bits per character of held-back ones.

    All choices from a pool are trained on by the same tokenizer, that of the pool, the same weights to begin
    with, and as many tokens; a choice with fewer is gone over more often. It judges, and is charged to none.

    Args:
        chosen: texts to train on.
        held: texts to judge by, none of them chosen.
        pool: all texts that could be chosen.
        name: decoder of the catalogue, whose budget is not exceeded.
        characters: train on as many tokens as so many characters of the pool have, at most.
        seed: seed of weights and order.

    Returns:
        `lm`, `lm_bits_per_character` and `lm_tokens`; where there is too little text, None with `lm_reason`.

    Raises:
        QwattError: no such decoder.
    """
    recipe = get_recipe(name)
    tokenizer = train_tokenizer(pool, recipe.size.vocabulary)
    tokens = len(encode(tokenizer, pool)) * characters // max(1, sum(map(len, pool)))
    steps = min(recipe.tokens, tokens) // recipe.size.step_tokens
    training, judged = encode(tokenizer, chosen), encode(tokenizer, held)
    if steps < _FEWEST_STEPS or len(training) < 2 * recipe.size.context or len(judged) < 2:
        reason = f"{len(training)} tokens to train on, for {steps} steps, are too few"
        return {"lm": name, "lm_bits_per_character": None, "lm_reason": reason}
    trained = train_decoder(
        list(chosen),
        recipe.size,
        steps * recipe.size.step_tokens,
        seed,
        held=list(held),
        tokenizer=tokenizer,
        optimiser=recipe.optimiser,
        precision=recipe.precision,
    )
    return {"lm": name, "lm_bits_per_character": trained.bits_per_character, "lm_tokens": trained.tokens}
