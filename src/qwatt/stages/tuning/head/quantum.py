"""What the re-uploading head and its controls share: training, finite-shot scoring, the QPU's bill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Context, Effort, Plan, Ring, Settings
from qwatt.stages.tuning.head.circuits import HeadCircuits, head_circuits
from qwatt.stages.tuning.head.diagnostics import other_readouts
from qwatt.stages.tuning.head.features import Features, feature_count
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem, Part, Vectors

if TYPE_CHECKING:
    from qwatt.stages.tuning.head.model import HeadWeights


class CircuitHead(HeadMethod):
    """A head made of circuits; subclasses say whether they entangle and whether the angles are trained."""

    entangle: ClassVar[bool] = True
    frozen: ClassVar[bool] = False

    def circuits(self, problem: HeadProblem, settings: Settings) -> HeadCircuits:
        """Return the circuits for the problem's embedding length."""
        return head_circuits(feature_count(problem.train.vectors.shape[1], settings), settings, self.entangle)

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadAnswer:
        """Train end to end on the exact simulator; score with the trial's shots on its backend."""
        from qwatt.quantum.backends import exact_simulator
        from qwatt.stages.tuning.head.model import HeadWeights, Trainer

        circuits = self.circuits(problem, settings)
        with context.phase(Ring.LOADING, "compile"):
            from qwatt.quantum.engine import compile_circuit

            compile_circuit(circuits.module1)
            compile_circuit(circuits.module2)
        with context.phase(Ring.LOADING, "encode"):
            features = Features.fit(problem.train.vectors, settings, context.seed)
            values = features.transform(problem.train.vectors)
        weights = HeadWeights.draw(circuits, context)
        trainer = Trainer(circuits, exact_simulator(context), settings, context)
        train = trainer.readout_alone if self.frozen else trainer.end_to_end
        losses = train(weights, values, problem.train.labels)

        def scores(vectors: Vectors) -> NDArray[np.float64]:
            with context.phase(Ring.LOADING, "encode"):
                values = features.transform(vectors)
            return score(circuits, weights, values, context)

        def diagnose(part: Part) -> dict[str, Any]:
            values = Part(features.transform(part.vectors), part.labels)
            found = other_readouts(circuits, weights, values, context.shots)
            return {"final_loss": losses[-1]} | found

        return HeadAnswer(
            scores,
            scores(problem.validation.vectors),
            parameters=2 if self.frozen else HeadWeights.count(circuits),
            diagnostics=diagnose,
        )

    def plan(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Plan:
        """Bill module 2: each training step's circuits and parameter shifts, then scoring."""
        from qwatt.quantum.primitives import expectation, gradient

        circuits = self.circuits(problem, settings)
        circuit = circuits.module2
        samples = len(problem.train)
        step = expectation.demand(circuit, samples, shots)
        if not self.frozen:
            step += gradient.demand(circuit, samples, shots, weights=True, inputs=True)
        steps = 1 if self.frozen else int(settings["steps"])
        note = "module 1 runs on the host, as in arXiv:2504.08732; module 2 is what the QPU executes"
        both, validated, tested = (circuits.module1, circuit), len(problem.validation), len(problem.test)
        states = samples * steps + validated
        flops = sum(expectation.simulation_flops(part, states) for part in both)
        if not self.frozen:
            flops += sum(gradient.simulation_flops(part, samples * steps) for part in both)
        labelling = sum(expectation.simulation_flops(part, tested) for part in both)
        return Plan(
            Effort(step.times(steps) + expectation.demand(circuit, validated, shots), simulation_flops=flops),
            Effort(expectation.demand(circuit, tested, shots), simulation_flops=labelling),
            note=note,
        )


def score(
    circuits: HeadCircuits, weights: HeadWeights, values: Vectors, context: Context
) -> NDArray[np.float64]:
    """Return decision values of encoded sentences with the trial's shots on the trial's backend."""
    import torch

    from qwatt.quantum.backends import circuit_backend
    from qwatt.stages.tuning.head.model import encode

    backend = circuit_backend(context)
    with torch.no_grad():
        with context.phase(Ring.LOADING, "encode"):
            angles = encode(circuits, weights, torch.from_numpy(values))
        with context.circuits():
            z = backend.expval(circuits.module2, angles, weights.module2, shots=context.shots)[:, 0]
        scores = z * weights.readout[0] + weights.readout[1]
    return np.asarray(scores, dtype=float)
