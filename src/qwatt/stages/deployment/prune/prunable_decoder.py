"""A decoder that is pruned: its loss is nats per token, its service reads and writes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.threads import one_thread
from qwatt.language.decoder import load_decoder, save_decoder, validation_loss
from qwatt.language.serving import Request, ServingCost, serving_costs, usual_request
from qwatt.stages.deployment.prune.calibration import Calibration
from qwatt.stages.deployment.prune.decoder_calibration import (
    DecoderCalibration,
    decoder_windows,
    enough_tokens,
)
from qwatt.stages.deployment.prune.problem import PruneProblem
from qwatt.stages.deployment.prune.prunable import Judged, Prunable


class PrunableDecoder(Prunable):
    """A causal language model.

    Args:
        name: of the catalogue, or its folder.

    Raises:
        QwattError: there is none.
    """

    kind: ClassVar[str] = "decoder"
    loss_name: ClassVar[str] = "nats per token"
    auto_class: ClassVar[str] = "AutoModelForCausalLM"

    def __init__(self, name: str) -> None:
        self.decoder = load_decoder(name)
        self.name, self.model, self.digest = name, self.decoder.model, self.decoder.digest
        self.note = self.decoder.note

    @property
    def multiplied(self) -> int:
        """All weights; the word vectors are those that logits are made with."""
        return self.parameters

    @property
    def logits(self) -> int:
        """Entries of its vocabulary."""
        return int(self.model.config.vocab_size)

    def calibration(self, texts: Sequence[str], problem: PruneProblem) -> Calibration:
        """Return it on windows of text."""
        return DecoderCalibration(self.model, decoder_windows(self.decoder, texts, problem))

    def judged(self, model: Any, texts: tuple[str, ...], tokens: int) -> Judged:
        """Return nats per token, and perplexity."""
        ids = enough_tokens(self.decoder, texts, tokens)
        with one_thread():
            loss = validation_loss(model, ids, self.decoder.context)
        before = _loss_before(self, texts, tokens)
        extras = {"perplexity": math.exp(loss), "perplexity_before": math.exp(before)}
        return Judged(loss, before, len(ids) - 1, extras)

    def request(self) -> Request:
        """Return the catalogue's."""
        return usual_request()

    def served(self, model: Any, texts: Sequence[str], sizes: tuple[int, int, int]) -> list[ServingCost]:
        """Measure prompts and answers."""
        read, written, rounds = sizes
        ids = enough_tokens(self.decoder, texts, read)
        return serving_costs([self.model, model], ids, read, written, rounds)

    def save(self, model: Any, folder: Path) -> None:
        """Write weights, configuration and tokenizer."""
        save_decoder(model, self.decoder.tokenizer, folder)


@lru_cache(maxsize=4)
def _loss_before(whole: PrunableDecoder, texts: tuple[str, ...], tokens: int) -> float:
    """Return the whole decoder's nats per token; charged to no method."""
    ids = enough_tokens(whole.decoder, texts, tokens)
    with one_thread():
        return validation_loss(whole.model, ids, whole.decoder.context)
