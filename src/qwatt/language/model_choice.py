"""Which language model a task works on, where decoders and encoders both will do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.core.home import expanded
from qwatt.core.limits import Limit
from qwatt.data.sets import list_datasets
from qwatt.language.decoder.choice import AUTO, MODEL
from qwatt.language.decoder.load import decoder_names, is_decoder

_DECODERS = ("ForCausalLM", "LMHeadModel")
"""Ends of architectures' names."""


def encoder_names() -> list[str]:
    """Return the encoders that are known by name."""
    return [d.name for d in list_datasets() if d.kind == "model" and d.name not in decoder_names()]


def is_encoder(name: str) -> bool:
    """Return whether it is the name of an encoder, or a folder whose configuration names no decoder."""
    if name in decoder_names():
        return False
    return name in encoder_names() or _holds_encoder(expanded(name))


def model_there(name: object) -> None:
    """Take "auto", and any decoder or encoder.

    Raises:
        QwattError: there is none of the name, and no folder.
    """
    if name != AUTO and not is_decoder(str(name)) and not is_encoder(str(name)):
        raise QwattError(
            " or ".join([AUTO, *decoder_names(), *encoder_names(), "a folder that holds a model"])
        )


ANY_MODEL_LIMITS: Mapping[str, Limit] = {MODEL: model_there}


def _holds_encoder(folder: Path) -> bool:
    try:
        kinds = json.loads((folder / "config.json").read_text("utf-8")).get("architectures") or []
    except (OSError, ValueError, AttributeError):
        return False
    return bool(kinds) and not any(str(kind).endswith(_DECODERS) for kind in kinds)
