"""The engine as a PennyLane device: `qml.device("qwatt.statevector", wires=n)`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pennylane as qml
import torch
from pennylane.devices import DeviceCapabilities, ExecutionConfig
from pennylane.devices.capabilities import ExecutionCondition, OperatorProperties
from pennylane.devices.default_qubit import accepted_analytic_measurement, accepted_sample_measurement
from pennylane.devices.modifiers import simulator_tracking, single_tape_support
from pennylane.devices.preprocess import (
    decompose,
    no_sampling,
    validate_device_wires,
    validate_measurements,
)
from pennylane.devices.qubit.simulate import measure_final_state
from pennylane.transforms import defer_measurements

from qwatt.quantum.engine.circuit.autograd import amplitudes
from qwatt.quantum.engine.circuit.cache import ProgramCache
from qwatt.quantum.engine.lowering.operators import RULES
from qwatt.quantum.engine.lowering.trace import trace_operators

OBSERVABLES = (
    "PauliX",
    "PauliY",
    "PauliZ",
    "Hadamard",
    "Hermitian",
    "Identity",
    "Projector",
    "Prod",
    "SProd",
    "Sum",
)
TORCH_INTERFACES = (None, qml.math.Interface.TORCH, qml.math.Interface.AUTO)


def _capabilities() -> DeviceCapabilities:
    """Declare what the device takes: every gate with a rule, all measurements, shots, broadcasting."""
    anything = OperatorProperties(invertible=True, controllable=True, differentiable=True)
    analytic, sampled = [ExecutionCondition.ANALYTIC_MODE_ONLY], [ExecutionCondition.FINITE_SHOTS_ONLY]
    return DeviceCapabilities(
        operations=dict.fromkeys(RULES, anything),
        observables=dict.fromkeys(OBSERVABLES, anything),
        measurement_processes={
            **{name: [] for name in ("ExpectationMP", "VarianceMP", "ProbabilityMP")},
            **dict.fromkeys(("StateMP", "DensityMatrixMP", "PurityMP", "VnEntropyMP"), analytic),
            **dict.fromkeys(("SampleMP", "CountsMP"), sampled),
        },
        non_commuting_observables=True,
        initial_state_prep=True,
    )


def runs_natively(operator: Any) -> bool:
    """Return whether the engine takes the operator as it is; anything else PennyLane decomposes first."""
    return operator.name in RULES or operator.has_matrix


@simulator_tracking
@single_tape_support
class StateVectorDevice(qml.devices.Device):  # type: ignore[misc]
    """Exact state-vector simulation with finite shots, parameter broadcasting and torch back-propagation.

    With torch parameters and exact results the default `diff_method="best"` back-propagates; other interfaces
    and finite shots get parameter shifts.

    Args:
        wires: number of wires, or their labels.
        shots: number of shots; None for exact results.
        seed: of the sampling; None for a fresh one.
        c_dtype: torch.complex128 or torch.complex64.
        torch_device: where to run: "cpu" or "cuda".
    """

    capabilities = _capabilities()

    def __init__(
        self,
        wires: Any = None,
        shots: int | None = None,
        seed: int | None = None,
        c_dtype: torch.dtype = torch.complex128,
        torch_device: str = "cpu",
    ) -> None:
        super().__init__(wires=wires, shots=shots)
        self._rng = np.random.default_rng(seed)
        self._programs = ProgramCache(c_dtype, torch.device(torch_device))

    @property
    def name(self) -> str:
        """The name the device is registered under."""
        return "qwatt.statevector"

    def supports_derivatives(
        self, execution_config: ExecutionConfig | None = None, circuit: Any = None
    ) -> bool:
        """Return whether back-propagation is possible: torch parameters and exact results."""
        if execution_config is None:
            return True
        wanted = execution_config.gradient_method in ("backprop", "best")
        through_torch = execution_config.interface in TORCH_INTERFACES
        return bool(wanted and through_torch and not (circuit is not None and circuit.shots))

    def setup_execution_config(
        self, config: ExecutionConfig | None = None, circuit: Any = None
    ) -> ExecutionConfig:
        """Choose back-propagation where it is possible, and deferred measurements."""
        config = config or ExecutionConfig()
        backprop = self.supports_derivatives(config, circuit)
        if config.gradient_method == "backprop" and not backprop:
            raise qml.exceptions.DeviceError(f"{self.name} back-propagates exact results through torch only")
        mcm = replace(config.mcm_config, mcm_method=config.mcm_config.mcm_method or "deferred")
        if mcm.mcm_method != "deferred":
            raise qml.exceptions.DeviceError(f"{self.name} only defers mid-circuit measurements")
        return replace(
            config,
            gradient_method="backprop" if backprop else config.gradient_method,
            use_device_gradient=backprop,
            use_device_jacobian_product=False,
            grad_on_execution=False,
            mcm_config=mcm,
        )

    def preprocess_transforms(self, execution_config: ExecutionConfig | None = None) -> Any:
        """Return the pipeline: defer measurements, decompose to what the engine takes, check the rest."""
        program = qml.CompilePipeline()
        program.add_transform(defer_measurements, allow_postselect=True)
        program.add_transform(validate_device_wires, self.wires, name=self.name)
        program.add_transform(decompose, stopping_condition=runs_natively, name=self.name)
        program.add_transform(
            validate_measurements,
            analytic_measurements=accepted_analytic_measurement,
            sample_measurements=accepted_sample_measurement,
            name=self.name,
        )
        if execution_config is not None and execution_config.gradient_method == "backprop":
            program.add_transform(no_sampling, name=f"backprop + {self.name}")
        return program

    def execute(self, circuits: Any, execution_config: ExecutionConfig | None = None) -> Any:
        """Run circuits and return their measurement results, as PennyLane's device interface asks."""
        return tuple(self._run(circuit) for circuit in circuits)

    def _run(self, circuit: Any) -> Any:
        order = list(self.wires) if self.wires is not None else list(circuit.wires)
        used = [wire for wire in order if wire in circuit.wires] or order[:1]
        (mapped,), _ = qml.map_wires(circuit, {wire: i for i, wire in enumerate(used)})
        found = trace_operators(mapped.operations, len(used))
        batch = mapped.batch_size or 1
        program, values = self._programs.ready(found, len(used), batch)
        state = amplitudes(program, values).mT.reshape(batch, *[2] * len(used))
        through_torch = any(torch.is_tensor(x) for x in mapped.get_parameters(trainable_only=False))
        final = state if through_torch else state.detach().cpu().numpy()
        batched = mapped.batch_size is not None
        return measure_final_state(mapped, final if batched else final[0], batched, rng=self._rng)
