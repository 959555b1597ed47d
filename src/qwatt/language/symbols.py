"""Bytes as printable characters, in which byte-level tokenizers write their entries (GPT-2's map)."""

from __future__ import annotations

from functools import cache

_PRINTABLE = (*range(33, 127), *range(161, 173), *range(174, 256))


@cache
def symbols() -> str:
    """Return the character that stands for each of the 256 bytes.

    Printable bytes of Latin-1 stand for themselves, the others for the characters from U+0100 on, in order.
    """
    others = iter(range(256, 512))
    return "".join(chr(byte if byte in _PRINTABLE else next(others)) for byte in range(256))


def written(entry: bytes) -> str:
    """Return an entry's bytes as characters.

    >>> written(b" the")
    'Ġthe'
    """
    table = symbols()
    return "".join(table[byte] for byte in entry)


def read(text: str) -> bytes:
    """Return the bytes of an entry that is written in characters.

    Raises:
        ValueError: a character stands for no byte.
    """
    table = symbols()
    return bytes(table.index(character) for character in text)
