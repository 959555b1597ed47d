"""Adapters that turn each matrix' outputs by a circuit's real unitary matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend, exact_simulator
from qwatt.quantum.primitives import gradient
from qwatt.stages.tuning.adapt.rotated import RotatedMethod, Turns, block_wires
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.algorithms import real_tomography as tomography
    from qwatt.quantum.circuits import approximate
    from qwatt.torch import windowed
else:
    torch, windowed = lazy("torch"), lazy("qwatt.torch.windowed")
    tomography = lazy("qwatt.quantum.algorithms.real_tomography")
    approximate = lazy("qwatt.quantum.circuits.approximate")


@method
class CircuitUnitary(RotatedMethod):
    """O is the real matrix of a brickwork of RY and CZ, whose angles are trained with the gains.

    In the manner of the unitary adapters that ran on a QPU, but merged: the matrix is trained in exact
    simulation, and read in the end with finite shots, column by column with signs, and made orthogonal again.
    The bill holds what reading it at every step would take on a QPU, and at every shift of an angle.
    """

    name = "circuit-unitary"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2605.05914", "arXiv:2509.16244")
    companions: ClassVar[tuple[str, ...]] = (
        "circuit-unitary-separable",
        "circuit-unitary-random",
        "cayley",
        "lora",
    )
    entangle: ClassVar[bool] = True
    trains_angles: ClassVar[bool] = True

    def turns(self, setup: Setup, context: Context) -> Turns:
        """Return the circuits: with angles of 0 that are trained, or with drawn ones."""
        wires = [block_wires(matrix) for matrix in setup.pretrained.matrices]
        return CircuitTurns(wires, setup.shape.layers, self.entangle, self.trains_angles, context)

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Bill reading every matrix at every step, its shifts, and once in the end."""
        readings = setup.steps + 1 if self.trains_angles else 1
        training, flops, deep = [], 0.0, setup.shape.layers
        wires = [block_wires(matrix) for matrix in setup.pretrained.matrices]
        for count in wires if self.trains_angles else []:
            training.append(step_demand(count, deep, shots, self.entangle).times(setup.steps))
            circuit = approximate.turned_brickwork(count, deep, self.entangle)
            flops += gradient.simulation_flops(circuit, 2**count) * 1.5 * setup.steps
        last = Demand.sum(tomography.orthogonal_demand(count, deep, shots, self.entangle) for count in wires)
        calls = 3.0 * readings * len(set(wires)) + sum(count + 1.0 for count in wires)
        work = {"engine_call": calls, "random_draw": float(last.shots if shots else 0)}
        own = Effort(Demand.sum([*training, last]), work, flops)
        return super().adapter_effort(setup, shots) + own


def step_demand(wires: int, layers: int, shots: int | None, entangle: bool) -> Demand:
    """Return the bill of one step of one matrix: reading it, as it is and at both shifts of each angle."""
    circuit = approximate.turned_brickwork(wires, layers, entangle)
    reading = tomography.orthogonal_demand(wires, layers, shots, entangle)
    return Demand.sum([reading, gradient.demand(circuit, reading.circuits, shots)])


class CircuitTurns(Turns):
    """Matrices of brickworks, those of equally many wires simulated together.

    Args:
        wires: of each.
        layers: bricks.
        entangle: whether there are CZs.
        trained: whether the angles are; else they are drawn.
        context: the trial's backend, shots and windows.
    """

    def __init__(
        self, wires: Sequence[int], layers: int, entangle: bool, trained: bool, context: Context
    ) -> None:
        self._wires, self._layers, self._entangle, self._context = wires, layers, entangle, context
        self._angles = {}
        for count in sorted(set(wires)):
            shape = (wires.count(count), layers + 1, count)
            start = torch.zeros(shape) if trained else (2 * torch.rand(shape) - 1) * torch.pi
            self._angles[count] = torch.nn.Parameter(start, requires_grad=trained)
        with torch.no_grad():
            self._began = {count: self._simulated(count, start) for count, start in self._angles.items()}

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return the angles, if they are trained."""
        return [angles for angles in self._angles.values() if angles.requires_grad]

    def orthogonals(self) -> list[torch.Tensor]:
        """Simulate all matrices, differentiably."""
        found = {count: iter(self._simulated(count, angles)) for count, angles in self._angles.items()}
        for count, angles in self._angles.items():
            if angles.requires_grad and torch.is_grad_enabled():
                one = step_demand(count, self._layers, self._context.shots, self._entangle)
                circuit_backend(self._context).recorder.add(one.times(len(angles)))
        return [next(found[count]) for count in self._wires]

    def read(self) -> list[torch.Tensor]:
        """Read all matrices with the trial's shots."""
        found: dict[int, Any] = {}
        with self._context.circuits():
            for count, angles in self._angles.items():
                each = zip(angles.detach(), self._began[count], strict=True)
                found[count] = iter([self._read_one(one.double().numpy(), began) for one, began in each])
        return [torch.from_numpy(next(found[count])).float() for count in self._wires]

    def _read_one(self, angles: Any, began: torch.Tensor) -> Any:
        """Read one matrix; its sign as a whole is that of the start, which the host knows."""
        backend, context, like = circuit_backend(self._context), self._context, began.numpy()
        return tomography.read_orthogonal(
            backend, angles, context.shots, context.rng, like, entangle=self._entangle
        )

    def _simulated(self, wires: int, angles: torch.Tensor) -> torch.Tensor:
        """Return the matrices of one number of wires, shape (matrices, 2**wires, 2**wires)."""
        circuit = approximate.turned_brickwork(wires, self._layers, self._entangle)
        basis = torch.from_numpy(tomography.basis_angles(range(2**wires), wires)).float()
        inputs, simulator = basis.repeat(len(angles), 1), exact_simulator(self._context)

        def call(given: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
            each = weights.repeat_interleave(2**wires, dim=0)
            return simulator.compiled(circuit).states(given, each).real.to(given)

        columns = windowed.in_windows(call, self._context.circuits, inputs, angles)
        return columns.view(len(angles), 2**wires, 2**wires).transpose(1, 2)
