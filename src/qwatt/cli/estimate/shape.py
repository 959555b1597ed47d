"""A model given by its id or by its number of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwatt.projection.catalogued.models import LanguageModel


def model_or_params(field: str, text: str) -> float | LanguageModel:
    """Return a number of parameters, or the catalogued model of that id.

    Raises:
        QwattError: neither a number nor a catalogued model; names the nearest ids.
    """
    from qwatt.cli.estimate.numbers import number
    from qwatt.core.errors import QwattError
    from qwatt.projection.catalogued.models import language_model

    try:
        return number(field, text)
    except QwattError:
        pass
    try:
        return language_model(text)
    except QwattError as error:
        mend = f"{error.mend}; or give a number of parameters such as 8e9 or 8B"
        raise QwattError(error.what, where=field, mend=mend) from error
