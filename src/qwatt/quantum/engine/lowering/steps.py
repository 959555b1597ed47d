"""The steps of a fused circuit: layers of one-qubit gates, monomials, and other matrices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from qwatt.quantum.engine.lowering.basis import Index, basis
from qwatt.quantum.engine.lowering.diagonal import Generator, data_index, generator
from qwatt.quantum.engine.lowering.gate_chains import GateChain
from qwatt.quantum.engine.lowering.permutation import source_index
from qwatt.quantum.engine.lowering.primitives import (
    DiagonalData,
    Flip,
    PhaseGate,
    Preparation,
    Swap,
    Unitary,
    wires_of,
)


@dataclass(frozen=True)
class Layer:
    """One-qubit gates on several wires at once."""

    chains: dict[int, GateChain]


@dataclass(frozen=True)
class Monomial:
    """new[i] = exp(i * sum_k scalar_k * generator_k[i]) * data[i] * old[source[i]].

    Attributes:
        wires: number of wires.
        source: (2^wires,) or None for the identity.
        segments: diagonal gates, each group with the permutation that follows it (None: the identity).
        data: (tensor number, (2^wires,) position in it, conjugate) of diagonals given as data.
        touched: the wires that its gates act on.
    """

    wires: int
    source: Index | None
    segments: tuple[tuple[Index | None, tuple[PhaseGate, ...]], ...]
    data: tuple[tuple[int, Index, bool], ...]
    touched: frozenset[int] = frozenset()

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


@dataclass(frozen=True)
class Window:
    """Permutations and layers on few neighbouring wires, multiplied out to one matrix.

    Attributes:
        wires: the neighbours, first one most significant.
        parts: first one applied first: the source index of a permutation of the window's own basis states,
            or a layer's chains by wire.
    """

    wires: range
    parts: tuple[tuple[int, ...] | dict[int, GateChain], ...]

    @property
    def chains(self) -> list[GateChain]:
        """The chains of all its layers."""
        return [chain for part in self.parts if isinstance(part, dict) for chain in part.values()]


Step = Layer | Monomial | Unitary


@dataclass
class FusedCircuit:
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
    product: dict[int, GateChain] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    global_phases: list[tuple[int, float]] = field(default_factory=list)


def without_last_monomial(fused: FusedCircuit) -> tuple[FusedCircuit, Index | None]:
    """Return what reading probabilities needs, and the `source` index that these still need.

    Phases at the end change no probability, and a permutation at the end only renames the outcomes.
    """
    last = fused.steps[-1] if fused.steps else None
    if not isinstance(last, Monomial):
        return fused, None
    return replace(fused, steps=fused.steps[:-1]), last.source


def compose(gates: list[Flip | Swap | PhaseGate | DiagonalData], wires: int) -> Monomial:
    """Compose permutations and diagonal gates, first applied first, into one monomial step."""
    identity = basis(wires)
    source, data, segments, group = identity, [], [], []
    for gate in reversed(gates):
        if isinstance(gate, PhaseGate):
            group.append(gate)
        elif isinstance(gate, DiagonalData):
            data.append((gate.index, data_index(gate, source, wires), gate.conjugate))
        else:
            segments += [(source, tuple(group))] if group else []
            group, source = [], source_index(gate, wires, source)
    segments += [(source, tuple(group))] if group else []
    found = tuple((_moved(index, identity), phases) for index, phases in segments)
    touched = frozenset[int]().union(*map(wires_of, gates))
    return Monomial(wires, _moved(source, identity), found, tuple(data), touched)


def _moved(source: Index, identity: Index) -> Index | None:
    return None if np.array_equal(source, identity) else source
