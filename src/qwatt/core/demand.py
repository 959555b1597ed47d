"""What a QPU would have to execute: the bill of circuits and anneals, never the simulator's short cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class CircuitLine:
    """A number of circuits of one shape.

    Args:
        circuits: how many circuits.
        shots: shots of *each* circuit.
        qubits: wires of each circuit.
        gates_1q: one-qubit gates of each circuit.
        gates_2q: two-qubit gates of each circuit (three-qubit gates are decomposed first).
        depth: gate layers of each circuit.
        measurements: measured qubits of each circuit.
        note: what they are for, such as "kernel" or "gradient".
    """

    circuits: int
    shots: int
    qubits: int
    gates_1q: int
    gates_2q: int
    depth: int
    measurements: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class AnnealLine:
    """A number of QUBO problems sent to an annealer.

    Args:
        problems: how many problems are programmed.
        reads: reads of *each* problem.
        variables: binary variables of each problem.
        couplings: quadratic terms of each problem.
        note: what they are for.
    """

    problems: int
    reads: int
    variables: int
    couplings: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """The bill: lines of circuits and of anneals. Lines of equal shape are merged."""

    circuit_lines: tuple[CircuitLine, ...] = ()
    anneal_lines: tuple[AnnealLine, ...] = ()

    @classmethod
    def of(cls, *lines: CircuitLine | AnnealLine) -> Demand:
        """Build a bill from lines, merging those of equal shape and note."""
        circuits: dict[CircuitLine, int] = {}
        anneals: dict[AnnealLine, int] = {}
        for line in lines:
            if isinstance(line, CircuitLine):
                key = replace(line, circuits=0)
                circuits[key] = circuits.get(key, 0) + line.circuits
            else:
                anneal = replace(line, problems=0)
                anneals[anneal] = anneals.get(anneal, 0) + line.problems
        return cls(
            tuple(replace(k, circuits=n) for k, n in circuits.items() if n),
            tuple(replace(k, problems=n) for k, n in anneals.items() if n),
        )

    @classmethod
    def sum(cls, demands: Iterable[Demand]) -> Demand:
        """Add bills."""
        return cls.of(*(line for demand in demands for line in demand.lines))

    def __add__(self, other: Demand) -> Demand:
        return Demand.sum([self, other])

    def times(self, factor: int) -> Demand:
        """Return the bill of doing the same `factor` times."""
        return Demand.of(
            *(replace(c, circuits=c.circuits * factor) for c in self.circuit_lines),
            *(replace(a, problems=a.problems * factor) for a in self.anneal_lines),
        )

    @property
    def lines(self) -> list[CircuitLine | AnnealLine]:
        """All lines, circuits first."""
        return [*self.circuit_lines, *self.anneal_lines]

    def __bool__(self) -> bool:
        return bool(self.circuit_lines or self.anneal_lines)

    @property
    def circuits(self) -> int:
        """Number of circuits."""
        return sum(c.circuits for c in self.circuit_lines)

    @property
    def shots(self) -> int:
        """Total shots over all circuits."""
        return sum(c.circuits * c.shots for c in self.circuit_lines)

    @property
    def qubits(self) -> int:
        """Widest circuit, or largest anneal."""
        return max(
            [c.qubits for c in self.circuit_lines] + [a.variables for a in self.anneal_lines], default=0
        )

    @property
    def gates_1q(self) -> int:
        """One-qubit gates over all circuits, each circuit counted once whatever its shots."""
        return sum(c.circuits * c.gates_1q for c in self.circuit_lines)

    @property
    def gates_2q(self) -> int:
        """Two-qubit gates over all circuits, each circuit counted once whatever its shots."""
        return sum(c.circuits * c.gates_2q for c in self.circuit_lines)

    @property
    def depth(self) -> int:
        """Deepest circuit."""
        return max((c.depth for c in self.circuit_lines), default=0)

    @property
    def measurements(self) -> int:
        """Measured qubits over all circuits, each circuit counted once whatever its shots."""
        return sum(c.circuits * c.measurements for c in self.circuit_lines)

    @property
    def anneal_reads(self) -> int:
        """Total reads over all anneals."""
        return sum(a.problems * a.reads for a in self.anneal_lines)

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form: the eight totals, and the lines they were added up from."""
        totals = ("circuits", "shots", "qubits", "gates_1q", "gates_2q", "depth", "measurements")
        return {name: getattr(self, name) for name in (*totals, "anneal_reads")} | {
            "lines": [asdict(line) for line in self.lines]
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Demand:
        """Rebuild a bill from `to_record`'s form."""
        return cls.of(
            *(CircuitLine(**line) if "circuits" in line else AnnealLine(**line) for line in record["lines"])
        )
