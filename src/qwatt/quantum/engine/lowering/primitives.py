"""The five primitives every circuit is lowered to, and how each is inverted and controlled."""

from __future__ import annotations

from dataclasses import dataclass, replace

Controls = tuple[tuple[int, bool], ...]
"""Control wires, each with the bit value it fires on."""


@dataclass(frozen=True)
class FixedMatrix:
    """A constant unitary, kept as nested tuples so that a structure can be hashed."""

    rows: tuple[tuple[complex, ...], ...]

    def inverse(self) -> FixedMatrix:
        """Return the conjugate transpose."""
        return FixedMatrix(
            tuple(tuple(z.conjugate() for z in column) for column in zip(*self.rows, strict=True))
        )


@dataclass(frozen=True)
class Rotation:
    """RZ(omega) RY(theta) RZ(phi), where each angle is `scale` times a scalar of the ledger (None: zero)."""

    phi: int | None
    theta: int | None
    omega: int | None
    scale: float = 1.0

    def inverse(self) -> Rotation:
        """Return RZ(-phi) RY(-theta) RZ(-omega)."""
        return Rotation(self.omega, self.theta, self.phi, -self.scale)


@dataclass(frozen=True)
class TensorMatrix:
    """A unitary given as data: tensor number `index` of the ledger."""

    index: int
    adjoint: bool = False

    def inverse(self) -> TensorMatrix:
        """Return the conjugate transpose."""
        return replace(self, adjoint=not self.adjoint)


MatrixSource = FixedMatrix | Rotation | TensorMatrix


@dataclass(frozen=True)
class Flip:
    """Pauli X on `target` where every control matches: a permutation of basis states."""

    target: int
    controls: Controls = ()


@dataclass(frozen=True)
class Swap:
    """Exchange of two wires where every control matches: a permutation of basis states."""

    first: int
    second: int
    controls: Controls = ()


@dataclass(frozen=True)
class PhaseGate:
    """exp(i * coefficient * scalar * (-1)^parity) where every control matches: a diagonal gate."""

    scalar: int
    coefficient: float
    parity: tuple[int, ...] = ()
    controls: Controls = ()


@dataclass(frozen=True)
class DiagonalData:
    """A diagonal gate given as data: tensor number `index` of the ledger holds its 2^k entries."""

    index: int
    wires: tuple[int, ...]
    conjugate: bool = False
    controls: Controls = ()


@dataclass(frozen=True)
class Unitary:
    """Any other gate: a matrix on `wires` where every control matches."""

    source: MatrixSource
    wires: tuple[int, ...]
    controls: Controls = ()


@dataclass(frozen=True)
class Preparation:
    """The amplitudes of `wires` at the start: tensor number `index` of the ledger; `real` if all are."""

    index: int
    wires: tuple[int, ...]
    real: bool = False


Primitive = Flip | Swap | PhaseGate | DiagonalData | Unitary | Preparation


def inverse_of(primitives: list[Primitive]) -> list[Primitive]:
    """Return the primitives that undo the given ones."""
    return [_inverse(primitive) for primitive in reversed(primitives)]


def _inverse(primitive: Primitive) -> Primitive:
    match primitive:
        case Flip() | Swap():
            return primitive
        case PhaseGate():
            return replace(primitive, coefficient=-primitive.coefficient)
        case DiagonalData():
            return replace(primitive, conjugate=not primitive.conjugate)
        case Unitary():
            return replace(primitive, source=primitive.source.inverse())
        case Preparation():
            raise ValueError("a state preparation has no inverse")


def controlled_by(primitives: list[Primitive], controls: Controls) -> list[Primitive]:
    """Return the primitives that act only where every control matches."""
    return [_controlled(primitive, controls) for primitive in primitives]


def _controlled(primitive: Primitive, controls: Controls) -> Primitive:
    if isinstance(primitive, Preparation):
        raise ValueError("a state preparation cannot be controlled")
    return replace(primitive, controls=primitive.controls + controls)


def wires_of(primitive: Primitive) -> frozenset[int]:
    """Return the wires a primitive acts on, its controls included."""
    match primitive:
        case Flip():
            own: tuple[int, ...] = (primitive.target,)
        case Swap():
            own = (primitive.first, primitive.second)
        case PhaseGate():
            own = primitive.parity
        case DiagonalData() | Unitary() | Preparation():
            own = primitive.wires
    controls = () if isinstance(primitive, Preparation) else primitive.controls
    return frozenset(own) | {wire for wire, _ in controls}
