"""A Llama decoder of random weights with a static cache: it reads and multiplies what a trained one does.

Energy hardly depends on the values (on zeros it would), so that no weights are needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Shape:
    """A Llama's shape."""

    name: str
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    ffn: int
    vocabulary: int
    tied: bool

    @property
    def head(self) -> int:
        """Numbers of a head."""
        return self.hidden // self.heads

    @property
    def params(self) -> int:
        """Parameters; tied embeddings count once."""
        attention = self.hidden * self.head * (2 * self.heads + 2 * self.kv_heads)
        block = attention + 3 * self.hidden * self.ffn + 2 * self.hidden
        return self.layers * block + (1 if self.tied else 2) * self.vocabulary * self.hidden + self.hidden

    @property
    def kv_values(self) -> int:
        """Numbers that a token leaves in the cache."""
        return 2 * self.layers * self.kv_heads * self.head


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("smollm2-135m", 576, 30, 9, 3, 1536, 49152, True),
        Shape("llama-1b", 2048, 16, 32, 8, 8192, 128256, True),
        Shape("llama-8b", 4096, 32, 32, 8, 14336, 128256, False),
        Shape("toy", 64, 2, 4, 2, 128, 256, True),
    )
}


class Rotation(nn.Module):
    """Rotary positions, for every position once."""

    def __init__(self, head: int, positions: int) -> None:
        super().__init__()
        angles = torch.outer(torch.arange(positions), 10_000.0 ** (-torch.arange(0, head, 2) / head))
        self.register_buffer("cosine", torch.cat([angles, angles], 1).cos(), persistent=False)
        self.register_buffer("sine", torch.cat([angles, angles], 1).sin(), persistent=False)

    def forward(self, x: torch.Tensor, first: int) -> torch.Tensor:
        """Rotate x, shape (batch, heads, tokens, head), from position `first` on."""
        cosine, sine = (table[first : first + x.shape[2]].to(x.dtype) for table in (self.cosine, self.sine))
        left, right = x.chunk(2, -1)
        return x * cosine + torch.cat([-right, left], -1) * sine


class Block(nn.Module):
    """Attention with grouped queries, and a gated feed-forward."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.head * (shape.heads + 2 * shape.kv_heads)
        self.into = nn.Linear(shape.hidden, width, bias=False)
        self.out = nn.Linear(shape.hidden, shape.hidden, bias=False)
        self.up = nn.Linear(shape.hidden, 2 * shape.ffn, bias=False)
        self.down = nn.Linear(shape.ffn, shape.hidden, bias=False)
        self.norms = nn.ModuleList([nn.RMSNorm(shape.hidden, eps=1e-5) for _ in range(2)])

    def forward(self, x, rotation, cache=None):
        """Return the block's output; x has shape (batch, tokens, hidden).

        One token is the last of the cache (batch, kv_heads, context, head); several begin it.
        """
        s, (batch, tokens, _) = self.shape, x.shape
        heads = self.into(self.norms[0](x)).view(batch, tokens, -1, s.head).transpose(1, 2)
        q, k, v = heads.split([s.heads, s.kv_heads, s.kv_heads], 1)
        first = cache[0].shape[2] - 1 if cache is not None and tokens == 1 else 0
        q, k = rotation(q, first), rotation(k, first)
        if cache is not None:
            for kept, new in zip(cache, (k, v), strict=True):
                kept[:, :, first : first + tokens].copy_(new)
        if cache is not None and tokens == 1:
            grouped = q.reshape(batch, s.kv_heads, s.heads // s.kv_heads, s.head)
            mixed = F.scaled_dot_product_attention(grouped, *cache).reshape(batch, s.heads, 1, s.head)
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, tokens, s.hidden))
        gate, up = self.up(self.norms[1](x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Decoder(nn.Module):
    """Embedding, blocks, head."""

    def __init__(self, shape: Shape, positions: int) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.hidden)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.norm = nn.RMSNorm(shape.hidden, eps=1e-5)
        self.head = nn.Linear(shape.hidden, shape.vocabulary, bias=False)
        if shape.tied:
            self.head.weight = self.embedding.weight
        self.rotation = Rotation(shape.head, positions)

    def forward(self, tokens, caches=None, last_only=False):
        """Return logits, shape (batch, tokens or 1, vocabulary)."""
        x = self.embedding(tokens)
        for i, block in enumerate(self.blocks):
            x = block(x, self.rotation, None if caches is None else caches[i])
        return self.head(self.norm(x[:, -1:] if last_only else x))


def build(shape: Shape, positions: int, device: str, dtype=torch.bfloat16) -> Decoder:
    """Return a decoder of random weights, made where it will be."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            return Decoder(shape, positions)
    finally:
        torch.set_default_dtype(before)


def caches_of(shape: Shape, batch: int, context: int, device: str, dtype=torch.bfloat16):
    """Return a random key and value cache for each layer."""
    size = (batch, shape.kv_heads, context, shape.head)
    return [
        tuple(torch.randn(size, device=device, dtype=dtype) for _ in range(2)) for _ in range(shape.layers)
    ]


def waiter(device: str):
    """Return what waits for the device."""
    return torch.cuda.synchronize if device == "cuda" else (lambda: None)


def decode_step(model: Decoder, caches, batch: int, device: str):
    """Return a step that decodes one token of each sequence at the end of the cache, as a graph on a GPU."""
    tokens = torch.randint(model.shape.vocabulary, (batch, 1), device=device)

    def step() -> None:
        with torch.no_grad():
            tokens.copy_(model(tokens, caches).argmax(-1))

    if device != "cuda":
        return step
    torch.cuda.synchronize()
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def prefill_step(model: Decoder, batch: int, tokens: int, device: str):
    """Return a step that reads a batch of prompts into a cache."""
    prompts = torch.randint(model.shape.vocabulary, (batch, tokens), device=device)
    caches = caches_of(model.shape, batch, tokens, device, model.head.weight.dtype)

    def step() -> None:
        with torch.no_grad():
            model(prompts, caches, last_only=True)

    return step
