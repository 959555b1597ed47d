"""Sentence encoder: pooled, normalised states of a MiniLM or its like (arXiv:1908.10084), kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.home import expanded
from qwatt.core.progress import tell
from qwatt.core.quantity import Quantity, total
from qwatt.core.shared import Shared
from qwatt.data.fetch import fetch
from qwatt.data.manifest import found_digest
from qwatt.data.sets import get_dataset
from qwatt.language.embedding_cache import Cost, EmbeddingCache, Hit, costs
from qwatt.language.encoder_folder import OTHER_FILES, check_folder, max_tokens, said, weight_files
from qwatt.language.network import check_entries, load_network, read_description
from qwatt.language.pooling import MEAN, pool, pooling_of

if TYPE_CHECKING:
    import torch

Vectors = NDArray[np.float32]
"""Of length 1, shape (texts, dimensions)."""

Progress = Callable[[int, int], None]
"""Called with the number of texts done and of all texts to compute."""

_BATCH_TOKENS = 1024
_CHUNK_TEXTS = 256


class Encoder:
    """A sentence encoder out of a folder in Hugging Face form: a network's last hidden states, pooled.

    Args:
        folder: holds `config.json`, `tokenizer.json` and `model.safetensors` or `pytorch_model.bin`, whole or
            in shards; of sentence-transformers also how the states are pooled, else their mean is taken.
        name: what it is called in the cache.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.max_tokens = max_tokens(folder)
        self.pooling = pooling_of(folder)

    @cached_property
    def cache(self) -> EmbeddingCache:
        """Vectors on disk; those measured at another energy boundary are kept apart from these."""
        from qwatt.energy.meter import Meter

        pooling = "" if self.pooling == MEAN else f"-{self.pooling}"
        model = f"{self.name}-{self._digest()[:12]}-{self.max_tokens}{pooling}"
        return EmbeddingCache(f"{model}-{Meter().boundary.value}")

    def _digest(self) -> str:
        """Return one digest of all files that change a vector, as they are found now."""
        names = [*weight_files(self.folder), *OTHER_FILES]
        return sha256("".join(found_digest(self.folder / name) for name in names).encode()).hexdigest()

    @classmethod
    def load(cls, name: str = "minilm", offline: bool = False) -> Encoder:
        """Return a named encoder of the data catalogue, or one in a folder on disk.

        Raises:
            QwattError: no such model, or it cannot be fetched.
        """
        if (folder := expanded(name)).is_dir():
            check_folder(folder)
            return cls(folder, folder.name)
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
        return int(self._said("hidden_size"))

    def work(self, texts: Sequence[str]) -> dict[str, float]:
        """Predict what computing the vectors of texts takes, by kind of `host_power.work`.

        Two operations for each weight of the layers and token, and four for each value and pair of tokens in
        attention. The layers of a decoder have gates, which are a third matrix beside BERT's two.
        """
        width, layers = self.dimensions, int(self._said("num_hidden_layers"))
        matrices = 3 if "rms_norm_eps" in self._config else 2
        heads, inner = int(self._said("num_attention_heads")), said(self._config, "intermediate_size")
        own = 2 + 2 * int(self._config.get("num_key_value_heads") or heads) / heads  # keys may be shared
        weights = layers * (own * width**2 + matrices * width * int(inner or 4 * width))
        tokens = np.array([len(ids) for ids in self.tokens(texts)])
        flop = 2.0 * weights * tokens.sum() + 4.0 * layers * width * (tokens.astype(np.float64) ** 2).sum()
        return {"encoder_flop": float(flop)}

    @cached_property
    def _config(self) -> dict[str, Any]:
        return read_description(self.folder / "config.json")

    def _said(self, name: str) -> Any:
        if (found := said(self._config, name)) is None:
            mend = "give a text model that save_pretrained wrote"
            raise QwattError(f"config.json has no {name}", where=str(self.folder), mend=mend)
        return found

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
            vectors[batch] = _pool(self.network, [ids[i] for i in batch], self.pooling)
            done += len(batch)
            progress(done)
        return vectors, [len(tokens) for tokens in ids]

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of texts, cut to the longest input; where there are none, entry 0."""
        return [encoding.ids or [0] for encoding in self._tokenizer.encode_batch(list(texts))]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.enable_truncation(self.max_tokens)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def network(self) -> Any:
        """The network, in evaluation mode.

        Raises:
            QwattError: it cannot be loaded, or is not whole.
        """
        from transformers import AutoModel, AutoModelForTextEncoding

        kinds = self._config.get("architectures") or []
        alone = any(str(kind).endswith("EncoderModel") for kind in kinds)  # such as T5's, of its two halves
        auto = AutoModelForTextEncoding if alone else AutoModel
        return load_network(auto, self.folder, spare=("pooler.",))


def _tell(done: int, total: int) -> None:
    tell(done, total, "texts embedded")


def _shared(vectors: Vectors, costs: list[Cost]) -> Shared[Vectors]:
    dates = ", ".join(sorted({cost.date for cost in costs}))
    energy = total(cost.energy for cost in costs) if costs else Quantity.unknown("no text was embedded")
    return Shared(vectors, energy, sum(cost.seconds for cost in costs), f"embeddings, measured on {dates}")


def in_batches(order: list[int], ids: list[list[int]]) -> list[list[int]]:
    """Cut texts, sorted by length, into batches of about `_BATCH_TOKENS` tokens."""
    batches: list[list[int]] = []
    for i in order:
        if batches and (len(batches[-1]) + 1) * len(ids[i]) <= _BATCH_TOKENS:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def _pool(network: Any, ids: list[list[int]], way: str) -> np.ndarray:
    """Run one batch without a gradient; shape (texts, dimensions)."""
    import torch

    with torch.inference_mode():
        vectors: np.ndarray = pooled(network, ids, way).numpy()
    return vectors


def pooled(network: Any, ids: list[list[int]], way: str = MEAN) -> torch.Tensor:
    """Run one batch, pool its states and normalise the vectors; shape (texts, dimensions)."""
    import torch

    longest = max(map(len, ids))
    tokens = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
    check_entries(int(tokens.max()), network, str(network.name_or_path))
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
    states = network(input_ids=tokens, attention_mask=mask).last_hidden_state
    return torch.nn.functional.normalize(pool(states, mask, way), dim=1)
