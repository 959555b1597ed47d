"""What several stages need of a language model: encoders, small decoders, model folders."""

from qwatt.language.encoder import EmbeddingResult, Encoder

__all__ = ["EmbeddingResult", "Encoder"]
