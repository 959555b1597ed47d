"""Where the text comes from: like the decoder's own, or of a named set or a user's file."""

from __future__ import annotations

from qwatt.language.decoder.own_text import OWN_TEXT, own_parts
from qwatt.language.text_parts import Parts, read_parts


def load_parts(source: str, seed: int) -> Parts | None:
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
