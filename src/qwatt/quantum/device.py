"""The engine as a PennyLane device: `qml.device("qwatt.statevector", wires=n)`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pennylane as qml
import torch
from pennylane.devices import DeviceCapabilities, ExecutionConfig
from pennylane.devices.capabilities import ExecutionCondition, OperatorProperties
from pennylane.devices.default_qubit import (
    ALL_DQ_GATES,
    accepted_analytic_measurement,
    accepted_sample_measurement,
)
from pennylane.devices.modifiers import simulator_tracking, single_tape_support
from pennylane.devices.preprocess import (
    decompose,
    device_resolve_dynamic_wires,
    no_sampling,
    validate_device_wires,
    validate_measurements,
)
from pennylane.devices.qubit.simulate import measure_final_state
from pennylane.transforms import defer_measurements

from qwatt.quantum.engine.circuit.cache import ProgramCache
from qwatt.quantum.engine.circuit.tapes import final_state
from qwatt.quantum.engine.lowering.operators import RULES, runs_natively

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
BACKPROP_INTERFACES = (
    None,
    qml.math.Interface.TORCH,
    qml.math.Interface.AUTO,
)


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


@qml.transform  # type: ignore[untyped-decorator]
def expand_shadows(tape: Any) -> Any:
    """Split a batch into its samples where classical shadows are taken, which need a state without batch."""
    shadows = (qml.measurements.ClassicalShadowMP, qml.measurements.ShadowExpvalMP)
    if any(isinstance(measurement, shadows) for measurement in tape.measurements):
        return qml.transforms.broadcast_expand(tape)
    return (tape,), lambda results: results[0]


@simulator_tracking
@single_tape_support
class StateVectorDevice(qml.devices.Device):  # type: ignore[misc]
    """Exact state-vector simulation with finite shots, parameter broadcasting and torch back-propagation.

    With torch parameters and exact results the default `diff_method="best"` back-propagates; other interfaces
    and finite shots get parameter shifts.

    Args:
        wires: number of wires, or their labels.
        shots: number of shots; None for exact results.
        seed: of the sampling; "global" draws one from NumPy's global generator, None takes a fresh one.
        c_dtype: torch.complex128 or torch.complex64.
        torch_device: where to run: "cpu" or "cuda".
    """

    capabilities = _capabilities()

    def __init__(
        self,
        wires: Any = None,
        shots: int | None = None,
        seed: Any = "global",
        c_dtype: torch.dtype = torch.complex128,
        torch_device: str = "cpu",
    ) -> None:
        super().__init__(wires=wires, shots=shots)
        drawn = isinstance(seed, str) and seed == "global"
        self._rng = np.random.default_rng(np.random.randint(10_000_000) if drawn else seed)
        self._programs = ProgramCache(c_dtype, torch.device(torch_device))
        self._debugger: Any = None  # set by `qml.snapshots`

    @property
    def name(self) -> str:
        """The name the device is registered under."""
        return "qwatt.statevector"

    def supports_derivatives(
        self, execution_config: ExecutionConfig | None = None, circuit: Any = None
    ) -> bool:
        """Return whether back-propagation is possible: torch parameters and exact results.

        A circuit of plain numbers has nothing to differentiate, so that it may ask for it too.
        """
        if execution_config is None:
            return True
        wanted = execution_config.gradient_method in ("backprop", "best")
        plain = circuit is not None and execution_config.interface == qml.math.Interface.NUMPY
        possible = plain or execution_config.interface in BACKPROP_INTERFACES
        return bool(wanted and possible and not (circuit is not None and circuit.shots))

    def setup_execution_config(
        self, config: ExecutionConfig | None = None, circuit: Any = None
    ) -> ExecutionConfig:
        """Choose back-propagation where it is possible, and deferred measurements."""
        config = config or ExecutionConfig()
        if config.device_options:
            unknown = ", ".join(config.device_options)
            raise qml.exceptions.DeviceError(f"device option {unknown} not present on {self.name}")
        backprop = self.supports_derivatives(config, circuit)
        if config.gradient_method == "backprop" and not backprop:
            raise qml.exceptions.DeviceError(f"{self.name} back-propagates exact results through torch only")
        mcm = replace(config.mcm_config, mcm_method=config.mcm_config.mcm_method or "deferred")
        if mcm.mcm_method != "deferred":
            raise qml.exceptions.DeviceError(
                f"{self.name} does not run mcm_method {mcm.mcm_method}; it defers measurements ('deferred')"
            )
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
        program.add_transform(
            decompose,
            stopping_condition=runs_natively,
            device_wires=self.wires,
            target_gates=ALL_DQ_GATES,
            name=self.name,
        )
        program.add_transform(device_resolve_dynamic_wires, wires=self.wires, allow_resets=False)
        program.add_transform(validate_device_wires, self.wires, name=self.name)
        program.add_transform(
            validate_measurements,
            analytic_measurements=accepted_analytic_measurement,
            sample_measurements=accepted_sample_measurement,
            name=self.name,
        )
        program.add_transform(expand_shadows)
        if execution_config is not None and execution_config.gradient_method == "backprop":
            program.add_transform(no_sampling, name=f"backprop + {self.name}")
        return program

    def execute(self, circuits: Any, execution_config: ExecutionConfig | None = None) -> Any:
        """Run circuits and return their measurement results, as PennyLane's device interface asks."""
        config = execution_config or ExecutionConfig()
        mode = config.mcm_config.postselect_mode
        torch_asked = config.interface == qml.math.Interface.TORCH and config.gradient_method == "backprop"
        return tuple(self._run(circuit, mode, torch_asked) for circuit in circuits)

    def _run(self, circuit: Any, postselect_mode: str | None, torch_asked: bool) -> Any:
        tape = circuit.map_to_standard_wires()
        state, batched, shots = final_state(tape, self._programs, self._rng, postselect_mode, self._debugger)
        given = tape.get_parameters(trainable_only=False)
        found = state if torch_asked or any(map(torch.is_tensor, given)) else state.detach().cpu().numpy()
        return measure_final_state(tape.copy(shots=shots), found, batched, rng=self._rng)
