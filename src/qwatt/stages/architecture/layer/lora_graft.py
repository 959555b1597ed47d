"""LoRA adapters inside one block's linear maps, with ranks that add up to a number of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.stages.architecture.layer.graft import State

if TYPE_CHECKING:
    import peft
    import torch

    from qwatt import torch as layers
else:
    peft, torch, layers = lazy("peft"), lazy("torch"), lazy("qwatt.torch")
    _tuners = lazy("peft.tuners.lora")  # what peft loads late, imported before anything is measured

_SCALE = 2
"""Alpha over rank, as in much of the field's practice; the learning rate is tuned beside it."""
_CLOSE = 0.01
_MARK = "lora_"


class LoraGraft:
    """Adapters in a block.

    Args:
        parameters: how many there should be.
        seed: seed of their first numbers.
    """

    def __init__(self, parameters: int, seed: int) -> None:
        self._parameters, self._seed = parameters, seed
        self._block: Any = None
        self.ranks: dict[str, int] = {}

    @property
    def config(self) -> dict[str, Any]:
        """The ranks by matrix of the block."""
        return {"layer": "LoRA", "config": {"ranks": self.ranks, "alpha_over_rank": _SCALE}}

    @contextmanager
    def inserted(self, model: Any, block: int, place: str) -> Iterator[None]:
        """Put adapters into the block's linear maps; the place "ffn" leaves its feed-forward part out."""
        self._block = layers.find_block(model, block)
        own = self._block.mlp
        if place == "ffn":
            self._block.mlp = layers.Nothing()
        self.ranks = fitting_ranks(_linear_sizes(self._block), self._parameters)
        inject(self._block, self.ranks, self._seed)
        try:
            yield
        finally:
            remove(self._block)
            self._block.mlp = own

    def trained(self) -> list[torch.nn.Parameter]:
        """Return the adapters' matrices."""
        return [weights for name, weights in self._block.named_parameters() if _MARK in name]

    def training(self, on: bool) -> None:
        """Adapters without dropout have no modes."""

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the adapters' matrices by name."""
        return {
            name: weights.detach().numpy().copy()
            for name, weights in self._block.named_parameters()
            if _MARK in name
        }

    def load(self, state: State) -> None:
        """Take the adapters' matrices."""
        load_adapters(self._block, state)


def inject(block: Any, ranks: Mapping[str, int], seed: int) -> None:
    """Put adapters of given ranks into a block's linear maps, trainable; nothing else in the block is."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = peft.LoraConfig(
            r=1,
            lora_alpha=_SCALE,
            target_modules=list(ranks),
            rank_pattern=dict(ranks),
            alpha_pattern={name: _SCALE * rank for name, rank in ranks.items()},
        )
        peft.inject_adapter_in_model(config, block)
    for name, weights in block.named_parameters():
        weights.requires_grad_(_MARK in name)


def load_adapters(block: Any, state: State) -> None:
    """Copy matrices into a block's adapters."""
    own = dict(block.named_parameters())
    with torch.no_grad():
        for name, array in state.items():
            own[name].copy_(torch.from_numpy(np.array(array)))


def remove(block: Any, merge: bool = False) -> None:
    """Take the adapters out of a block, merged into its matrices or forgotten."""
    adapted = [(name, part) for name, part in block.named_modules() if hasattr(part, "get_base_layer")]
    for name, part in adapted:
        if merge:
            part.merge()
        parent, _, own = name.rpartition(".")
        setattr(block.get_submodule(parent), own, part.get_base_layer())
    del block.peft_config


def fitting_ranks(sizes: Mapping[str, int], parameters: int) -> dict[str, int]:
    """Return the rank of each matrix so that all adapters have about so many parameters.

    Among the numbers of rank-one updates that come within 1 %, or else come closest, the most even one is
    taken, which adapts the most matrices.

    Args:
        sizes: inputs plus outputs of each matrix: what a rank of one takes.
        parameters: how many there should be.

    Raises:
        QwattError: not one fits.
    """
    distinct = sorted(set(sizes.values()), reverse=True)
    owners = [[name for name, size in sizes.items() if size == each] for each in distinct]
    best: tuple[Any, tuple[int, ...]] | None = None
    for counts in _counts(distinct, parameters):
        used = sum(count * size for count, size in zip(counts, distinct, strict=True))
        gap = abs(used - parameters) / parameters
        ranks = _spread(owners, counts)
        order = (max(gap, _CLOSE), max(ranks.values(), default=0), -len(ranks), gap)
        if ranks and (best is None or order < best[0]):
            best = order, counts
    if best is None:
        what = f"{parameters:,} parameters are too few for LoRA on this block"
        raise QwattError(what, where="qubits", mend=f"set qubits so that there are {min(distinct):,} or more")
    return _spread(owners, best[1])


def _counts(sizes: Sequence[int], room: int) -> Iterator[tuple[int, ...]]:
    """Yield how many updates of each size come near the room; the last size fills up what is left."""
    if len(sizes) == 1:
        yield (room // sizes[0],)
        yield (room // sizes[0] + 1,)
        return
    for count in range(room // sizes[0] + 1):
        for rest in _counts(sizes[1:], room - count * sizes[0]):
            yield (count, *rest)


def _spread(owners: Sequence[Sequence[str]], counts: Sequence[int]) -> dict[str, int]:
    """Share out updates over the matrices of each size, as evenly as can be."""
    ranks: dict[str, int] = {}
    for names, count in zip(owners, counts, strict=True):
        for place, name in enumerate(names):
            ranks[name] = count // len(names) + (place < count % len(names))
    return {name: rank for name, rank in ranks.items() if rank}


def _linear_sizes(block: Any) -> dict[str, int]:
    """Return inputs plus outputs of the block's linear maps, the feed-forward part's last one first."""
    found = {
        name: part.in_features + part.out_features
        for name, part in block.named_modules()
        if isinstance(part, torch.nn.Linear)
    }
    if not found:
        mend = "name the other methods by --method"
        raise QwattError("the block has no linear maps that LoRA could adapt", mend=mend)
    return dict(reversed(found.items()))
