"""What several stages need of a language model: encoders, small decoders, model folders."""

from qwatt.language.encoder import Encoder, Vectors
from qwatt.language.hashed import HashedEncoder
from qwatt.language.long_text import embed_long, spread_chunks

__all__ = ["Encoder", "HashedEncoder", "Vectors", "embed_long", "get_encoder", "spread_chunks"]


def get_encoder(name: str) -> Encoder | HashedEncoder:
    """Return a model of the data catalogue such as "minilm", a model folder on disk, or "hashed".

    "hashed:16" has vectors of length 16, "hashed" of length 384.

    Raises:
        QwattError: no such model, or it cannot be fetched.
    """
    kind, _, dimensions = name.partition(":")
    if kind == "hashed" and (not dimensions or dimensions.isdecimal()):
        return HashedEncoder(int(dimensions)) if dimensions else HashedEncoder()
    return Encoder.load(name)
