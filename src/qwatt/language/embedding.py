"""Texts of a problem with their vectors, which are computed only when a method asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from qwatt.core.shared import Shared
from qwatt.language import embed_long, get_encoder, spread_chunks
from qwatt.language.encoder import Progress, Vectors


class Embedding:
    """Texts and their vectors, which are computed when they are first asked for.

    Args:
        encoder: name of the frozen encoder.
        texts: the texts.
    """

    def __init__(self, encoder: str, texts: Sequence[str]) -> None:
        self.encoder = encoder
        self.texts = tuple(texts)
        self._found: Shared[Vectors] | None = None

    def embed(self, progress: Progress | None = None) -> Shared[Vectors]:
        """Return the vectors, shape (texts, dimensions), with what computing all of them cost."""
        if self._found is None:
            self._found = embed_long(get_encoder(self.encoder), self.texts, progress)
        return self._found

    @cached_property
    def dimensions(self) -> int:
        """Length of a vector, known without computing one."""
        return get_encoder(self.encoder).dimensions

    @cached_property
    def work(self) -> dict[str, float]:
        """What embedding all texts takes, by kind of `host_power.work`."""
        return get_encoder(self.encoder).work([piece for text in self.texts for piece in spread_chunks(text)])
