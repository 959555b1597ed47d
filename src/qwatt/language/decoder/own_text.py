"""Text like that which a decoder was trained on, in three parts: to calibrate, to validate and to test."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from qwatt.data.phrases import PHRASES, phrase_documents
from qwatt.language.decoder.corpus import hold_back
from qwatt.language.decoder.load import recipe_texts
from qwatt.language.decoder.size import default_rates, recipes
from qwatt.language.text_parts import Parts, pieces, read_parts

OWN_TEXT = "held-back"
"""What a task calls it among its sources."""
_DOCUMENTS = 300
_FRESH_SEED = 1_000
"""Seeds from here on make phrases that no recipe is trained on."""


def parts_unless_own(source: str, seed: int) -> Parts | None:
    """Return the three parts of a source; None for the decoder's own text, as a setting may change that.

    Args:
        source: "held-back" for text like the decoder's own, or what `qwatt.language.text_parts` reads.
        seed: seed of the parts.

    Raises:
        QwattError: nothing there, or too few texts.
    """
    return None if source == OWN_TEXT else read_parts(source, seed)


def parts_of(parts: Parts | None, decoder: str, seed: int) -> Parts:
    """Return the parts that were read, or those of the decoder's own text."""
    return own_parts(decoder, seed) if parts is None else parts


def own_parts(decoder: str, seed: int) -> Parts:
    """Return the three parts, each in an order of the seed's.

    Phrases are made anew. Of Shakespeare, what "small" was trained on calibrates; what was held back from it
    validates and tests, half each. A decoder that was trained elsewhere gets Shakespeare too.

    Args:
        decoder: its name or folder.
        seed: seed of the parts.
    """
    known = recipes()
    if decoder in known and known[decoder].corpus == PHRASES:
        fresh = [text for _, text in phrase_documents(3 * _DOCUMENTS, seed=_FRESH_SEED + seed)]
        calibration, validation, test = (fresh[i * _DOCUMENTS : (i + 1) * _DOCUMENTS] for i in range(3))
        return tuple(calibration), tuple(validation), tuple(test)
    training, held = _shakespeare()
    rng = np.random.default_rng([seed, 21])
    calibration, judged = ([part[i] for i in rng.permutation(len(part))] for part in (training, held))
    half = len(judged) // 2
    return tuple(calibration), tuple(judged[:half]), tuple(judged[half:])


@lru_cache(maxsize=1)
def _shakespeare() -> tuple[list[str], list[str]]:
    """Return pieces of the part that decoders are trained on, and of the part that is held back."""
    training, held = hold_back(recipe_texts("shakespeare"), default_rates().held_share)
    return [p for text in training for p in pieces(text)], [p for text in held for p in pieces(text)]
