"""Which decoder a task works on: the one that its size names, or the one that the user gives by `--model`.

A task takes part by giving its methods the setting, `space = {**MODEL_SPACE, ...}` and `limits` likewise, and
by asking `chosen_decoder` for the name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.limits import Limit
from qwatt.language.decoder.load import decoder_names, is_decoder

MODEL = "model"
"""Name of the setting."""
AUTO = "auto"


def decoder_there(name: object) -> None:
    """Take "auto" and any decoder that `load_decoder` can be asked for.

    Raises:
        QwattError: there is none of the name, and no folder.
    """
    if name != AUTO and not is_decoder(str(name)):
        raise QwattError(" or ".join([AUTO, *decoder_names(), "a folder that holds a decoder"]))


MODEL_SPACE: Mapping[str, Sequence[Any]] = {MODEL: (AUTO,)}
"""The tuner never chooses another decoder: only the user does."""
MODEL_LIMITS: Mapping[str, Limit] = {MODEL: decoder_there}


def chosen_decoder(settings: Mapping[str, Any], default: str) -> str:
    """Return the name or folder that the settings say, or the default where they leave it to the size."""
    name = str(settings[MODEL])
    return default if name == AUTO else name
