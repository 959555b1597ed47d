"""Any PennyLane device by name; credentials stay in the environment."""

import json
import logging

import numpy as np
import pennylane as qml
import pytest
import torch
from backend_circuits import ENCODE, FIXED, LAYERED, data

from qwatt.core.errors import MissingExtraError, QwattError
from qwatt.core.registry import get_backend
from qwatt.core.secrets import scrubbed
from qwatt.quantum.backends import plugin
from qwatt.quantum.backends.plugin import PennyLaneBackend
from qwatt.quantum.primitives import expectation, gradient, kernel

SECRET = "fake-0123456789-abcdef"


@pytest.mark.parametrize("device", ["default.qubit", "lightning.qubit", "default.mixed"])
def test_simulators_agree_with_the_engine(device):
    inputs, weights = data()
    backend, engine = get_backend(f"pennylane:{device}"), get_backend("engine:cpu?dtype=complex128")
    pairs = [
        (b.expval(LAYERED, inputs, weights), b.probs(LAYERED, inputs, weights), b.kernel(ENCODE, inputs[:3]))
        for b in (backend, engine)
    ]
    for found, truth in zip(*pairs, strict=True):
        assert found.numpy() == pytest.approx(truth.numpy(), abs=1e-6)
    assert backend.expval(FIXED).numpy() == pytest.approx(engine.expval(FIXED).numpy())
    assert backend.recorder.demand == engine.recorder.demand


def test_gradients_flow_and_are_billed_when_they_run():
    inputs, weights = data()
    grads = []
    for spec in ("pennylane:lightning.qubit", "engine:cpu?dtype=complex128"):
        backend, trained = get_backend(spec), torch.tensor(weights, requires_grad=True)
        backend.expval(LAYERED, inputs, trained).square().sum().backward()
        grads.append(trained.grad.numpy())
        assert backend.recorder.demand == expectation.demand(LAYERED, 5) + gradient.demand(LAYERED, 5)
    assert grads[0] == pytest.approx(grads[1], abs=1e-6)


class Chip(PennyLaneBackend):
    """default.qubit that pretends to be a machine which only samples."""

    samples_only = True


def test_a_machine_that_only_samples_runs_at_the_billed_shots():
    inputs, weights = data(3)
    chip = Chip("default.qubit", {"seed": "1"}, bill_shots=2000)
    exact = get_backend("engine")
    found, truth = (b.expval(LAYERED, inputs, weights).detach().numpy() for b in (chip, exact))
    assert 0 < np.abs(found - truth).max() < 4.5 / np.sqrt(2000)
    frequencies = chip.probs(LAYERED, inputs, weights).numpy()
    assert frequencies * 2000 == pytest.approx(np.round(frequencies * 2000), abs=1e-3)
    overlaps = chip.kernel(ENCODE, inputs, shots=500).numpy()
    assert np.abs(overlaps - exact.kernel(ENCODE, inputs).numpy()).max() < 4.5 * 0.5 / np.sqrt(500)
    bits = chip.sample(FIXED, shots=50)
    assert bits.shape == (1, 50, 2) and (bits[..., 0] == bits[..., 1]).all()
    demand = chip.recorder.demand
    expected = expectation.demand(LAYERED, 3, 2000) + expectation.demand(LAYERED, 3, 2000, "probs")
    assert demand == expected + kernel.demand(ENCODE, 3, None, 500) + expectation.demand(
        FIXED, 1, 50, "sample"
    )


@pytest.mark.parametrize(
    ("device", "extra"),
    [("ionq.simulator", "ionq"), ("qiskit.remote", "ibm"), ("braket.aws.qubit", "braket")],
)
def test_a_missing_plugin_names_its_install_line(device, extra, monkeypatch):
    monkeypatch.setattr(plugin, "installed_devices", lambda: {"default.qubit"})
    with pytest.raises(MissingExtraError, match=rf"pip install 'qwatt\[{extra}\]'"):
        get_backend(f"pennylane:{device}")


def test_unknown_devices_and_empty_names_are_refused():
    with pytest.raises(QwattError, match=r"did you mean.*default\.qubit"):
        get_backend("pennylane:defualt.qubit")
    with pytest.raises(QwattError, match="which device"):
        get_backend("pennylane")


def test_options_reach_the_device_and_the_name():
    backend = get_backend("pennylane:default.qubit?seed=3&max_workers=None")
    assert backend.name == "pennylane:default.qubit?max_workers=None&seed=3"
    assert backend.probs(FIXED).shape == (1, 4)
    with pytest.raises(QwattError, match="speed"):
        get_backend("pennylane:default.qubit?speed=9").probs(FIXED)


@pytest.mark.parametrize("key", ["api_key", "token", "Password", "ibm_instance"])
def test_credentials_are_refused_as_options_without_repeating_them(key):
    with pytest.raises(QwattError, match="credential") as caught:
        get_backend(f"pennylane:default.qubit?{key}={SECRET}")
    assert SECRET not in str(caught.value)


def test_the_key_appears_nowhere(monkeypatch, caplog, capsys):
    """A machine that repeats its key in every error, opened and run with the key in the environment."""
    monkeypatch.setenv("IONQ_API_KEY", SECRET)
    monkeypatch.setattr(plugin, "installed_devices", lambda: {"ionq.simulator"})
    caplog.set_level(logging.DEBUG)
    backend = get_backend("pennylane:ionq.simulator?noise=forte-1")
    seen = [repr(backend), str(vars(backend)), backend.name]

    def opened(name, wires, **options):
        raise RuntimeError(f"401 Unauthorized: apiKey {SECRET}")

    monkeypatch.setattr(qml, "device", opened)
    with pytest.raises(QwattError, match="cannot be opened") as refused:
        backend.expval(FIXED)

    class Machine(qml.devices.DefaultQubit):
        def execute(self, circuits, execution_config=None):
            raise RuntimeError(f"job failed for {SECRET}")

    monkeypatch.setattr(qml, "device", lambda name, wires, **options: Machine(wires=wires))
    with pytest.raises(QwattError, match="failed") as failed:
        backend.expval(FIXED)
    for error in (refused, failed):
        assert error.value.__cause__ is None and error.value.__suppress_context__
        seen += [str(error.value), repr(error.value)]
    captured = capsys.readouterr()
    seen += [json.dumps(backend.recorder.demand.to_record()), caplog.text, captured.out, captured.err]
    assert "IONQ_API_KEY" in seen[3]
    assert not [text for text in seen if SECRET in text]


def test_scrubbing_blanks_whatever_the_environment_calls_secret(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "other-" + SECRET)
    assert scrubbed(f"a {SECRET} b other-{SECRET}") == "a *** b ***"
    assert scrubbed("nothing here") == "nothing here"


def test_a_machine_is_not_billed_for_wide_circuits_that_run_one_by_one():
    from qwatt.quantum.circuits import feature_maps
    from qwatt.quantum.circuits.overlap import OverlapTest

    chip = Chip("default.qubit", {"seed": "1"})
    test, x = OverlapTest("swap", feature_maps.angle_map(1)), np.array([[0.3]])
    with pytest.raises(QwattError, match="side by side"):
        chip.overlaps(test, x, x, shots=50, copies=2)
    assert not chip.recorder.demand
    assert chip.overlaps(test, x, x, shots=50).numpy() == pytest.approx(1.0)
    assert chip.recorder.demand.circuits == 1
