"""What several stages need of a language model: encoders, small decoders, model folders."""

from qwatt.language.encoder import Encoder, Vectors
from qwatt.language.hashed import HashedEncoder
from qwatt.language.long_text import embed_long, spread_chunks

__all__ = ["Encoder", "HashedEncoder", "Vectors", "embed_long", "get_encoder", "spread_chunks"]


def get_encoder(name: str) -> Encoder | HashedEncoder:
    """Return "hashed", a model of the data catalogue such as "minilm", or a model folder on disk.

    Raises:
        QwattError: no such model, or it cannot be fetched.
    """
    return HashedEncoder() if name == "hashed" else Encoder.load(name)
