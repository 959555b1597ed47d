"""Sentence encoder: mean-pooled, normalised MiniLM embeddings (arXiv:1908.10084), kept on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity, total
from qwatt.data.archive import digest
from qwatt.data.fetch import fetch
from qwatt.data.sets import get_dataset
from qwatt.language.embedding_cache import Cost, EmbeddingCache

if TYPE_CHECKING:
    from qwatt.core.method import Context

Progress = Callable[[int, int], None]
"""Called with the number of texts done and of all texts to compute."""

_BATCH_TOKENS = 1024
_CHUNK_TEXTS = 256


@dataclass(frozen=True)
class EmbeddingResult:
    """Vectors and what they cost.

    Args:
        vectors: float32 of shape (texts, dimensions), of length 1.
        fresh: energy of what was computed now; None when all was cached.
        fresh_runs: numbers of the runs that computed it, as the cache knows them.
        cached: number of texts that were cached.
        cached_runs: what those cost when they were computed, by run.
    """

    vectors: np.ndarray
    fresh: Quantity | None = None
    fresh_runs: frozenset[int] = frozenset()
    cached: int = 0
    cached_runs: Mapping[int, Cost] = field(default_factory=dict)

    @property
    def cached_energy(self) -> Quantity | None:
        """Energy of what was cached, as it was measured when it was computed; None when nothing was."""
        return total(cost.energy for cost in self.cached_runs.values()) if self.cached_runs else None

    @property
    def cached_seconds(self) -> float:
        """Wall seconds of the same."""
        return sum(cost.seconds for cost in self.cached_runs.values())

    @property
    def energy(self) -> Quantity | None:
        """Energy of all vectors, computed now or earlier; None without texts."""
        cached = self.cached_energy
        if self.fresh is None or cached is None:
            return self.fresh or cached
        return self.fresh + cached

    def charge_to(self, context: Context) -> None:
        """Charge a trial for what was computed before it began.

        What the trial computed itself is in its own windows, also when a later tuning candidate finds it in
        the cache; nothing is charged twice.
        """
        known = _accounted.setdefault(context, set())
        due = {run: cost for run, cost in self.cached_runs.items() if run not in known}
        known |= self.fresh_runs | due.keys()
        if due:
            dates = ", ".join(sorted({cost.date for cost in due.values()}))
            note = f"{self.cached} texts from the cache: measured on {dates}"
            energy = total(cost.energy for cost in due.values())
            context.charge("embed", energy, sum(cost.seconds for cost in due.values()), note)


_accounted: WeakKeyDictionary[Any, set[int]] = WeakKeyDictionary()
"""By trial: the runs whose energy it holds already."""


class Encoder:
    """A sentence encoder out of a folder in Hugging Face form (BERT-like, mean pooling).

    Args:
        folder: holds `config.json`, `tokenizer.json` and `model.safetensors`.
        name: what it is called in the cache.
        weights_sha256: digest of the weights; computed from the file when not given.
    """

    def __init__(self, folder: Path, name: str, weights_sha256: str | None = None) -> None:
        self.folder = folder
        self.name = name
        self.weights_sha256 = weights_sha256 or digest(folder / "model.safetensors")
        self.max_tokens = _max_tokens(folder)

    @cached_property
    def cache(self) -> EmbeddingCache:
        """Vectors on disk; those measured at another energy boundary are kept apart from these."""
        from qwatt.energy.meter import Meter

        model = f"{self.name}-{self.weights_sha256[:12]}-{self.max_tokens}"
        return EmbeddingCache(f"{model}-{Meter().boundary.value}")

    @classmethod
    def load(cls, name: str = "minilm", offline: bool = False) -> Encoder:
        """Return a named encoder of the data catalogue, or one in a folder on disk.

        Raises:
            QwattError: no such model, or it cannot be fetched.
        """
        if Path(name).is_dir():
            return cls(Path(name), Path(name).name)
        dataset = get_dataset(name)
        if dataset.kind != "model":
            raise QwattError(f"{name!r} is a data set, not a model", mend="name a model, such as minilm")
        known = dataset.archive.file_sha256.get(f"{dataset.path}/model.safetensors")
        return cls(fetch(name, offline=offline), name, known)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Return the vectors of texts, float32 of shape (texts, dimensions); cached ones are not computed."""
        return self.embed(texts, progress).vectors

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> EmbeddingResult:
        """Return the vectors of texts with the energy of computing them, now or when they were cached."""
        hits = self.cache.get(texts)
        missing = list(dict.fromkeys(text for text in texts if text not in hits))
        fresh, energy, runs = self._compute(missing, progress) if missing else ({}, None, set())
        known = {text: hit.vector for text, hit in hits.items()} | fresh
        vectors = np.stack([known[text] for text in texts]) if texts else np.zeros((0, self.dimensions))
        return EmbeddingResult(
            vectors.astype(np.float32, copy=False),
            energy,
            frozenset(runs),
            len(texts) - sum(text in fresh for text in texts),
            self.cache.costs(list(hits.values())),
        )

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(json.loads((self.folder / "config.json").read_text("utf-8"))["hidden_size"])

    def _compute(
        self, texts: list[str], progress: Progress | None
    ) -> tuple[dict[str, np.ndarray], Quantity | None, set[int]]:
        """Compute in chunks of similar length; every finished chunk is in the cache, come what may."""
        from qwatt.energy.meter import Meter

        self._network  # noqa: B018  loading it is not part of an embedding's energy
        meter = Meter()
        found: dict[str, np.ndarray] = {}
        energy: Quantity | None = None
        runs: set[int] = set()
        ordered = sorted(texts, key=len)
        for start in range(0, len(ordered), _CHUNK_TEXTS):
            chunk = ordered[start : start + _CHUNK_TEXTS]
            with meter.window("embed") as window:
                vectors, tokens = self._forward(chunk)
            runs.add(self.cache.put(chunk, vectors, tokens, window.energy, window.seconds))
            energy = window.energy if energy is None else energy + window.energy
            found |= dict(zip(chunk, vectors, strict=True))
            if progress:
                progress(len(found), len(ordered))
        return found, energy, runs

    def _forward(self, texts: list[str]) -> tuple[np.ndarray, list[int]]:
        """Return vectors of shape (texts, dimensions) and the number of tokens of each text."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for batch in _batches(order, ids):
            vectors[batch] = _pool(self._network, [ids[i] for i in batch])
        return vectors, [len(tokens) for tokens in ids]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.enable_truncation(self.max_tokens)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _network(self) -> Any:
        from transformers import AutoModel
        from transformers.utils import logging

        logging.disable_progress_bar()
        return AutoModel.from_pretrained(self.folder, local_files_only=True).eval()


def _max_tokens(folder: Path) -> int:
    """Longest input: the sentence encoder's own limit, else the network's."""
    for file, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("config.json", "max_position_embeddings"),
    ):
        if (folder / file).is_file() and (limit := json.loads((folder / file).read_text("utf-8")).get(key)):
            return int(limit)
    raise QwattError("not a model folder: it has no config.json", where=str(folder))


def _batches(order: list[int], ids: list[list[int]]) -> list[list[int]]:
    """Cut texts, sorted by length, into batches of about `_BATCH_TOKENS` tokens."""
    batches: list[list[int]] = []
    for i in order:
        if batches and (len(batches[-1]) + 1) * len(ids[i]) <= _BATCH_TOKENS:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def _pool(network: Any, ids: list[list[int]]) -> np.ndarray:
    """Run one batch, take the mean over its tokens and normalise; shape (texts, dimensions)."""
    import torch

    longest = max(map(len, ids))
    tokens = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
    with torch.inference_mode():
        states = network(input_ids=tokens, attention_mask=mask).last_hidden_state
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        vectors: np.ndarray = torch.nn.functional.normalize(mean, dim=1).numpy()
    return vectors
