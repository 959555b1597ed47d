"""Text that the pruned decoder is to be used on: its own corpus, or any that a language-model task takes."""

from __future__ import annotations

import numpy as np

from qwatt.language.decoder.corpus import hold_back
from qwatt.language.decoder.load import recipe_texts
from qwatt.language.decoder.own_text import OWN_TEXT
from qwatt.language.decoder.size import default_rates, recipes
from qwatt.language.text_parts import Parts, pieces, read_parts

_CORPUS = "shakespeare"


def load_parts(source: str, decoder: str, seed: int) -> Parts:
    """Return texts to calibrate on in an order of the seed's, to validate and to test by.

    "held-back" is what the size's decoder was trained on, and of it what was held back then; of one that
    was trained elsewhere it is Shakespeare.

    Raises:
        QwattError: nothing there, or too few texts.
    """
    if source != OWN_TEXT:
        return read_parts(source, seed)
    recipe = recipes().get(decoder)
    training, held = hold_back(recipe_texts(recipe.corpus if recipe else _CORPUS), default_rates().held_share)
    halves = [(text[: len(text) // 2], text[len(text) // 2 :]) for text in held]
    every = [piece for text in training for piece in pieces(text)]
    order = np.random.default_rng([seed, 15]).permutation(len(every))
    validation, test = (tuple(half[i] for half in halves) for i in (0, 1))
    return tuple(every[i] for i in order), validation, test
