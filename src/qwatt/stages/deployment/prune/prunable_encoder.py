"""A sentence encoder that is pruned: its loss is how far vectors turn, its service reads."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.core.threads import one_thread
from qwatt.language.decoder.folder import folder_digest
from qwatt.language.encoder import Encoder, Vectors, in_batches, pooled
from qwatt.language.serving import Request, ServingCost, serving_costs, usual_request
from qwatt.stages.deployment.prune.calibration import Calibration
from qwatt.stages.deployment.prune.encoder_calibration import EncoderCalibration, enough_texts
from qwatt.stages.deployment.prune.problem import PruneProblem
from qwatt.stages.deployment.prune.prunable import Judged, Prunable

if TYPE_CHECKING:
    import torch
    from scipy import stats
else:
    torch, stats = lazy("torch"), lazy("scipy.stats")

_KEPT_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")
_SENTENCE_FILES = ("modules.json", "sentence_bert_config.json", "config_sentence_transformers.json")
"""Of sentence-transformers, which then loads the folder as it did the whole one."""


class PrunableEncoder(Prunable):
    """A network of which the pooled last hidden states are a text's vector.

    Args:
        name: of the data catalogue, such as "minilm", or its folder.

    Raises:
        QwattError: there is none, or it cannot be fetched.
    """

    kind: ClassVar[str] = "encoder"
    loss_name: ClassVar[str] = "mean of 1 less the cosine of a text's vectors before and after"
    auto_class: ClassVar[str] = "AutoModel"

    def __init__(self, name: str) -> None:
        self.encoder = Encoder.load(name)
        self.name, self.model = name, self.encoder.network
        self.digest = folder_digest(self.encoder.folder)

    @property
    def multiplied(self) -> int:
        """All weights but the vectors of words and places."""
        return self.parameters - int(sum(w.numel() for w in self.model.embeddings.parameters()))

    @property
    def logits(self) -> int:
        """None: 0."""
        return 0

    def calibration(self, texts: Sequence[str], problem: PruneProblem) -> Calibration:
        """Return it on texts."""
        return EncoderCalibration(self.encoder, texts, problem)

    def judged(self, model: Any, texts: tuple[str, ...], tokens: int) -> Judged:
        """Return how far vectors turn, and how well the order of all pairs by similarity is kept."""
        ids = enough_texts(self.encoder, texts, tokens, self.encoder.max_tokens)
        before, after = _vectors_before(self, texts, tokens), _vectors(model, ids, self.encoder.pooling)
        upper = np.triu_indices(len(ids), 1)
        pairs = [(vectors @ vectors.T)[upper] for vectors in (before, after)]
        rank = float(stats.spearmanr(*pairs).statistic) if len(upper[0]) > 1 else None
        lost = float(1.0 - (before * after).sum(1, dtype=np.float64).mean())
        return Judged(lost, 0.0, sum(map(len, ids)), {"similarity_rank_correlation": rank})

    def request(self) -> Request:
        """Return the catalogue's, of which nothing is written."""
        return replace(usual_request(), written_tokens=0)

    def served(self, model: Any, texts: Sequence[str], sizes: tuple[int, int, int]) -> list[ServingCost]:
        """Measure texts of one length."""
        read, _, rounds = sizes
        rows = enough_texts(self.encoder, texts, read, self.encoder.max_tokens)
        ids = np.array([token for row in rows for token in row], dtype=np.int64)
        return serving_costs([self.model, model], ids, read, 0, rounds)

    def save(self, model: Any, folder: Path) -> None:
        """Write weights and configuration, and the files of the tokenizer and of sentence-transformers."""
        model.save_pretrained(folder)
        source = self.encoder.folder
        for name in (*_KEPT_FILES, *_SENTENCE_FILES):
            if (source / name).is_file():
                shutil.copyfile(source / name, folder / name)
        if (source / "1_Pooling" / "config.json").is_file():
            (folder / "1_Pooling").mkdir(exist_ok=True)
            shutil.copyfile(source / "1_Pooling" / "config.json", folder / "1_Pooling" / "config.json")


def _vectors(network: Any, ids: list[list[int]], pooling: str) -> Vectors:
    found = np.zeros((len(ids), int(network.config.hidden_size)), dtype=np.float32)
    with one_thread(), torch.no_grad():
        for numbers in in_batches(sorted(range(len(ids)), key=lambda i: len(ids[i])), ids):
            found[numbers] = pooled(network, [ids[i] for i in numbers], pooling).numpy()
    return found


@lru_cache(maxsize=4)
def _vectors_before(whole: PrunableEncoder, texts: tuple[str, ...], tokens: int) -> Vectors:
    """Return the whole encoder's vectors; charged to no method."""
    ids = enough_texts(whole.encoder, texts, tokens, whole.encoder.max_tokens)
    return _vectors(whole.model, ids, whole.encoder.pooling)
