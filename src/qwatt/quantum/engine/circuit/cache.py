"""Programs of the circuit structures seen lately, and the values that go with a trace."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor

from qwatt.quantum.engine.circuit.parameters import ParameterValues
from qwatt.quantum.engine.circuit.program import Program
from qwatt.quantum.engine.lowering.fusion import fuse
from qwatt.quantum.engine.lowering.primitives import Primitive
from qwatt.quantum.engine.lowering.steps import FusedCircuit, without_last_monomial
from qwatt.quantum.engine.lowering.trace import Trace

CAPACITY = 64
SPLIT_AMPLITUDES = 1 << 16
"""Amplitudes times samples from which halving a layer's arithmetic pays for one more pass."""
FusionKey = tuple[tuple[Primitive, ...], int, frozenset[int], bool]
Key = tuple[FusionKey, frozenset[int], bool]


def splits(wires: int, batch: int) -> bool:
    """Return whether layers are split into real ones and phases."""
    return batch << wires >= SPLIT_AMPLITUDES


class ProgramCache:
    """Keeps the most recently used programs of one dtype and device."""

    def __init__(self, dtype: torch.dtype, device: torch.device) -> None:
        self.dtype, self.device = dtype, device
        self.real = dtype.to_real()
        self._fused: OrderedDict[FusionKey, FusedCircuit] = OrderedDict()
        self._programs: OrderedDict[Key, Program] = OrderedDict()

    def program(
        self,
        structure: tuple[Primitive, ...],
        wires: int,
        batched: frozenset[int],
        batched_tensors: frozenset[int] = frozenset(),
        batch: int = 1,
        measured: bool = False,
    ) -> Program:
        """Return the program of a structure for about `batch` samples, made on first use.

        A `measured` program leaves out what probabilities do not need; see `Program.renaming`.
        """
        fusion_key = (structure, wires, batched, splits(wires, batch))
        key = (fusion_key, batched_tensors, measured)
        if key not in self._programs:
            fused = self.fused(*fusion_key)
            fused, source = without_last_monomial(fused) if measured else (fused, None)
            windows = self.device.type == "cpu" and splits(wires, batch)
            self._programs[key] = Program(
                fused, batched, batched_tensors, self.dtype, self.device, source, windows
            )
            _trim(self._programs)
        self._programs.move_to_end(key)
        return self._programs[key]

    def fused(
        self, structure: tuple[Primitive, ...], wires: int, batched: frozenset[int], split: bool
    ) -> FusedCircuit:
        """Return the fused circuit of a structure, made on first use; see `fuse`."""
        key = (structure, wires, batched, split)
        if key not in self._fused:
            self._fused[key] = fuse(*key)
            _trim(self._fused)
        return self._fused[key]

    def ready(
        self, found: Trace, wires: int, batch: int, measured: bool = False
    ) -> tuple[Program, ParameterValues]:
        """Return the program of a trace and its values for `batch` samples."""
        scalars = [scalar.to(self.device, self.real) for scalar in found.scalars]
        tensors = tuple(tensor.to(self.device, self.dtype) for tensor in found.tensors)
        batched = frozenset(i for i, scalar in enumerate(scalars) if scalar.dim())
        batched_tensors = frozenset(i for i, t in enumerate(tensors) if t.dim() > found.ranks[i])
        program = self.program(found.structure, wires, batched, batched_tensors, batch, measured)
        return program, ParameterValues(batch, self._shared(scalars), self._full(scalars, batch), tensors)

    def _shared(self, scalars: list[Tensor]) -> Tensor:
        if not scalars:
            return torch.zeros(0, dtype=self.real, device=self.device)
        return torch.stack([scalar if scalar.dim() == 0 else scalar[0] for scalar in scalars])

    def _full(self, scalars: list[Tensor], batch: int) -> Tensor:
        if not scalars:
            return torch.zeros(batch, 0, dtype=self.real, device=self.device)
        return torch.stack([scalar.expand(batch) for scalar in scalars], -1)


def _trim(cache: OrderedDict[Any, Any]) -> None:
    while len(cache) > CAPACITY:
        cache.popitem(last=False)
