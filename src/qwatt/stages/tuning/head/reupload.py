"""The re-uploading quantum head (arXiv:2504.08732)."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend, exact_simulator
from qwatt.quantum.primitives import expectation, gradient
from qwatt.stages.tuning.head.adam import adam
from qwatt.stages.tuning.head.loaded_amplitudes import amplitudes, fit_amplitudes, loadable
from qwatt.stages.tuning.head.method import HeadMethod, class_scores
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors
from qwatt.stages.tuning.head.reupload_modules import (
    Modules,
    draw,
    encode,
    head_count,
    logits_of,
    loss_of,
    targets_of,
)

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuits import reupload as circuits
else:
    torch = lazy("torch")
    _engine = lazy("qwatt.quantum.engine")  # what the backend needs: imported before anything is measured
    circuits = lazy("qwatt.quantum.circuits.reupload")


_CIRCUIT = ("wires", "encoders", "reuploads", "layers", "connectivity")
"""Settings that a saved head needs to build its circuits anew."""


@method
class ReuploadHead(HeadMethod):
    """Amplitude-encoded module, ring CNOT-RY ansatz, N re-uploads, measured qubits, linear layer.

    The amplitudes are the whole embedding, as in the paper, or its leading whitened components beside a
    constant, which validates better; of more wires than they need the rest begins at zero. With E encoders
    each gives its share of the angles: how the paper merges them is not published. Trained end to end in
    simulation; labelled with finite shots. The QPU's bill holds what training on a QPU would take: two
    circuits a parameter, sentence and step.

    Two classes take the paper's single read-out. Up to one class a wire, each class reads its own wire in the
    same shots; with more, a head is trained for each class against the rest.
    """

    name = "reupload"
    kind = Kind.QUANTUM
    sources = ("arXiv:2504.08732 figures 1 to 3",)
    companions: ClassVar[tuple[str, ...]] = (
        "reupload-separable",
        "reupload-random",
        "linear-same-size",
        "logistic",
    )
    space = {
        "amplitudes": (16, 512, 32),
        "constant": (6.0, 3.0),
        "wires": (4, 5),
        "encoders": (1,),
        "reuploads": (2, 1, 3),
        "layers": (3, 2),
        "connectivity": (1, 2),
        "learning_rate": (0.05, 0.02, 0.1),
        "steps": (80,),
    }
    limits: ClassVar[Mapping[str, Limit]] = {
        "wires": (2, 20),
        "encoders": (1, 4),
        "reuploads": (1, 100),
        "layers": (1, 100),
        "connectivity": (1, 20),
    }
    reads_circuits = True
    assumes = "module 1 runs on the host, as in arXiv:2504.08732; module 2 is what the QPU executes"
    entangle: ClassVar[bool] = True
    reads_all: ClassVar[bool] = False
    """Whether all wires are read, and every logit weighs them all."""

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Encode the training sentences as amplitudes and train every head on the exact simulator."""
        modules = self.modules(loadable(problem), len(problem.classes), settings)
        with context.phase(Ring.LOADING, "compile"):
            simulator = exact_simulator(context)
            simulator.compiled(modules.first)
            simulator.compiled(modules.second)
        with context.phase(Ring.LOADING, "encode"):
            whole = problem.scale is None
            arrays, constant = fit_amplitudes(problem.train.vectors, settings, context.seed, whole)
            x = torch.from_numpy(amplitudes(arrays, constant, modules.first.n_inputs, problem.train.vectors))
        heads, losses = [], []
        for targets in targets_of(problem.train.labels, len(problem.classes), modules):
            weights = draw(modules, context.rng)
            losses += self.train(modules, weights, x, targets, settings, context)
            heads.append([tensor.detach().numpy() for tensor in weights])
        stacked = [np.stack(tensors) for tensors in zip(*heads, strict=True)]
        arrays |= dict(zip(("angles1", "angles2", "weight", "bias"), stacked, strict=True))
        trained = len(heads) * self.parameters(modules)
        plain = {name: settings[name] for name in _CIRCUIT}
        config = plain | {
            "amplitudes": modules.first.n_inputs,
            "constant": constant,
            "final_loss": losses[-1],
        }
        return self.model(problem, arrays, trained, shots=context.shots, **config)

    def train(
        self,
        modules: Modules,
        weights: list[torch.Tensor],
        x: torch.Tensor,
        targets: torch.Tensor,
        settings: Settings,
        context: Context,
    ) -> list[float]:
        """Train all angles and the linear layer in place by Adam on all sentences; return the loss by step.

        The gradient is cut between the modules, so that what a QPU would do has windows of its own.
        """
        backend, steps = exact_simulator(context), int(settings["steps"])
        optimiser = adam(weights, float(settings["learning_rate"]))
        angles1, angles2, weight, bias = weights
        losses = []
        for step in range(steps):
            with context.phase(Ring.LOADING, "encode"):
                encoded = encode(modules, angles1, x, backend)
                cut = encoded.detach().requires_grad_()
            with context.circuits():
                optimiser.zero_grad()
                z = backend.expval(modules.second, cut, angles2)
                loss = loss_of(logits_of(z, weight, bias), targets)
                loss.backward()  # type: ignore[no-untyped-call]
            with context.phase(Ring.LOADING, "encode"):
                encoded.backward(cut.grad)  # type: ignore[no-untyped-call]
                optimiser.step()
            losses.append(float(loss.detach()))
            context.progress(step + 1, steps, "steps")
        return losses

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return logits, measured with the context's shots on its backend."""
        values = vectors.shape[1] + bool(model.scale)
        arrays, backend, simulator = model.arrays, circuit_backend(context), exact_simulator(context)
        modules = self.modules(values, len(model.classes), model.config, arrays["weight"].shape[1])
        heads = zip(*(arrays[name] for name in ("angles1", "angles2", "weight", "bias")), strict=True)
        logits = []
        with torch.no_grad():
            with context.phase(Ring.LOADING, "encode"):
                constant, inputs = model.config["constant"], modules.first.n_inputs
                x = torch.from_numpy(amplitudes(arrays, constant, inputs, vectors))
            for angles1, angles2, weight, bias in heads:
                with context.phase(Ring.LOADING, "encode"):
                    encoded = encode(modules, torch.from_numpy(angles1), x, simulator)
                with context.circuits():
                    z = backend.expval(modules.second, encoded, angles2, shots=context.shots)
                logits.append(logits_of(z, torch.from_numpy(weight), torch.from_numpy(bias)).numpy())
        return class_scores(np.hstack(logits))

    def circuit_wires(self, model: HeadModel) -> int:
        """Return the qubits of module 2."""
        return int(model.config["wires"])

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill each step's circuits and parameter shifts."""
        modules = self.modules(loadable(problem), len(problem.classes), settings)
        heads, samples = head_count(len(problem.classes), modules), len(problem.train)
        times = heads * int(settings["steps"])
        step = expectation.demand(modules.second, samples, shots)
        step += gradient.demand(modules.second, samples, shots, weights=True, inputs=True)
        flops = sum(
            count
            * (
                expectation.simulation_flops(part, samples * times)
                + gradient.simulation_flops(part, samples * times)
            )
            for part, count in ((modules.first, modules.encoders), (modules.second, 1))
        )
        work = {"engine_call": 6.0 * times, "iteration": float(times)}
        return Effort(step.times(times), work, flops)

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Bill one circuit a sentence and head."""
        modules = self.modules(loadable(problem), len(problem.classes), settings)
        heads, parts = head_count(len(problem.classes), modules), (modules.first, modules.second)
        counts = modules.encoders, 1
        flops = sum(
            count * expectation.simulation_flops(part, heads * sentences)
            for part, count in zip(parts, counts, strict=True)
        )
        demand = expectation.demand(modules.second, sentences, shots)
        return Effort(demand.times(heads), {"engine_call": 2.0 * heads}, flops)

    def modules(
        self, dimensions: int, classes: int, settings: Settings, readouts: int | None = None
    ) -> Modules:
        """Build both circuits.

        Args:
            dimensions: values that there are to load, at least 3.
            classes: number of classes.
            settings: "amplitudes" and "encoders"; "wires", "reuploads", "layers", "connectivity" of module 2.
            readouts: of a head that was saved; None for those of a new one.
        """
        values, wires = min(int(settings["amplitudes"]), dimensions), int(settings["wires"])
        encoders = min(int(settings.get("encoders", 1)), wires)  # heads saved before there were more have 1
        share = -(-wires // encoders)
        loading = max(2, (values - 1).bit_length(), share)
        layers, reach = int(settings["layers"]), min(int(settings["connectivity"]), wires - 1)
        own = classes if 2 < classes <= wires else 1
        if readouts is None:
            readouts = wires if self.reads_all else own
        outputs = 1 if classes == 2 else classes
        return Modules(
            circuits.amplitude_ring(loading, values, share, layers, self.entangle),
            circuits.reupload(wires, int(settings["reuploads"]), layers, reach, self.entangle, readouts),
            encoders,
            outputs if self.reads_all else own,
            self.reads_all,
        )

    def parameters(self, modules: Modules) -> int:
        """Count one head's trainable parameters: all angles, the layer's weights and a bias a logit."""
        angles = modules.encoders * prod(modules.first.weight_shape) + prod(modules.second.weight_shape)
        return angles + prod(modules.layer_shape) + modules.outputs
