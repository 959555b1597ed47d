"""Noisy simulation of a catalogued gate-model QPU with its published error rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.progress import told
from qwatt.core.registry import backend
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.backends.overlap import inverse_circuit
from qwatt.quantum.backends.spec import read_spec
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives.bill import BILL_SHOTS

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuit import Array, Given
    from qwatt.quantum.noise.native import NativeCircuit

Simulator = Literal["auto", "density", "trajectories", "aer", "mixed"]
DENSITY_WIRES = {"density": 11, "aer": 12, "mixed": 7}
"""Widest circuits of the exact simulators: 4**wires numbers must fit in memory and patience."""
AUTO_DENSITY_WIRES = 8
"""Up to here `auto` is exact; beyond it samples trajectories."""
AUTO_KERNEL_WIRES = 10
"""The same for a kernel, which is exact at the price of one simulation a sample."""
TRAJECTORY_WIRES = 22


class NoisyBackend(QuantumBackend):
    """Runs circuits as a QPU would, with depolarising gates, read-out flips and relaxing idle qubits.

    The terms are those of `qwatt.quantum.noise.rates`. Crosstalk, leakage, drift, coherent errors, the
    layout on good or bad qubits and routing are not modelled.

    Args:
        qpu: id in the catalogue, such as "ibm_kingston".
        simulator: "density" (exact, Pauli basis), "trajectories" (Pauli-twirled relaxation), "aer" (exact,
            by Qiskit Aer, extra `noise`), "mixed" (exact, by PennyLane's default.mixed), or "auto".
        trajectories: sampled error patterns a circuit; the default is 256, fewer above 17 wires, 32 at least.
        ignore_missing: count unpublished errors as none.
        bill_shots: shots per circuit that exact values are billed at.

    Raises:
        QwattError: no such QPU, not a gate-model one, or an error that nobody has published.
    """

    def __init__(
        self,
        qpu: str,
        simulator: Simulator = "auto",
        trajectories: int | None = None,
        ignore_missing: bool = False,
        bill_shots: int = BILL_SHOTS,
    ) -> None:
        from qwatt.quantum.noise.rates import error_rates

        super().__init__(bill_shots)
        self.rates = error_rates(qpu, ignore_missing)
        self.simulator = simulator
        self.trajectories = trajectories

    @property
    def name(self) -> str:
        """Name to record; options appear where they are not the default."""
        options = {
            "simulator": "" if self.simulator == "auto" else self.simulator,
            "trajectories": self.trajectories or "",
            "missing": "ignore" if self.rates.missing else "",
        }
        tail = "&".join(f"{key}={value}" for key, value in options.items() if value)
        return f"noisy:{self.rates.qpu}" + (f"?{tail}" if tail else "")

    def _probs(self, circuit: Circuit, inputs: Given, weights: Given) -> torch.Tensor:
        import torch

        rows = None if inputs is None else np.atleast_2d(np.asarray(torch.as_tensor(inputs).detach().cpu()))
        simulator = self._chosen(circuit.wires)
        width = circuit.wires if simulator == "trajectories" else 2 * circuit.wires
        step = max(1, 2**22 // 2**width)
        parts = [None] if rows is None else [rows[at : at + step] for at in range(0, len(rows), step)]
        found = np.concatenate([self._part(circuit, part, weights, simulator) for part in parts])
        return torch.as_tensor(found, dtype=torch.float32)

    def _part(self, circuit: Circuit, rows: Given, weights: Given, simulator: str) -> NDArray[np.float64]:
        from qwatt.quantum.noise.native import lower, single

        native = lower(circuit, rows, weights)
        if simulator == "density":
            from qwatt.quantum.noise.pauli_transfer import pauli_transfer_probs

            return pauli_transfer_probs(native, self.rates)
        rows_told = told(range(native.batch), "noisy circuits", every=1)
        return np.stack([self._one(single(native, row), simulator) for row in rows_told])

    def _one(self, native: NativeCircuit, simulator: str) -> NDArray[np.float64]:
        if simulator == "aer":
            from qwatt.quantum.noise.aer import aer_probs

            return aer_probs(native, self.rates)
        if simulator == "mixed":
            from qwatt.quantum.noise.mixed import mixed_probs

            return mixed_probs(native, self.rates)
        from qwatt.quantum.noise.trajectories import trajectory_probs

        runs = self.trajectories or int(np.clip(2**25 >> native.wires, 32, 256))
        return trajectory_probs(native, self.rates, runs, self.rng)

    def _overlaps(
        self, circuit: Circuit, x: Array, y: Array | None, shots: int | None, rng: np.random.Generator
    ) -> torch.Tensor:
        import torch

        if self._chosen(circuit.wires, AUTO_KERNEL_WIRES) != "density":
            return super()._overlaps(circuit, x, y, shots, rng)
        found = self._density_overlaps(circuit, np.asarray(x), np.asarray(x if y is None else y))
        chances = np.clip(found, 0.0, 1.0)
        values = chances if shots is None else rng.binomial(shots, chances) / shots
        return torch.as_tensor(values, dtype=torch.float32)

    def _density_overlaps(self, circuit: Circuit, x: Array, y: Array) -> NDArray[np.float64]:
        from qwatt.quantum.noise.native import lower
        from qwatt.quantum.noise.pauli_transfer import pauli_transfer_overlaps

        step, inverse = max(1, 2**25 // 4**circuit.wires), inverse_circuit(circuit)
        found = np.empty((len(x), len(y)))
        for row in range(0, len(x), step):
            first = lower(circuit, x[row : row + step], None)
            for column in range(0, len(y), step):
                second = lower(inverse, y[column : column + step], None)
                block = pauli_transfer_overlaps(first, second, self.rates)
                found[row : row + step, column : column + step] = block
        return found

    def _chosen(self, wires: int, auto: int = AUTO_DENSITY_WIRES) -> str:
        chosen: str = self.simulator
        if chosen == "auto":
            chosen = "density" if wires <= auto else "trajectories"
        widest = DENSITY_WIRES.get(chosen, TRAJECTORY_WIRES)
        if wires > widest:
            raise QwattError(
                f"{wires} wires are too many for noisy simulation by {chosen} ({widest} at most)",
                where=self.name,
                mend="use fewer wires, or qwatt.quantum.noise.survival for the error-free probability",
            )
        return chosen


@backend("noisy")
def noisy(argument: str | None) -> NoisyBackend:
    """Build a noisy backend from "QPU_ID", with ?simulator=, &trajectories= and &missing=ignore."""
    head, options = read_spec(argument, ("simulator", "trajectories", "missing"), "noisy")
    if not head:
        raise QwattError("which QPU?", where="noisy", mend="write noisy:QPU_ID, such as noisy:ibm_kingston")
    simulator, count = options.get("simulator", "auto"), options.get("trajectories")
    if simulator not in get_args(Simulator):
        raise unknown_name("simulator", simulator, get_args(Simulator), where="noisy")
    if count is not None and not (count.isdigit() and int(count) > 0):
        raise QwattError(f"trajectories is a positive number, not {count!r}", where="noisy")
    if options.get("missing", "ignore") != "ignore":
        raise QwattError(f"missing is 'ignore' or absent, not {options['missing']!r}", where="noisy")
    chosen: Any = simulator
    return NoisyBackend(head, chosen, int(count) if count else None, "missing" in options)
