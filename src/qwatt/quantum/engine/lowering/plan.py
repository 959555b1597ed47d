"""Planning: a list of primitives becomes few steps, each one pass over the state.

One-qubit gates wait on their wire until an entangling gate needs the wire; then all waiting wires go
into one layer. Permutations and diagonal gates that follow each other go into one monomial step.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from qwatt.quantum.engine.lowering.chains import Chain, differs, rz, split_phases
from qwatt.quantum.engine.lowering.diagonal import Generator, data_index, generator, on_one_wire
from qwatt.quantum.engine.lowering.permutation import Index, basis, source_index
from qwatt.quantum.engine.lowering.primitives import (
    DiagonalData,
    FixedMatrix,
    Flip,
    MatrixSource,
    Phase,
    Preparation,
    Primitive,
    Rotation,
    Swap,
    Unitary,
    wires_of,
)

PAULI_X = FixedMatrix(((0.0, 1.0), (1.0, 0.0)))


@dataclass(frozen=True)
class Layer:
    """One-qubit gates on several wires at once."""

    chains: dict[int, Chain]


@dataclass(frozen=True)
class Monomial:
    """new[i] = exp(i * sum_k scalar_k * generator_k[i]) * data[i] * old[source[i]].

    Attributes:
        wires: number of wires.
        source: (2^wires,) or None for the identity.
        segments: diagonal gates, each group with the permutation that follows it (None: the identity).
        data: (tensor number, (2^wires,) position in it, conjugate) of diagonals given as data.
    """

    wires: int
    source: Index | None
    segments: tuple[tuple[Index | None, tuple[Phase, ...]], ...]
    data: tuple[tuple[int, Index, bool], ...]

    @cached_property
    def scalars(self) -> tuple[int, ...]:
        """The numbers of the scalars in the phases."""
        return tuple(dict.fromkeys(gate.scalar for _, gates in self.segments for gate in gates))

    @cached_property
    def generators(self) -> dict[int, Generator]:
        """The diagonal generator (2^wires,) of each scalar, permutations included."""
        rows: dict[int, Generator] = {}
        for moved, gates in self.segments:
            index = basis(self.wires) if moved is None else moved
            for gate in gates:
                row = generator(gate, index, self.wires)
                rows[gate.scalar] = rows[gate.scalar] + row if gate.scalar in rows else row
        return rows


Step = Layer | Monomial | Unitary


@dataclass
class Plan:
    """The steps of one circuit structure.

    Attributes:
        wires: number of wires.
        preparations: amplitudes of disjoint wires at the start.
        product: chains acting on wires that still are in |0>.
        steps: the passes over the state.
        global_phases: (scalar number, coefficient) of exp(i * coefficient * scalar).
    """

    wires: int
    preparations: list[Preparation] = field(default_factory=list)
    product: dict[int, Chain] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    global_phases: list[tuple[int, float]] = field(default_factory=list)


def make_plan(
    structure: tuple[Primitive, ...], wires: int, batched: frozenset[int] = frozenset(), split: bool = False
) -> Plan:
    """Fuse the primitives of a circuit into a plan.

    Args:
        structure: the primitives, first applied first.
        wires: number of wires.
        batched: numbers of the scalars that differ from sample to sample.
        split: take RZ out of one-qubit gates where that leaves a layer real: a real matrix product costs half
            of a complex one, and the phases join the next monomial step. Pays for large states.
    """
    planner = _Planner(Plan(wires), batched, split)
    for primitive in structure:
        planner.add(primitive)
    planner.finish()
    return planner.plan


def without_last_monomial(plan: Plan) -> tuple[Plan, Index | None]:
    """Return a plan for reading probabilities, and the `source` index that its probabilities still need.

    Phases at the end change no probability, and a permutation at the end only renames the outcomes.
    """
    last = plan.steps[-1] if plan.steps else None
    if not isinstance(last, Monomial):
        return plan, None
    return replace(plan, steps=plan.steps[:-1]), last.source


@dataclass
class _Planner:
    plan: Plan
    batched: frozenset[int]
    split: bool
    turning: dict[int, list[MatrixSource]] = field(default_factory=dict)
    diagonal: dict[int, list[Phase]] = field(default_factory=dict)
    monomial: list[Flip | Swap | Phase | DiagonalData] = field(default_factory=list)

    def add(self, primitive: Primitive) -> None:
        wires = wires_of(primitive)
        if isinstance(primitive, Preparation):
            self.plan.preparations.append(primitive)
        elif isinstance(primitive, Phase) and not wires:
            self.plan.global_phases.append((primitive.scalar, primitive.coefficient))
        elif len(wires) == 1 and not isinstance(primitive, (Swap, DiagonalData)):
            self._add_single(primitive, next(iter(wires)))
        elif isinstance(primitive, Unitary):
            self._release(wires, diagonal_too=True)
            self._close_monomial()
            self.plan.steps.append(primitive)
        else:
            self._release(wires, diagonal_too=isinstance(primitive, (Flip, Swap)))
            self.monomial.append(primitive)

    def finish(self) -> None:
        self._flush_layer()
        self._release(frozenset(self.diagonal), diagonal_too=True)
        self._close_monomial()
        self._absorb_product()

    def _add_single(self, primitive: Flip | Phase | Unitary, wire: int) -> None:
        if isinstance(primitive, Phase):
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

    def _phase_matrix(self, phase: Phase) -> Rotation:
        low, high = on_one_wire(phase)
        self.plan.global_phases.append((phase.scalar, float(low + high) / 2))
        return Rotation(phase.scalar, None, None, float(high - low))

    def _release(self, wires: frozenset[int], *, diagonal_too: bool) -> None:
        if wires & self.turning.keys():
            self._flush_layer()
        if diagonal_too:
            for wire in wires & self.diagonal.keys():
                self._place_early(wire, self.diagonal.pop(wire))

    def _place_early(self, wire: int, phases: list[Phase]) -> None:
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
            self.plan.steps.append(Layer(chains))
        for wire, (_, _, after) in parts.items():
            self.diagonal[wire] = [rz(turn, wire) for turn in after]

    def _split_phases(self, chains: dict[int, Chain]) -> dict[int, tuple[Chain, Chain, Chain]]:
        """Return phases before, real turns and phases after, by wire; nothing unless all shared chains do."""
        started = self.plan.steps or self.monomial or self.plan.preparations
        if not (self.split and started):
            return {}
        shared = {wire: chain for wire, chain in chains.items() if not differs(chain, self.batched)}
        parts = {wire: split_phases(chain) for wire, chain in shared.items()}
        return {wire: part for wire, part in parts.items() if part} if all(parts.values()) else {}

    def _close_monomial(self) -> None:
        if self.monomial:
            step = _compose(self.monomial, self.plan.wires)
            if step.source is not None or step.segments or step.data:
                self.plan.steps.append(step)
            self.monomial = []

    def _absorb_product(self) -> None:
        first = self.plan.steps[0] if self.plan.steps else None
        if not isinstance(first, Layer):
            return
        prepared = {wire for preparation in self.plan.preparations for wire in preparation.wires}
        del self.plan.steps[0]
        chains = first.chains
        self.plan.product = {wire: chain for wire, chain in chains.items() if wire not in prepared}
        rest = {wire: chain for wire, chain in chains.items() if wire in prepared}
        if rest:
            self.plan.steps.insert(0, Layer(rest))


def _compose(gates: list[Flip | Swap | Phase | DiagonalData], wires: int) -> Monomial:
    """Compose permutations and diagonal gates, first applied first, into one monomial step."""
    identity = basis(wires)
    source, data, segments, group = identity, [], [], []
    for gate in reversed(gates):
        if isinstance(gate, Phase):
            group.append(gate)
        elif isinstance(gate, DiagonalData):
            data.append((gate.index, data_index(gate, source, wires), gate.conjugate))
        else:
            segments += [(source, tuple(group))] if group else []
            group, source = [], source_index(gate, wires, source)
    segments += [(source, tuple(group))] if group else []
    found = tuple((_moved(index, identity), phases) for index, phases in segments)
    return Monomial(wires, _moved(source, identity), found, tuple(data))


def _moved(source: Index, identity: Index) -> Index | None:
    return None if np.array_equal(source, identity) else source
