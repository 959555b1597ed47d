"""A decoder of GPT's form: characters, two blocks of eight heads, learned places, biases, no gates.

111,674 parameters: AdamW with one cycle of rates to 4e-3, 1,200 steps of 32 windows of 64 characters. Its
parts have the names of Llama's, so that masks find heads and channels.
"""

from __future__ import annotations

import types
from collections import Counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qwatt.core.cache import cache_folder
from qwatt.data.plays import modern_plays
from qwatt.language.decoder.corpus import hold_back

WIDTH, BLOCKS, HEADS, CHANNELS, CONTEXT, VOCABULARY = 64, 2, 8, 256, 64, 58
STEPS, BATCH, RATE, HELD_SHARE, SEED = 1_200, 32, 4e-3, 0.05, 0


class Attention(torch.nn.Module):
    """Causal attention of eight heads."""

    def __init__(self) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (torch.nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Attend; shape (windows, tokens, WIDTH)."""
        q, k, v = (
            matrix(x).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for matrix in (self.q_proj, self.k_proj, self.v_proj)
        )
        found = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(found.transpose(1, 2).flatten(2))


class FeedForward(torch.nn.Module):
    """One hidden layer; `gate_proj` is another name of its matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.up_proj, self.down_proj = torch.nn.Linear(WIDTH, CHANNELS), torch.nn.Linear(CHANNELS, WIDTH)
        self.gate_proj = self.up_proj

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map each token; shape (windows, tokens, WIDTH)."""
        return self.down_proj(torch.nn.functional.gelu(self.up_proj(x)))


class Block(torch.nn.Module):
    """Attention and a hidden layer, each after a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.between = torch.nn.LayerNorm(WIDTH), torch.nn.LayerNorm(WIDTH)
        self.self_attn, self.mlp = Attention(), FeedForward()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the stream after the block."""
        x = x + self.self_attn(self.before(x))
        return x + self.mlp(self.between(x))


class Gpt(torch.nn.Module):
    """The decoder; it is called as those of transformers are."""

    def __init__(self) -> None:
        super().__init__()
        self.config = types.SimpleNamespace(
            num_attention_heads=HEADS, hidden_size=WIDTH, vocab_size=VOCABULARY
        )
        self.characters = torch.nn.Embedding(VOCABULARY, WIDTH)
        self.places = torch.nn.Embedding(CONTEXT, WIDTH)
        self.model = torch.nn.Module()
        self.model.layers = torch.nn.ModuleList(Block() for _ in range(BLOCKS))
        self.norm, self.head = torch.nn.LayerNorm(WIDTH), torch.nn.Linear(WIDTH, VOCABULARY)

    def forward(self, input_ids: torch.Tensor, use_cache: bool = False) -> Any:
        """Return logits, shape (windows, tokens, VOCABULARY)."""
        x = self.characters(input_ids) + self.places(torch.arange(input_ids.shape[1]))
        for block in self.model.layers:
            x = block(x)
        return types.SimpleNamespace(logits=self.head(self.norm(x)))


def characters() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return training and held-back ids: the commonest characters, and one for all others."""
    training, held = ("\n".join(part) for part in hold_back(modern_plays(), HELD_SHARE))
    common = [letter for letter, _ in Counter(training).most_common(VOCABULARY - 1)]
    number = {letter: i for i, letter in enumerate(common)}
    ids = [
        np.array([number.get(c, VOCABULARY - 1) for c in text], dtype=np.int64) for text in (training, held)
    ]
    return ids[0], ids[1]


def trained() -> tuple[Any, NDArray[np.int64], NDArray[np.int64]]:
    """Return the decoder, training and held-back ids; it is trained once and kept in the cache."""
    training, held = characters()
    torch.manual_seed(SEED)
    model = Gpt()
    kept = cache_folder("decoders") / "benchmark-gpt.pt"
    if kept.is_file():
        model.load_state_dict(torch.load(kept))
        return model.eval(), training, held
    rng, ids = np.random.default_rng(SEED), torch.from_numpy(training)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=STEPS)
    for step in range(STEPS):
        starts = torch.from_numpy(rng.integers(len(ids) - CONTEXT - 1, size=BATCH))
        rows = ids[starts[:, None] + torch.arange(CONTEXT + 1)]
        logits = model(rows[:, :-1]).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rates.step()
        if step % 200 == 199:
            print(f"  step {step + 1}: {float(loss.detach()):.3f} nats a character")
    torch.save(model.state_dict(), kept)
    return model.eval(), training, held
