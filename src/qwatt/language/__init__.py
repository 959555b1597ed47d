"""What several stages need of a language model: encoders, small decoders, model folders."""

from qwatt.core.errors import QwattError, unknown_name
from qwatt.language.encoder import Encoder, Vectors
from qwatt.language.hashed import HashedEncoder
from qwatt.language.long_text import embed_long, spread_chunks

__all__ = [
    "Encoder",
    "HashedEncoder",
    "Vectors",
    "check_encoder",
    "embed_long",
    "get_encoder",
    "spread_chunks",
]

_LONGEST, _DIGITS = 65_536, 5
"""Length of a hashed encoder's vectors at most, and its digits."""


def get_encoder(name: str) -> Encoder | HashedEncoder:
    """Return a model of the data catalogue such as "minilm", a model folder on disk, a decoder, or "hashed".

    "hashed:16" has vectors of length 16, "hashed" of length 384. Of a decoder such as "small" or "smollm2"
    the vectors are means over its last hidden states.

    Raises:
        QwattError: no such model, or it cannot be fetched.
    """
    from qwatt.language.decoder.load import decoder_folder, decoder_names

    check_encoder(name)
    if (dimensions := _hashed(name)) is not None:
        return HashedEncoder(dimensions)
    return Encoder(decoder_folder(name), name) if name in decoder_names() else Encoder.load(name)


def check_encoder(name: str) -> None:
    """Refuse what `get_encoder` cannot give; nothing is fetched, made, or read but a folder's descriptions.

    Raises:
        QwattError: no such encoder; names those that there are. Or a folder lacks files of one.
    """
    from qwatt.core.home import expanded
    from qwatt.data.sets import list_datasets
    from qwatt.language.decoder.load import decoder_names

    models = [dataset.name for dataset in list_datasets() if dataset.kind == "model"]
    names = list(dict.fromkeys([*models, *decoder_names(), "hashed"]))
    if name in names or _hashed(name) is not None:
        return
    if not expanded(name).is_dir():
        if name.startswith("hashed:"):
            mend = f"give the length of its vectors, from 1 to {_LONGEST:,}, as in hashed:64"
            raise QwattError(f"no encoder {name!r}", mend=mend)
        raise unknown_name("encoder", name, [*names, "a folder that holds a model"])
    Encoder.load(name)


def _hashed(name: str) -> int | None:
    """Return the length of a hashed encoder's vectors, None where the name is of another one."""
    kind, _, dimensions = name.partition(":")
    if kind != "hashed":
        return None
    if name == kind:
        return HashedEncoder().dimensions
    length = int(dimensions) if dimensions.isdecimal() and len(dimensions) <= _DIGITS else 0
    return length if 0 < length <= _LONGEST else None
