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
        from qwatt.quantum.backends.bill import plan_circuits, plan_gradient

        circuit = self.circuits(problem, settings).module2
        samples = len(problem.train)
        step = plan_circuits(circuit, samples, shots)
        if not self.frozen:
            step += plan_gradient(circuit, samples, shots, weights=True, inputs=True)
        steps = 1 if self.frozen else int(settings["steps"])
        note = "module 1 runs on the host, as in arXiv:2504.08732; module 2 is what the QPU executes"
        training = step.times(steps) + plan_circuits(circuit, len(problem.validation), shots)
        one, tested = self._operations(problem, settings), len(problem.test)
        passes = 3.0 * samples * steps + len(problem.validation)
        return Plan(
            Effort(training, simulation_flops=passes * one),
            Effort(plan_circuits(circuit, tested, shots), simulation_flops=tested * one),
            note=note,
        )

    def _operations(self, problem: HeadProblem, settings: Settings) -> float:
        """Count operations of simulating both circuits for one sentence: about 8 an amplitude and gate."""
        from qwatt.quantum.demand import circuit_counts

        circuits = self.circuits(problem, settings)
        first, second = circuit_counts(circuits.module1), circuit_counts(circuits.module2)
        preparation = 2 ** (circuits.module1.wires + 1)
        gates1 = first.gates_1q + first.gates_2q - preparation
        gates2 = second.gates_1q + second.gates_2q
        states = gates1 * 2**circuits.module1.wires + gates2 * 2**circuits.module2.wires
        return 8.0 * float(states)


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
