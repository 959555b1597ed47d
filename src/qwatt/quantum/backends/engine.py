"""The default backend: the built-in batched state-vector engine on CPU or CUDA."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qwatt.core.backend import DemandRecorder
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.lazy import lazy
from qwatt.core.registry import backend
from qwatt.quantum.backends import sampling
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.backends.spec import read_spec
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives.bill import BILL_SHOTS

if TYPE_CHECKING:
    import dimod
    import torch

    from qwatt.quantum import engine as states
    from qwatt.quantum.circuit import Array, Given
    from qwatt.quantum.circuits.overlap import OverlapTest
    from qwatt.quantum.engine import CompiledCircuit
    from qwatt.quantum.engine.gates.loading import Gates
else:
    states = lazy("qwatt.quantum.engine")

QAOA_VARIABLES = 24
"""Widest QAOA: the cost vector and the state of 2**24 amplitudes take about half a gigabyte."""


class EngineBackend(QuantumBackend):
    """Exact states by `qwatt.quantum.engine`; finite shots are drawn from their probabilities.

    Exact values come back to where the caller's numbers are, whichever device computes them.

    Args:
        device: "cpu" or "cuda".
        dtype: "complex64" or "complex128".
        bill_shots: shots per circuit that exact values are billed at.
        recorder: takes the bill, where two backends work on one.
        gates: whether compiled loops run small circuits, "arrays", "auto" or "compiled". Trials keep to
            array operations unless asked: what a record says depends on no optional package then.
    """

    autograd: ClassVar[bool] = True
    batches_weights: ClassVar[bool] = True

    def __init__(
        self,
        device: str = "cpu",
        dtype: str = "complex64",
        bill_shots: int = BILL_SHOTS,
        recorder: DemandRecorder | None = None,
        gates: Gates = "arrays",
    ) -> None:
        super().__init__(bill_shots, recorder)
        self.device = device
        self.dtype = dtype
        self.gates: Gates = gates

    @property
    def name(self) -> str:
        """Name to record, with the device and options where they are not the default."""
        options = [f"dtype={self.dtype}"] if self.dtype != "complex64" else []
        options += ["gates=compiled"] if self.gates == "compiled" else []
        option = "?" + "&".join(options) if options else ""
        return "engine" if (self.device, option) == ("cpu", "") else f"engine:{self.device}{option}"

    def _there(self) -> str:
        """Return the device, on which something is about to be computed."""
        import torch

        if self.device != "cpu" and not torch.cuda.is_available():
            mend = "take --backend engine, or a machine with such a GPU and PyTorch for CUDA"
            raise QwattError("PyTorch finds no CUDA GPU here", where=f"backend {self.name}", mend=mend)
        return self.device

    def compiled(self, circuit: Circuit) -> CompiledCircuit:
        """Return the circuit ready to run, kept with it.

        Raises:
            QwattError: it is for a GPU, and there is none.
        """
        import torch

        dtype = getattr(torch, self.dtype)
        return states.compile_circuit(circuit, dtype=dtype, device=self._there(), gates=self.gates)

    def _real(self, values: Array) -> torch.Tensor:
        import torch

        from qwatt.quantum.engine.circuit.numbers import real_numbers

        real = torch.float32 if self.dtype == "complex64" else torch.float64
        return real_numbers("inputs or weights", values).to(dtype=real, device=self._there())

    def _given(self, values: Array | None) -> torch.Tensor | None:
        return None if values is None else self._real(values)

    def _probs(self, circuit: Circuit, inputs: Given, weights: Given) -> torch.Tensor:
        found = self.compiled(circuit).probs(self._given(inputs), self._given(weights))
        return found.to(_home(inputs, weights))

    def _expval(self, circuit: Circuit, inputs: Given, weights: Given) -> torch.Tensor:
        found = self.compiled(circuit).expval(self._given(inputs), self._given(weights))
        return found.to(_home(inputs, weights))

    def _drawn_z(
        self,
        circuit: Circuit,
        inputs: Given,
        weights: Given,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Draw one wire's ones, or how often each state of a few wires comes, not shot by shot."""
        if len(circuit.readout) > 1:
            if 1 << circuit.wires > shots:
                return super()._drawn_z(circuit, inputs, weights, shots, rng)
            counts = sampling.draw_counts(self._probs(circuit, inputs, weights), shots, rng)
            signs = 1.0 - 2.0 * sampling.bits(np.arange(1 << circuit.wires), circuit.wires, circuit.readout)
            return np.asarray(counts @ signs / shots, dtype=np.float64)
        exact = self._expval(circuit, inputs, weights).detach().cpu().numpy().astype(np.float64)
        return 1.0 - 2.0 * rng.binomial(shots, np.clip((1.0 - exact) / 2.0, 0.0, 1.0)) / shots

    def _searched(
        self,
        circuit: Circuit,
        marked: NDArray[np.bool_],
        iterations: int,
        oracle: str,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Draw from the closed form of the circuit's distribution."""
        from qwatt.quantum.circuits.grover import item_probabilities

        chances = item_probabilities(marked, iterations, oracle)
        return np.asarray(rng.multinomial(shots, chances), dtype=np.int64)

    def _overlaps(
        self, circuit: Circuit, x: Array, y: Array | None, shots: int | None, rng: np.random.Generator
    ) -> torch.Tensor:
        import torch

        from qwatt.quantum.engine.kernel.fidelity import fidelity_kernel

        dtype = getattr(torch, self.dtype)
        exact = fidelity_kernel(circuit, self._real(x), self._given(y), dtype=dtype, device=self._there())
        if shots is None:
            return exact
        chances = np.clip(exact.cpu().numpy().astype(np.float64), 0.0, 1.0)
        return torch.as_tensor(rng.binomial(shots, chances) / shots, dtype=exact.dtype)

    def _pair_overlaps(
        self,
        test: OverlapTest,
        x: NDArray[np.float64],
        left: NDArray[np.int64],
        right: NDArray[np.int64],
        shots: int | None,
        rng: np.random.Generator,
    ) -> torch.Tensor:
        """Find the exact overlaps from one state a sample; what is read of each pair is binomial."""
        import torch

        every = self._overlaps(test.encoding, x, None, None, rng).cpu().numpy().astype(np.float64)
        exact = np.where(left == right, 1.0, every[np.minimum(left, right), np.maximum(left, right)])
        if shots is None:
            return torch.as_tensor(exact)
        chances = np.clip(test.chance(exact), 0.0, 1.0)
        return torch.as_tensor(test.overlap(rng.binomial(shots, chances) / shots))

    def _ancilla_overlaps(
        self, test: OverlapTest, x: Array, y: Array, shots: int | None, rng: np.random.Generator
    ) -> torch.Tensor:
        """Find the exact overlap from the states themselves; the wire that is read is binomial."""
        import torch

        if test.kind == "swap":
            exact = self._overlaps(test.encoding, x, y, None, rng)
        else:
            unit = torch.nn.functional.normalize
            exact = unit(self._real(x)) @ unit(self._real(y)).T
        if shots is None:
            return exact
        chances = np.clip(test.chance(exact.cpu().numpy().astype(np.float64)), 0.0, 1.0)
        return torch.as_tensor(test.overlap(rng.binomial(shots, chances) / shots), dtype=exact.dtype)

    def _draw_qaoa(
        self,
        bqm: dimod.BinaryQuadraticModel,
        angles: NDArray[np.float64],
        ones: int | None,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        from qwatt.quantum.engine.qaoa.run import qaoa_probs

        cost = self._cost(bqm)
        gammas, betas = angles.tolist()
        mixer: Literal["x", "xy_ring"] = "x" if ones is None else "xy_ring"
        probs = qaoa_probs(cost, gammas, betas, mixer=mixer, weight=ones)
        return np.asarray(sampling.draw(probs.reshape(1, -1), shots, rng)[0], dtype=np.int64)

    def _draw_quench(
        self,
        bqm: dimod.BinaryQuadraticModel,
        starts: NDArray[np.int8],
        angles: tuple[float, float],
        steps: int,
        keeps_ones: bool,
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        import torch

        from qwatt.quantum.engine.qaoa.quench import quench_probs

        places = 1 << np.arange(bqm.num_variables, dtype=np.int64)[::-1]
        numbers = torch.as_tensor(starts.astype(np.int64) @ places)
        probs = quench_probs(self._cost(bqm), numbers, *angles, steps, keeps_ones)
        return sampling.draw(probs, 1, rng)[:, 0]

    def _cost(self, bqm: dimod.BinaryQuadraticModel) -> torch.Tensor:
        """Return the energies of all strings, in the backend's precision."""
        import torch

        from qwatt.quantum.engine.qaoa.cost import cost_vector

        if bqm.num_variables > QAOA_VARIABLES:
            raise QwattError(
                f"a QUBO of {bqm.num_variables} variables is too wide to simulate ({QAOA_VARIABLES} at most)",
                mend="split the problem, or use an annealing sampler",
            )
        real = torch.float32 if self.dtype == "complex64" else torch.float64
        return cost_vector(bqm, dtype=real, device=self._there())


def _home(*given: Given) -> torch.device | str:
    """Return the device of the first tensor; arrays are at home on the CPU."""
    return next((values.device for values in given if not isinstance(values, np.ndarray | None)), "cpu")


@backend("engine")
def engine(argument: str | None) -> EngineBackend:
    """Build the engine backend: "cpu" (default) or "cuda", optionally "?dtype=complex128&gates=compiled".

    Raises:
        QwattError: no such device or option, or compiled gates without numba.
    """
    head, options = read_spec(argument, ("dtype", "gates"), "engine")
    device, dtype = head or "cpu", options.get("dtype", "complex64")
    if device.partition(":")[0] not in ("cpu", "cuda"):
        raise unknown_name("device", device, ("cpu", "cuda"), where="engine")
    if dtype not in ("complex64", "complex128"):
        raise unknown_name("dtype", dtype, ("complex64", "complex128"), where="engine")
    if options.get("gates", "arrays") not in ("arrays", "compiled"):
        raise unknown_name("gates", options["gates"], ("arrays", "compiled"), where="engine")
    if options.get("gates") != "compiled":
        return EngineBackend(device, dtype)
    from qwatt.quantum.engine.gates.loading import KERNELS

    KERNELS.load("float32" if dtype == "complex64" else "float64")  # before anything is measured
    return EngineBackend(device, dtype, gates="compiled")
