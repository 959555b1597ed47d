"""Fusion: a list of primitives becomes few steps, each one pass over the state.

One-qubit gates wait on their wire until an entangling gate needs the wire; then all waiting wires go
into one layer. Permutations and diagonal gates that follow each other go into one monomial step.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qwatt.quantum.engine.lowering.diagonal import on_one_wire
from qwatt.quantum.engine.lowering.gate_chains import GateChain, Split, differs, rz, split_phases
from qwatt.quantum.engine.lowering.primitives import (
    DiagonalData,
    FixedMatrix,
    Flip,
    MatrixSource,
    PhaseGate,
    Preparation,
    Primitive,
    Rotation,
    Swap,
    Unitary,
    wires_of,
)
from qwatt.quantum.engine.lowering.steps import FusedCircuit, Layer, compose

PAULI_X = FixedMatrix(((0.0, 1.0), (1.0, 0.0)))


def fuse(
    structure: tuple[Primitive, ...], wires: int, batched: frozenset[int] = frozenset(), split: bool = False
) -> FusedCircuit:
    """Fuse the primitives of a circuit into few steps.

    Args:
        structure: the primitives, first applied first.
        wires: number of wires.
        batched: numbers of the scalars that differ from sample to sample.
        split: take RZ out of one-qubit gates where that leaves a layer real: a real matrix product costs half
            of a complex one, and the phases join the next monomial step. Pays for large states.
    """
    fuser = _Fuser(FusedCircuit(wires), batched, split)
    for primitive in structure:
        fuser.add(primitive)
    fuser.finish()
    return fuser.fused


@dataclass
class _Fuser:
    fused: FusedCircuit
    batched: frozenset[int]
    split: bool
    turning: dict[int, list[MatrixSource]] = field(default_factory=dict)
    diagonal: dict[int, list[PhaseGate]] = field(default_factory=dict)
    monomial: list[Flip | Swap | PhaseGate | DiagonalData] = field(default_factory=list)

    def add(self, primitive: Primitive) -> None:
        wires = wires_of(primitive)
        if isinstance(primitive, Preparation):
            self.fused.preparations.append(primitive)
        elif isinstance(primitive, PhaseGate) and not wires:
            self.fused.global_phases.append((primitive.scalar, primitive.coefficient))
        elif len(wires) == 1 and not isinstance(primitive, (Swap, DiagonalData)):
            self._add_single(primitive, next(iter(wires)))
        elif isinstance(primitive, Unitary):
            self._release(wires, diagonal_too=True)
            self._close_monomial()
            self.fused.steps.append(primitive)
        else:
            self._release(wires, diagonal_too=isinstance(primitive, (Flip, Swap)))
            self.monomial.append(primitive)

    def finish(self) -> None:
        self._flush_layer()
        self._release(frozenset(self.diagonal), diagonal_too=True)
        self._close_monomial()
        self._absorb_product()

    def _add_single(self, primitive: Flip | PhaseGate | Unitary, wire: int) -> None:
        if isinstance(primitive, PhaseGate):
            if wire in self.turning:
                self._turn(wire, self._phase_matrix(primitive))
            else:
                self.diagonal.setdefault(wire, []).append(primitive)
        elif isinstance(primitive, Unitary):
            self._turn(wire, primitive.source)
        elif wire in self.turning:
            self._turn(wire, PAULI_X)
        else:
            self._release(frozenset({wire}), diagonal_too=True)
            self.monomial.append(primitive)

    def _turn(self, wire: int, source: MatrixSource) -> None:
        earlier = [self._phase_matrix(phase) for phase in self.diagonal.pop(wire, [])]
        self.turning.setdefault(wire, []).extend([*earlier, source])

    def _phase_matrix(self, phase: PhaseGate) -> Rotation:
        low, high = on_one_wire(phase)
        self.fused.global_phases.append((phase.scalar, float(low + high) / 2))
        return Rotation(phase.scalar, None, None, float(high - low))

    def _release(self, wires: frozenset[int], *, diagonal_too: bool) -> None:
        if wires & self.turning.keys():
            self._flush_layer()
        if diagonal_too:
            for wire in wires & self.diagonal.keys():
                self._place_early(wire, self.diagonal.pop(wire))

    def _place_early(self, wire: int, phases: list[PhaseGate]) -> None:
        """Put phases right after the last gate on their wire, where phases of other wires join them."""
        touching = [place for place, gate in enumerate(self.monomial) if wire in wires_of(gate)]
        place = touching[-1] + 1 if touching else 0
        self.monomial[place:place] = phases

    def _flush_layer(self) -> None:
        chains = {wire: tuple(chain) for wire, chain in self.turning.items()}
        self.turning = {}
        parts = self._split_phases(chains)
        for wire, (before, _, _) in parts.items():
            self.monomial += [rz(turn, wire) for turn in before]
        self._close_monomial()
        chains.update({wire: turns for wire, (_, turns, _) in parts.items()})
        if chains:
            self.fused.steps.append(Layer(chains))
        for wire, (_, _, after) in parts.items():
            self.diagonal[wire] = [rz(turn, wire) for turn in after]

    def _split_phases(self, chains: dict[int, GateChain]) -> dict[int, Split]:
        """Return phases before, real turns and phases after, by wire; nothing unless all shared chains do."""
        started = self.fused.steps or self.monomial or self.fused.preparations
        if not (self.split and started):
            return {}
        shared = {wire: chain for wire, chain in chains.items() if not differs(chain, self.batched)}
        parts = {wire: split_phases(chain) for wire, chain in shared.items()}
        return {wire: part for wire, part in parts.items() if part} if all(parts.values()) else {}

    def _close_monomial(self) -> None:
        if self.monomial:
            step = compose(self.monomial, self.fused.wires)
            if step.source is not None or step.segments or step.data:
                self.fused.steps.append(step)
            self.monomial = []

    def _absorb_product(self) -> None:
        first = self.fused.steps[0] if self.fused.steps else None
        if not isinstance(first, Layer):
            return
        prepared = {wire for preparation in self.fused.preparations for wire in preparation.wires}
        del self.fused.steps[0]
        chains = first.chains
        self.fused.product = {wire: chain for wire, chain in chains.items() if wire not in prepared}
        rest = {wire: chain for wire, chain in chains.items() if wire in prepared}
        if rest:
            self.fused.steps.insert(0, Layer(rest))
