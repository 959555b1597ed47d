"""Recognising diagonal feature maps (ZZ, IQP): layers of H on all wires, each followed by diagonal gates.

Each diagonal layer is a phase polynomial, theta(z) = sum_g a_g (-1)^parity(mask_g and z): CNOTs between the
phases only change the masks, controlled phases add some. Any other circuit is left to the general engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from qwatt.quantum.engine.lowering.basis import bit_of
from qwatt.quantum.engine.lowering.diagonal import parities
from qwatt.quantum.engine.lowering.primitives import (
    FixedMatrix,
    Flip,
    PhaseGate,
    Primitive,
    Swap,
    Unitary,
    wires_of,
)
from qwatt.quantum.engine.lowering.trace import Trace

MAX_CONTROLS = 4

Term = tuple[int, int, float]
"""(mask, scalar, coefficient): coefficient * scalar * (-1)^parity(mask and z)."""


@dataclass(frozen=True)
class PhasePolynomial:
    """One diagonal layer.

    Args:
        masks: distinct non-zero bit masks over basis indices, shape (terms,), int64.
        coefficients: a_g per sample, shape (batch, terms), or (1, terms) when all samples share them.
    """

    masks: Tensor
    coefficients: Tensor


def phase_polynomials(trace: Trace, wires: int) -> list[PhasePolynomial] | None:
    """Return the diagonal layers of a traced circuit, or None when it is not of that form.

    Global phases, and fixed gates after the last diagonal layer, are dropped: no overlap of two states of
    the same circuit depends on them.
    """
    reader = _Reader(wires)
    structure = trace.structure[: _last_phase(trace.structure) + 1]
    if not structure or not all(reader.read(primitive) for primitive in structure) or not reader.close():
        return None
    return [_polynomial(layer, trace.scalars) for layer in reader.layers]


def _last_phase(structure: tuple[Primitive, ...]) -> int:
    moving = [i for i, p in enumerate(structure) if not _is_fixed(p)]
    return moving[-1] if moving else -1


def _is_fixed(primitive: Primitive) -> bool:
    if isinstance(primitive, Unitary):
        return isinstance(primitive.source, FixedMatrix)
    return isinstance(primitive, Flip | Swap)


class _Reader:
    """Reads primitives in order; the wires' values are parities of the layer's basis index."""

    def __init__(self, wires: int) -> None:
        self.wires = wires
        self.layers: list[list[Term]] = []
        self._open()

    def _open(self) -> None:
        self.parities = [bit_of(w, self.wires) for w in range(self.wires)]
        self.inverted = [False] * self.wires
        self.had_hadamard: set[int] = set()
        self.touched: set[int] = set()
        self.terms: list[Term] = []

    def close(self) -> bool:
        """End a layer: every wire must have had its H."""
        self.layers.append(self.terms)
        return len(self.had_hadamard) == self.wires

    def read(self, primitive: Primitive) -> bool:
        """Take one primitive; False when the circuit is not of the form."""
        match primitive:
            case PhaseGate():
                return self._phase(primitive)
            case Flip(target, controls) if len(controls) <= 1:
                self._flip(target, controls)
                return True
            case Swap(first, second, ()):
                self._exchange(first, second)
                return True
            case Unitary(FixedMatrix() as source, (wire,), ()) if _is_hadamard(source):
                return self._hadamard(wire)
        return False

    def _hadamard(self, wire: int) -> bool:
        if wire in self.touched or wire in self.had_hadamard:
            unmoved = self.parities == [bit_of(w, self.wires) for w in range(self.wires)]
            if not unmoved or any(self.inverted) or not self.close():
                return False
            self._open()
        self.had_hadamard.add(wire)
        return True

    def _flip(self, target: int, controls: tuple[tuple[int, bool], ...]) -> None:
        self.touched.add(target)
        if not controls:
            self.inverted[target] ^= True
            return
        (control, wanted) = controls[0]
        self.touched.add(control)
        self.parities[target] ^= self.parities[control]
        self.inverted[target] ^= self.inverted[control] ^ (not wanted)

    def _exchange(self, first: int, second: int) -> None:
        parities, inverted = self.parities, self.inverted
        parities[first], parities[second] = parities[second], parities[first]
        inverted[first], inverted[second] = inverted[second], inverted[first]
        self.touched |= {first, second}

    def _phase(self, gate: PhaseGate) -> bool:
        """Write the gate's parities of the wires' values as parities of the layer's basis index."""
        if len(set(gate.controls)) > MAX_CONTROLS:
            return False
        self.touched |= wires_of(gate)
        for wires, coefficient in parities(gate, self.wires).items():
            mask, sign = 0, coefficient
            for wire in range(self.wires):
                if wires & bit_of(wire, self.wires):
                    mask ^= self.parities[wire]
                    sign = -sign if self.inverted[wire] else sign
            if mask:
                self.terms.append((mask, gate.scalar, sign))
        return True


def _is_hadamard(source: FixedMatrix) -> bool:
    root = 0.5**0.5
    wanted = ((root, root), (root, -root))
    return len(source.rows) == 2 and all(
        abs(z - w) < 1e-12
        for row, other in zip(source.rows, wanted, strict=True)
        for z, w in zip(row, other, strict=True)
    )


def _polynomial(terms: Sequence[Term], scalars: Sequence[Tensor]) -> PhasePolynomial:
    """Add up the terms of equal mask; a_g is taken modulo pi, which changes only the global phase."""
    masks = sorted({mask for mask, _, _ in terms})
    place = {mask: i for i, mask in enumerate(masks)}
    batch = max([s.shape[0] for s in (scalars[i] for _, i, _ in terms) if s.ndim], default=1)
    table = torch.zeros(len(terms), len(masks), dtype=torch.float64)
    for row, (mask, _, coefficient) in enumerate(terms):
        table[row, place[mask]] = coefficient
    if not terms:
        return PhasePolynomial(torch.zeros(0, dtype=torch.int64), torch.zeros(1, 0, dtype=torch.float64))
    angles = torch.stack([scalars[i].detach().expand(batch) for _, i, _ in terms], dim=1)
    total = angles @ table.to(angles.device)
    return PhasePolynomial(
        torch.tensor(masks), torch.remainder(total + torch.pi / 2, torch.pi) - torch.pi / 2
    )
