"""Sentence encoder: mean-pooled, normalised MiniLM embeddings (arXiv:1908.10084), kept on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.progress import tell
from qwatt.core.quantity import Quantity, total
from qwatt.core.shared import Shared
from qwatt.data.fetch import fetch
from qwatt.data.manifest import found_digest
from qwatt.data.sets import get_dataset
from qwatt.language.embedding_cache import Cost, EmbeddingCache, Hit, costs

if TYPE_CHECKING:
    import torch

Vectors = NDArray[np.float32]
"""Of length 1, shape (texts, dimensions)."""

Progress = Callable[[int, int], None]
"""Called with the number of texts done and of all texts to compute."""

_FILES = ("model.safetensors", "tokenizer.json", "config.json")
_BATCH_TOKENS = 1024
_CHUNK_TEXTS = 256
_AFTER_PADDING = {
    "camembert",
    "data2vec-text",
    "ibert",
    "longformer",
    "mpnet",
    "roberta",
    "roberta-prelayernorm",
    "xlm-roberta",
    "xlm-roberta-xl",
    "xmod",
}
"""Networks whose first position follows that of padding: so many positions are for no token."""


class Encoder:
    """A sentence encoder out of a folder in Hugging Face form: the mean of a network's last hidden states.

    Args:
        folder: holds `config.json`, `tokenizer.json` and `model.safetensors`.
        name: what it is called in the cache.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.max_tokens = _max_tokens(folder)

    @cached_property
    def cache(self) -> EmbeddingCache:
        """Vectors on disk; those measured at another energy boundary are kept apart from these."""
        from qwatt.energy.meter import Meter

        model = f"{self.name}-{self._digest()[:12]}-{self.max_tokens}"
        return EmbeddingCache(f"{model}-{Meter().boundary.value}")

    def _digest(self) -> str:
        """Return one digest of all files that change a vector, as they are found now."""
        return sha256("".join(found_digest(self.folder / name) for name in _FILES).encode()).hexdigest()

    @classmethod
    def load(cls, name: str = "minilm", offline: bool = False) -> Encoder:
        """Return a named encoder of the data catalogue, or one in a folder on disk.

        Raises:
            QwattError: no such model, or it cannot be fetched.
        """
        if Path(name).is_dir():
            _check_folder(Path(name))
            return cls(Path(name), Path(name).name)
        dataset = get_dataset(name)
        if dataset.kind != "model":
            raise QwattError(f"{name!r} is a data set, not a model", mend="name a model, such as minilm")
        return cls(fetch(name, offline=offline), name)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return the vectors of texts, shape (texts, dimensions); cached ones are not computed."""
        return self.embed(texts, progress).value

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Shared[Vectors]:
        """Return the vectors of texts with what computing all of them cost, now or when they were cached."""
        hits = self.cache.get(texts)
        missing = list(dict.fromkeys(text for text in texts if text not in hits))
        if missing:
            hits |= self._compute(missing, progress)
        rows = [hits[text].vector for text in texts]
        vectors = np.stack(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)
        return _shared(vectors, costs(list(hits.values())))

    def compute(self, texts: Sequence[str]) -> Vectors:
        """Compute vectors, shape (texts, dimensions), without looking at the cache or filling it."""
        return self._forward(list(texts), lambda done: None)[0]

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._config["hidden_size"])

    def work(self, texts: Sequence[str]) -> dict[str, float]:
        """Predict what computing the vectors of texts takes, by kind of `host_power.work`.

        Two operations for each weight of the layers and token, and four for each value and pair of tokens in
        attention. The layers of a decoder have gates, which are a third matrix beside BERT's two.
        """
        width, layers = self.dimensions, int(self._config["num_hidden_layers"])
        matrices = 3 if "rms_norm_eps" in self._config else 2
        heads = int(self._config["num_attention_heads"])
        own = 2 + 2 * int(self._config.get("num_key_value_heads") or heads) / heads  # keys may be shared
        weights = layers * (own * width**2 + matrices * width * int(self._config["intermediate_size"]))
        tokens = np.array([len(ids) for ids in self.tokens(texts)])
        flop = 2.0 * weights * tokens.sum() + 4.0 * layers * width * (tokens.astype(np.float64) ** 2).sum()
        return {"encoder_flop": float(flop)}

    @cached_property
    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = json.loads((self.folder / "config.json").read_text("utf-8"))
        return config

    def _compute(self, texts: list[str], progress: Progress | None) -> dict[str, Hit]:
        """Compute in chunks of similar length; every finished chunk is in the cache, come what may."""
        from qwatt.energy.meter import Meter

        self.network  # noqa: B018  loading it is not part of an embedding's energy
        meter = Meter()
        ordered, told = sorted(texts, key=len), progress or _tell
        hits: dict[str, Hit] = {}
        for start in range(0, len(ordered), _CHUNK_TEXTS):
            chunk = ordered[start : start + _CHUNK_TEXTS]

            def so_far(done: int, before: int = start) -> None:
                told(before + done, len(ordered))

            with meter.window("embed") as window:
                vectors, tokens = self._forward(chunk, so_far)
            hits |= self.cache.put(chunk, vectors, tokens, window.energy, window.seconds)
        return hits

    def _forward(self, texts: list[str], progress: Callable[[int], None]) -> tuple[np.ndarray, list[int]]:
        """Return vectors of shape (texts, dimensions) and the number of tokens of each text."""
        ids = self.tokens(texts)
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        done = 0
        for batch in in_batches(order, ids):
            vectors[batch] = _pool(self.network, [ids[i] for i in batch])
            done += len(batch)
            progress(done)
        return vectors, [len(tokens) for tokens in ids]

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of texts, cut to the longest input."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.enable_truncation(self.max_tokens)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def network(self) -> Any:
        """The network, in evaluation mode."""
        import torch
        from transformers import AutoModel
        from transformers.utils import logging

        logging.disable_progress_bar()
        return AutoModel.from_pretrained(self.folder, local_files_only=True, dtype=torch.float32).eval()


def _tell(done: int, total: int) -> None:
    tell(done, total, "texts embedded")


def _shared(vectors: Vectors, costs: list[Cost]) -> Shared[Vectors]:
    dates = ", ".join(sorted({cost.date for cost in costs}))
    energy = total(cost.energy for cost in costs) if costs else Quantity.unknown("no text was embedded")
    return Shared(vectors, energy, sum(cost.seconds for cost in costs), f"embeddings, measured on {dates}")


def _check_folder(folder: Path) -> None:
    missing = [file for file in _FILES if not (folder / file).is_file()]
    if missing:
        mend = "give a folder that save_pretrained wrote, of the model and of its fast tokenizer"
        raise QwattError(f"not a model folder: it has no {', '.join(missing)}", where=str(folder), mend=mend)


def _max_tokens(folder: Path) -> int:
    """Longest input: the sentence encoder's own limit, else the network's."""
    for file, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("config.json", "max_position_embeddings"),
    ):
        found = json.loads((folder / file).read_text("utf-8")) if (folder / file).is_file() else {}
        if limit := found.get(key):
            before = int(found.get("pad_token_id", 1)) + 1 if found.get("model_type") in _AFTER_PADDING else 0
            return int(limit) - before
    raise QwattError("not a model folder: it has no config.json", where=str(folder))


def in_batches(order: list[int], ids: list[list[int]]) -> list[list[int]]:
    """Cut texts, sorted by length, into batches of about `_BATCH_TOKENS` tokens."""
    batches: list[list[int]] = []
    for i in order:
        if batches and (len(batches[-1]) + 1) * len(ids[i]) <= _BATCH_TOKENS:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def _pool(network: Any, ids: list[list[int]]) -> np.ndarray:
    """Run one batch without a gradient; shape (texts, dimensions)."""
    import torch

    with torch.inference_mode():
        vectors: np.ndarray = pooled(network, ids).numpy()
    return vectors


def pooled(network: Any, ids: list[list[int]]) -> torch.Tensor:
    """Run one batch, take the mean over its tokens and normalise; shape (texts, dimensions)."""
    import torch

    longest = max(map(len, ids))
    tokens = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
    states = network(input_ids=tokens, attention_mask=mask).last_hidden_state
    mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return torch.nn.functional.normalize(mean, dim=1)
