"""The engine backend: exact values, finite shots, and the QPU's bill of every operation."""

import numpy as np
import pytest
import torch
from backend_circuits import ENCODE, FIXED, LAYERED, data, oracle_states

from qwatt.core.backend import DemandRecorder
from qwatt.core.context import Unmetered
from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend
from qwatt.quantum.backends.choose import exact_simulator
from qwatt.quantum.backends.engine import EngineBackend
from qwatt.quantum.circuits.qaoa import qaoa
from qwatt.quantum.primitives import expectation, gradient, kernel
from qwatt.quantum.primitives import qaoa as primitive
from qwatt.quantum.primitives.size import size_of
from qwatt.quantum.qubo import bqm_from_arrays, energies


@pytest.fixture
def backend():
    return EngineBackend(dtype="complex128")


def oracle_probs(inputs, weights):
    return np.abs(oracle_states(LAYERED, inputs, weights)) ** 2


def test_exact_values_are_default_qubits(backend):
    inputs, weights = data()
    truth = oracle_probs(inputs, weights)
    assert backend.probs(LAYERED, inputs, weights).numpy() == pytest.approx(truth, abs=1e-10)
    cube = truth.reshape(-1, 2, 2, 2)
    z0 = cube[:, 0].sum((1, 2)) - cube[:, 1].sum((1, 2))
    z2 = cube[..., 0].sum((1, 2)) - cube[..., 1].sum((1, 2))
    found = backend.expval(LAYERED, inputs, weights)
    assert found.numpy() == pytest.approx(np.stack([z0, z2], 1), abs=1e-10)


def test_kernel_is_the_squared_overlap(backend):
    x, y = data(6)[0], data(4, seed=1)[0]
    left, right = oracle_states(ENCODE, x), oracle_states(ENCODE, y)
    assert backend.kernel(ENCODE, x, y).numpy() == pytest.approx(
        np.abs(left @ right.conj().T) ** 2, abs=1e-10
    )
    assert backend.kernel(ENCODE, x).numpy() == pytest.approx(np.abs(left @ left.conj().T) ** 2, abs=1e-10)


def test_finite_shots_stay_within_binomial_bounds(backend):
    inputs, weights = data()
    shots, rng = 4000, np.random.default_rng(7)
    probs = oracle_probs(inputs, weights)
    bound = 4.5 * np.sqrt(probs * (1 - probs) / shots) + 1e-9
    found = backend.probs(LAYERED, inputs, weights, shots, rng).numpy()
    assert (np.abs(found - probs) < bound).all()
    assert (found != backend.probs(LAYERED, inputs, weights, shots, rng).numpy()).any()
    exact = backend.expval(LAYERED, inputs, weights).numpy()
    means = backend.expval(LAYERED, inputs, weights, shots, rng).numpy()
    assert (np.abs(means - exact) < 4.5 * np.sqrt((1 - exact**2) / shots)).all()
    kernel = backend.kernel(ENCODE, inputs).numpy()
    shaken = backend.kernel(ENCODE, inputs, shots=shots, rng=rng).numpy()
    assert (np.abs(shaken - kernel) <= 4.5 * np.sqrt(kernel * (1 - kernel).clip(0) / shots) + 1e-6).all()
    assert np.array_equal(shaken, shaken.T) and (np.diag(shaken) == 1).all()


def test_shot_noise_has_the_variance_of_a_binomial(backend):
    inputs, weights = (np.repeat(d, n, 0) if n else d for d, n in zip(data(1), (3000, 0), strict=True))
    exact = backend.expval(LAYERED, inputs[:1], weights).numpy()[0]
    found = backend.expval(LAYERED, inputs, weights, 50, np.random.default_rng(1)).numpy()
    assert found.var(0) == pytest.approx((1 - exact**2) / 50, rel=0.12)


def test_readouts_of_one_shot_are_correlated_as_in_the_state(backend):
    bell = backend.sample(FIXED, shots=500, rng=np.random.default_rng(0))
    assert bell.shape == (1, 500, 2)
    assert (bell[..., 0] == bell[..., 1]).all()
    assert bell.mean() == pytest.approx(np.sin(0.2) ** 2, abs=4.5 * np.sqrt(0.04 / 500))


def test_the_same_seed_gives_the_same_shots(backend):
    inputs, weights = data()
    runs = []
    for seed in (1, 1, 2):
        backend.seed(seed)
        runs.append(backend.probs(LAYERED, inputs, weights, shots=100).numpy())
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


@pytest.mark.parametrize("shots", [None, 250])
def test_every_operation_is_billed_as_planned(shots):
    backend = EngineBackend(bill_shots=400)
    billed = shots or 400
    inputs, weights = data()
    bqm = bqm_from_arrays(np.ones(4), np.triu(np.ones((4, 4)), 1))
    runs = {
        lambda: backend.expval(LAYERED, inputs, weights, shots): expectation.demand(
            LAYERED, 5, billed, "expval"
        ),
        lambda: backend.expval(FIXED, shots=shots): expectation.demand(FIXED, 1, billed, "expval"),
        lambda: backend.probs(LAYERED, inputs, weights, shots): expectation.demand(
            LAYERED, 5, billed, "probs"
        ),
        lambda: backend.sample(LAYERED, inputs, weights, 9): expectation.demand(LAYERED, 5, 9, "sample"),
        lambda: backend.kernel(ENCODE, inputs, None, shots): kernel.demand(ENCODE, 5, None, billed),
        lambda: backend.kernel(ENCODE, inputs, inputs[:2], shots): kernel.demand(ENCODE, 5, 2, billed),
        lambda: backend.qaoa(bqm, [0.1, 0.2], [0.3, 0.1], 77): primitive.demand(4, 6, 2, 77),
    }
    for run, plan in runs.items():
        recorder = backend.recorder = DemandRecorder()
        run()
        assert recorder.demand == plan


