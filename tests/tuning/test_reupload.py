"""The re-uploading head: what it learns, how it is cut, and what it reads."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend
from qwatt.core.trial import TrialSpec
from qwatt.energy.meter import Meter
from qwatt.protocol.context import TrialContext
from qwatt.quantum.backends.engine import EngineBackend
from qwatt.stages.tuning.head.loaded_amplitudes import amplitudes, fit_amplitudes
from qwatt.stages.tuning.head.problem import HeadProblem
from qwatt.stages.tuning.head.random_circuit import RandomCircuitHead
from qwatt.stages.tuning.head.reupload import ReuploadHead
from qwatt.stages.tuning.head.reupload_modules import (
    Modules,
    draw,
    encode,
    head_count,
    logits_of,
    targets_of,
)
from qwatt.stages.tuning.head.score import other_readouts
from qwatt.stages.tuning.head.separable import SeparableHead
from qwatt.stages.tuning.head.task import HeadTask

SOURCE = "builtin:weather"
WHOLE = ReuploadHead.defaults() | {"amplitudes": 512}


@pytest.fixture(scope="module")
def problem() -> HeadProblem:
    return HeadTask().load(SOURCE, "xs", 0)


def context() -> TrialContext:
    return TrialContext(TrialSpec("tuning/head", "reupload", SOURCE, "xs", 0, "engine", 100, 1), Meter())


def trained(problem: HeadProblem, changes: dict[str, Any]) -> tuple[Modules, list[torch.Tensor], list[float]]:
    settings, head = WHOLE | changes, ReuploadHead()
    modules = head.modules(problem.dimensions, 2, settings)
    weights = draw(modules, np.random.default_rng(0))
    [targets] = targets_of(problem.train.labels, 2, modules)
    x = torch.from_numpy(problem.train.vectors)
    return modules, weights, head.train(modules, weights, x, targets, settings, context())


def test_training_lowers_the_loss(problem: HeadProblem) -> None:
    _, _, losses = trained(problem, {"steps": 30})
    assert losses[-1] < losses[0]


def test_the_cut_gradient_is_the_whole_gradient(problem: HeadProblem) -> None:
    """Cutting the graph between the modules, to meter them apart, must not change what is learnt."""
    modules, weights, _ = trained(problem, {"steps": 1, "learning_rate": 0.0})
    found = [tensor.grad.clone() for tensor in weights if tensor.grad is not None]
    assert len(found) == 4
    for tensor in weights:
        tensor.grad = None
    angles1, angles2, weight, bias = weights
    backend: Any = get_backend("engine")
    encoded = encode(modules, angles1, torch.from_numpy(problem.train.vectors), EngineBackend())
    z = backend.expval(modules.second, encoded, angles2)[:, 0]
    labels = torch.from_numpy(problem.train.labels).float()
    loss = binary_cross_entropy_with_logits(z * weight + bias, labels)
    loss.backward()  # type: ignore[no-untyped-call]
    for cut, tensor in zip(found, weights, strict=True):
        assert torch.allclose(cut, tensor.grad, atol=1e-6)


@pytest.mark.parametrize(("classes", "readouts", "heads"), [(2, 1, 1), (3, 3, 1), (4, 4, 1), (5, 1, 5)])
def test_a_class_reads_a_wire_of_its_own_or_a_head(classes: int, readouts: int, heads: int) -> None:
    head = ReuploadHead()
    modules = head.modules(16, classes, ReuploadHead.defaults())
    assert len(modules.second.readout) == readouts
    assert head_count(classes, modules) == heads
    angles = sum(int(np.prod(m.weight_shape)) for m in (modules.first, modules.second))
    assert head.parameters(modules) == angles + 2 * readouts
    labels = np.arange(classes)
    assert len(targets_of(labels, classes, modules)) == heads


def test_leading_components_beside_a_constant_are_encoded(problem: HeadProblem) -> None:
    settings = ReuploadHead.defaults() | {"amplitudes": 8, "constant": 3.0}
    modules = ReuploadHead().modules(problem.dimensions, 2, settings)
    arrays, constant = fit_amplitudes(problem.train.vectors, settings, 0)
    values = amplitudes(arrays, constant, modules.first.n_inputs, problem.train.vectors)
    assert values.shape == (len(problem.train), 8)
    assert np.allclose(values[:, :7].var(axis=0, ddof=1), 1.0, atol=1e-3)
    assert np.allclose(values[:, 7], 3.0 * np.linalg.norm(values[:, :7], axis=1), rtol=1e-5)


def test_shots_change_what_is_read_and_exact_values_do_not(problem: HeadProblem) -> None:
    head = ReuploadHead()
    exact = Unmetered(get_backend("engine"))
    model = head.fit(problem, ReuploadHead.defaults() | {"steps": 5}, exact)
    vectors = problem.test.vectors
    assert (head.decide(model, vectors, exact) == head.decide(model, vectors, exact)).all()
    drawn = head.decide(model, vectors, Unmetered(get_backend("engine"), 10_000))
    weight = float(np.abs(model.arrays["weight"]).max())
    difference = np.abs(drawn - head.decide(model, vectors, exact)).max()
    assert 0 < difference < weight * 5 / np.sqrt(10_000)


@pytest.mark.parametrize(
    ("wires", "encoders", "share", "loading"), [(4, 1, 4, 4), (7, 1, 7, 7), (6, 2, 3, 4)]
)
def test_encoders_share_out_the_angles_and_spare_wires_begin_at_zero(
    problem: HeadProblem, wires: int, encoders: int, share: int, loading: int
) -> None:
    settings = ReuploadHead.defaults() | {"wires": wires, "encoders": encoders}
    modules = ReuploadHead().modules(problem.dimensions, 2, settings)
    assert (modules.second.wires, len(modules.first.readout), modules.first.wires) == (wires, share, loading)
    angles1, angles2, *_ = draw(modules, np.random.default_rng(0))
    assert angles1.numel() + angles2.numel() + 2 == ReuploadHead().parameters(modules)
    x = torch.rand(3, modules.first.n_inputs)
    whole = encode(modules, angles1, x, EngineBackend())
    assert whole.shape == (3, wires)
    alone = Modules(modules.first, modules.second)
    for number, own in enumerate(angles1):
        part = encode(alone, own, x, EngineBackend())[:, :share]
        assert torch.allclose(whole[:, number * share : (number + 1) * share], part, atol=1e-6)


def test_a_head_saved_before_there_were_encoders_still_decides(problem: HeadProblem) -> None:
    head, exact = ReuploadHead(), Unmetered(get_backend("engine"))
    model = head.fit(problem, ReuploadHead.defaults() | {"steps": 2}, exact)
    wanted = head.decide(model, problem.test.vectors, exact)
    del model.config["encoders"]
    model.arrays["angles1"] = model.arrays["angles1"][:, 0]
    assert (head.decide(model, problem.test.vectors, exact) == wanted).all()


@pytest.mark.parametrize(("wires", "simulated"), [(3, True), (9, False)])
def test_noise_is_simulated_beside_a_trial_where_it_is_exact(
    problem: HeadProblem, wires: int, simulated: bool
) -> None:
    settings = WHOLE | {"wires": wires, "steps": 1, "reuploads": 1, "layers": 1}
    head = ReuploadHead()
    model = head.fit(problem, settings, context())
    found = other_readouts(head, model, problem.test.vectors[:5], problem.test.labels[:5])
    assert 0.0 <= found["accuracy_exact"] <= 1.0
    assert (found["accuracy_noisy"] is not None) == simulated
    assert simulated or "--backend noisy" in found["noisy_reason"]


@pytest.mark.parametrize("method", [SeparableHead, RandomCircuitHead])
@pytest.mark.parametrize(("classes", "logits"), [(2, 1), (3, 3), (8, 8)])
def test_logits_of_controls_weigh_every_wire(method: type[ReuploadHead], classes: int, logits: int) -> None:
    head, wires = method(), 6
    modules = head.modules(16, classes, head.defaults() | {"wires": wires})
    assert (len(modules.second.readout), modules.outputs) == (wires, logits)
    assert head_count(classes, modules) == 1
    tensors = draw(modules, np.random.default_rng(0))
    assert [tuple(t.shape) for t in tensors[2:]] == [(wires, logits), (logits,)]
    trained = tensors if method is SeparableHead else tensors[2:]
    assert head.parameters(modules) == sum(t.numel() for t in trained)
    z, weight, bias = torch.rand(5, wires), torch.rand(wires, logits), torch.rand(logits)
    assert torch.allclose(logits_of(z, weight, bias), torch.einsum("bw,wl->bl", z, weight) + bias)


def test_separable_wires_without_amplitudes_do_not_tell_sentences_apart(
    problem: HeadProblem,
) -> None:
    """Why the control reads all: of 7 wires, 4 hold the amplitudes, and none of these is the first."""
    head = SeparableHead()
    modules = head.modules(problem.dimensions, 2, head.defaults() | {"amplitudes": 16, "wires": 7})
    angles1, *_ = draw(modules, np.random.default_rng(0))
    spread = encode(modules, angles1, torch.rand(20, modules.first.n_inputs), EngineBackend()).std(0)
    assert (spread[:3] < 1e-5).all()
    assert (spread[3:] > 1e-3).all()


@pytest.mark.parametrize("method", [SeparableHead, RandomCircuitHead])
def test_a_control_saved_when_one_wire_was_read_still_decides(
    problem: HeadProblem, method: type[ReuploadHead]
) -> None:
    head, exact = method(), Unmetered(get_backend("engine"))
    model = head.fit(problem, head.defaults() | {"steps": 2}, exact)
    alone = model.arrays["weight"].copy()
    alone[:, 1:] = 0.0
    model.arrays["weight"] = alone
    wanted = head.decide(model, problem.test.vectors, exact)
    model.arrays["weight"] = alone[:, :1, 0]
    assert np.allclose(head.decide(model, problem.test.vectors, exact), wanted, atol=1e-6)
