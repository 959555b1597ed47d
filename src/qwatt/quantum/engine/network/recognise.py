"""Networks recognised: rotations of |0>, then layers of shared RY with phases and permutations between.

Every variational circuit of rotations and CNOT or CZ has this form once RZ is moved into the phases. All of
it is described by angles, and every angle is one affine function of inputs and weights, so that a call needs
one matrix-vector product to have them all, and one to take all their gradients back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qwatt.quantum.engine.circuit.parameters import AffineMap
from qwatt.quantum.engine.circuit.phases import DENSE_NUMBERS
from qwatt.quantum.engine.lowering.basis import Index
from qwatt.quantum.engine.lowering.embedding import EmbeddedInputs
from qwatt.quantum.engine.lowering.gate_chains import GateChain
from qwatt.quantum.engine.lowering.permutation import inverse_index
from qwatt.quantum.engine.lowering.primitives import Rotation
from qwatt.quantum.engine.lowering.steps import FusedCircuit, Layer, Monomial

Array = npt.NDArray[np.floating]
Turn = tuple[bool, int, float]
"""A rotation about Z (else Y) by `scale` times a scalar."""
Turns = list[tuple[int, int, float]]
"""Rotations about one axis: wire, scalar, scale."""


@dataclass(frozen=True)
class Join:
    """The monomial step before a layer: new[i] = exp(i phase[i]) old[source[i]].

    Attributes:
        source: (2^wires,), or None for the identity.
        back: the inverse of `source`.
        generators: (2^wires, own angles) gives the phases; None without phases.
    """

    source: Index | None = None
    back: Index | None = None
    generators: Array | None = None


@dataclass(frozen=True)
class Network:
    """A circuit as angles: `angles = offset + from_weights @ weights` in the order below.

    Attributes:
        wires: number of wires.
        stage_inputs: for each stage of rotations of |0>, about Y, Z, Y ... in turn, what the inputs add to
            its half angles, (wires, n_inputs), or None.
        joins: one for each layer.
        turned: the wires each layer turns.
        offset: half angles of stages (stages * wires), of layers (layers * wires), then all phase angles.
        from_weights: (angles, weights).
        embedding: the inputs as amplitudes of all wires; then there are no stages.
    """

    wires: int
    stage_inputs: tuple[Array | None, ...]
    joins: tuple[Join, ...]
    turned: tuple[frozenset[int], ...]
    offset: Array
    from_weights: Array
    embedding: EmbeddedInputs | None = None

    @property
    def real(self) -> bool:
        """Whether every amplitude is real."""
        return len(self.stage_inputs) < 2 and all(join.generators is None for join in self.joins)


def recognise(
    fused: FusedCircuit, affine: AffineMap, batched: frozenset[int], real: npt.DTypeLike
) -> Network | None:
    """Return a fused circuit as a network, its numbers of the dtype `real`; None if it is not one.

    Args:
        fused: made with `split`, without its last monomial.
        affine: how the scalars follow from inputs and weights.
        batched: numbers of the scalars that differ from sample to sample.
        real: real dtype of the tables.
    """
    pairs, embedding = _pairs(fused), _embedding(fused, affine)
    stages = [] if embedding else _stages(fused.product)
    if pairs is None or stages is None or (fused.preparations and not embedding):
        return None
    layers = [_layer(layer) for _, layer in pairs]
    phases = [step.scalars if step else () for step, _ in pairs]
    if not all(_shared(layer, batched) for layer in layers) or not _fits(phases, fused.wires, batched):
        return None
    count, (constant, inputs, weights) = len(affine.constant), _arrays(affine)
    rows = [_rows(turns, count, fused.wires) for turns in [*stages, *(layer or [] for layer in layers)]]
    matrix = np.concatenate([*rows, np.eye(count)[[number for found in phases for number in found]]])
    to_stages = [row @ inputs for row in rows[: len(stages)]]
    return Network(
        fused.wires,
        tuple(part.astype(real) if part.any() else None for part in to_stages),
        tuple(_join(step, real) for step, _ in pairs),
        tuple(frozenset(layer.chains) for _, layer in pairs),
        (matrix @ constant).astype(real),
        (matrix @ weights).astype(real),
        embedding,
    )


def _shared(layer: Turns | None, batched: frozenset[int]) -> bool:
    """Return whether a layer turns all samples alike."""
    return layer is not None and batched.isdisjoint(number for _, number, _ in layer)


def _fits(phases: list[tuple[int, ...]], wires: int, batched: frozenset[int]) -> bool:
    """Return whether the phases are the same for all samples and their generators small enough to store."""
    most = max(map(len, phases), default=0)
    return most << wires <= DENSE_NUMBERS and all(batched.isdisjoint(found) for found in phases)


def _arrays(affine: AffineMap) -> tuple[Array, Array, Array]:
    parts = affine.constant, affine.from_inputs, affine.from_weights
    constant, inputs, weights = (part.cpu().numpy().astype(np.float64) for part in parts)
    return constant, inputs, weights


def _embedding(fused: FusedCircuit, affine: AffineMap) -> EmbeddedInputs | None:
    """Return the embedding if the circuit starts with the inputs as amplitudes of all wires in order."""
    if len(fused.preparations) != 1 or fused.product:
        return None
    (preparation,) = fused.preparations
    in_order = preparation.wires == tuple(range(fused.wires))
    return affine.embeddings.get(preparation.index) if in_order else None


def _pairs(fused: FusedCircuit) -> list[tuple[Monomial | None, Layer]] | None:
    """Return the steps as layers, each with the monomial before it; None if they are anything else."""
    found: list[tuple[Monomial | None, Layer]] = []
    waiting: Monomial | None = None
    for step in fused.steps:
        if isinstance(step, Layer):
            found.append((waiting, step))
            waiting = None
        elif isinstance(step, Monomial) and waiting is None and not step.data:
            waiting = step
        else:
            return None
    return None if waiting else found


def _turns(chain: GateChain) -> list[Turn] | None:
    """Return a chain as rotations about Z and Y in turn; None if it holds another matrix."""
    found: list[Turn] = []
    for source in chain:
        if not isinstance(source, Rotation):
            return None
        parts = ((True, source.phi), (False, source.theta), (True, source.omega))
        found += [(about_z, number, source.scale) for about_z, number in parts if number is not None]
    return found


def _stages(chains: dict[int, GateChain]) -> list[Turns] | None:
    """Return stages about Y, Z, Y ... of (wire, scalar, scale); a first RZ only turns the phase of |0>."""
    stages: list[Turns] = [[]]
    for wire, chain in chains.items():
        turns = _turns(chain)
        if turns is None:
            return None
        place = 0
        for about_z, number, scale in turns[_leading_z(turns) :]:
            place += place % 2 != about_z
            stages += [[]] * (place >= len(stages))
            stages[place] = [*stages[place], (wire, number, scale)]
    return stages


def _leading_z(turns: list[Turn]) -> int:
    return next((place for place, (about_z, _, _) in enumerate(turns) if not about_z), len(turns))


def _layer(layer: Layer) -> Turns | None:
    found = []
    for wire, chain in layer.chains.items():
        turns = _turns(chain)
        if turns is None or any(about_z for about_z, _, _ in turns):
            return None
        found += [(wire, number, scale) for _, number, scale in turns]
    return found


def _rows(turns: Turns, count: int, wires: int) -> Array:
    """Return the matrix (wires, scalars) that gives the wires' half angles."""
    rows = np.zeros((wires, count))
    for wire, number, scale in turns:
        rows[wire, number] += scale / 2
    return rows


def _join(step: Monomial | None, real: npt.DTypeLike) -> Join:
    if step is None:
        return Join()
    back = None if step.source is None else inverse_index(step.source)
    columns = [step.generators[number] for number in step.scalars]
    return Join(step.source, back, np.stack(columns, 1).astype(real) if columns else None)