def test_a_kernel_is_one_circuit_a_pair_with_double_gates(backend):
    inputs, _ = data(7)
    backend.kernel(ENCODE, inputs)
    once, demand = size_of(ENCODE), backend.recorder.demand
    assert demand.circuits == 21
    assert demand.gates_2q == 21 * 2 * once.gates_2q
    assert demand.gates_1q == 21 * 2 * once.gates_1q
    assert demand.shots == 21_000


@pytest.mark.parametrize(
    ("weights_grad", "inputs_grad", "circuits"), [(1, 0, 2 * 6 * 5), (0, 1, 2 * 5 * 5), (1, 1, 2 * 11 * 5)]
)
def test_a_backward_pass_is_billed_when_it_runs(backend, weights_grad, inputs_grad, circuits):
    inputs, weights = (torch.tensor(d) for d in data())
    inputs.requires_grad_(bool(inputs_grad))
    weights.requires_grad_(bool(weights_grad))
    out = backend.expval(LAYERED, inputs, weights)
    forward = backend.recorder.demand
    assert forward.circuits == 5
    out.square().sum().backward()
    backward = gradient.demand(LAYERED, 5, weights=bool(weights_grad), inputs=bool(inputs_grad))
    assert backward.circuits == circuits
    assert backend.recorder.demand == forward + backward


def test_two_steps_are_billed_twice_and_no_grad_once(backend):
    inputs, weights = data()
    trained = torch.nn.Parameter(torch.tensor(weights))
    optimiser = torch.optim.SGD([trained], lr=0.1)
    losses = []
    for _ in range(2):
        optimiser.zero_grad()
        loss = backend.expval(LAYERED, inputs, trained).sum()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[1] < losses[0]
    with torch.no_grad():
        backend.expval(LAYERED, inputs, trained)
    assert backend.recorder.demand.circuits == 3 * 5 + 2 * (2 * 6 * 5)


def test_finite_shots_have_no_gradient(backend):
    inputs, weights = data()
    trained = torch.tensor(weights, requires_grad=True)
    with pytest.raises(QwattError, match="no gradient"):
        backend.expval(LAYERED, inputs, trained, shots=10)
    with torch.no_grad():
        assert backend.expval(LAYERED, inputs, trained, shots=10).shape == (5, 2)


def test_qaoa_samples_follow_the_circuit(backend):
    rng = np.random.default_rng(3)
    bqm = bqm_from_arrays(rng.normal(size=4), rng.normal(size=(4, 4)))
    gammas, betas = [0.3, 0.5], [-0.5, -0.2]
    state = oracle_states(qaoa(bqm, 2), [None], np.array([gammas, betas]))[0]
    found = backend.qaoa(bqm, gammas, betas, 20_000, np.random.default_rng(0)).record
    mean = np.abs(state) ** 2 @ energies(bqm)
    spread = np.sqrt(np.abs(state) ** 2 @ (energies(bqm) - mean) ** 2)
    assert found.energy.mean() == pytest.approx(mean, abs=4.5 * spread / np.sqrt(20_000))


def test_the_planned_qaoa_has_the_gates_of_its_circuit():
    bqm = bqm_from_arrays(np.ones(6), np.triu(np.ones((6, 6)), 1))
    line = size_of(qaoa(bqm, 3))
    plan = primitive.demand(6, 15, 3).circuit_lines[0]
    assert (plan.gates_1q, plan.gates_2q, plan.qubits) == (line.gates_1q, line.gates_2q, 6)
    assert plan.depth <= line.depth


def test_backends_are_named_and_refuse_what_they_do_not_know():
    assert get_backend("engine").name == "engine"
    assert get_backend("engine:cpu?dtype=complex128").name == "engine:cpu?dtype=complex128"
    for spec in ("engine:tpu", "engine:cpu?dtype=float", "engine:cpu?speed=9", "engine:?dtype"):
        with pytest.raises(QwattError):
            get_backend(spec)


def test_an_empty_batch_of_pairs_is_free(backend):
    assert backend.kernel(ENCODE, data(1)[0]).tolist() == [[1.0]]
    assert backend.recorder.demand == Demand()


def test_the_exact_simulator_computes_where_the_trials_engine_does():
    for spec, device in (("engine", "cpu"), ("engine:cuda", "cuda"), ("noisy:ibm_boston", "cpu")):
        assert exact_simulator(Unmetered(get_backend(spec))).device == device
    assert exact_simulator(Unmetered(EngineBackend(gates="compiled"))).gates == "compiled"


def test_the_exact_simulator_is_as_precise_as_the_trials_engine():
    simulator = exact_simulator(Unmetered(get_backend("engine:cpu?dtype=complex128")))
    assert simulator.name == "engine:cpu?dtype=complex128"
    inputs, weights = data(3)
    exact = simulator.expval(LAYERED, inputs, weights)
    assert exact.dtype == torch.float64
    single = EngineBackend().expval(LAYERED, inputs, weights)
    assert 0 < (exact - single).abs().max() < 1e-5


def test_where_there_is_no_gpu_the_engine_says_so(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(QwattError, match="no CUDA GPU") as caught:
        EngineBackend("cuda").kernel(ENCODE, data(4)[0])
    assert "backend engine:cuda" in str(caught.value)
