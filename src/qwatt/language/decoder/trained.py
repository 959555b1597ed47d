"""A trained decoder: its model folder in Hugging Face form, and beside it how it was trained and for what."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from qwatt.core.durable import write_whole
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity, total
from qwatt.language.decoder.checkpoint import OTHER_TRAINING
from qwatt.language.decoder.curve import Curve
from qwatt.language.decoder.size import DecoderSize

FILE = "training.json"
_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training made, and its account.

    Args:
        model: the network in evaluation mode, fp32.
        tokenizer: its tokenizer; None where ids came without one.
        size: its sizes.
        recipe: digest of text, sizes, seed, budget, optimiser and precision.
        seed: seed of weights and order.
        tokens: tokens trained on.
        precision: "bf16" or "fp32".
        curve: held-back loss and joules along training.
        loss: held-back nats per token at the end, on all that was held back.
        bits_per_character: the same per character; None where ids came.
        training_energy: joules of all steps.
        preparation_energy: joules of learning the tokenizer and writing the text in it.
        seconds: wall time of both.
        resumed: how often the training was interrupted; what was lost then is not in the joules.
        date: when it was finished.
    """

    model: Any
    tokenizer: Any
    size: DecoderSize
    recipe: str
    seed: int
    tokens: int
    precision: str
    curve: Curve
    loss: float
    bits_per_character: float | None
    training_energy: Quantity
    preparation_energy: Quantity
    seconds: float
    resumed: int = 0
    date: str = field(default_factory=lambda: time.strftime("%Y-%m-%d"))

    @property
    def energy(self) -> Quantity:
        """Joules of preparation and training together."""
        return total([self.preparation_energy, self.training_energy])

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form, without model and tokenizer."""
        return {
            "format": _FORMAT,
            "date": self.date,
            "recipe": self.recipe,
            "size": asdict(self.size),
            "seed": self.seed,
            "tokens": self.tokens,
            "precision": self.precision,
            "loss": self.loss,
            "bits_per_character": self.bits_per_character,
            "training_energy": self.training_energy.to_record(),
            "preparation_energy": self.preparation_energy.to_record(),
            "seconds": self.seconds,
            "resumed": self.resumed,
            "curve": self.curve.to_record(),
        }


def save_decoder(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write a folder that `AutoModelForCausalLM` and `AutoTokenizer` load without qwatt."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)


def save_trained(trained: Trained, folder: Path) -> None:
    """Write the model folder, and last of all its account: where that is, the folder is whole."""
    save_decoder(trained.model, trained.tokenizer, folder)
    write_whole(folder / FILE, json.dumps(trained.to_record(), indent=1))


def read_trained(folder: Path, recipe: str) -> Trained | None:
    """Return the finished training of a folder, None where there is none.

    Raises:
        QwattError: it is another training than that of the recipe.
    """
    from qwatt.language.decoder.folder import read_folder

    account = read_account(folder)
    if account is None:
        return None
    if account["recipe"] != recipe:
        raise QwattError(OTHER_TRAINING, where=str(folder), mend="give another folder")
    decoder = read_folder(folder, folder.name)
    names = (
        "recipe",
        "seed",
        "tokens",
        "precision",
        "loss",
        "bits_per_character",
        "seconds",
        "resumed",
        "date",
    )
    return Trained(
        model=decoder.model,
        tokenizer=decoder.tokenizer,
        size=DecoderSize(**account["size"]),
        curve=Curve.from_record(account["curve"]),
        training_energy=Quantity.from_record(account["training_energy"]),
        preparation_energy=Quantity.from_record(account["preparation_energy"]),
        **{name: account[name] for name in names},
    )


def read_account(folder: Path) -> dict[str, Any] | None:
    """Return the account of a finished training, None where the folder holds none.

    Raises:
        QwattError: it is damaged.
    """
    file = folder / FILE
    if not file.exists():
        return None
    try:
        record: dict[str, Any] = json.loads(file.read_text("utf-8"))
        if record["format"] != _FORMAT:
            raise QwattError("written by another version", where=str(file), mend="train into another folder")
    except (ValueError, TypeError, KeyError) as error:
        raise QwattError("not the account of a training", where=str(file), mend="delete it") from error
    return record
