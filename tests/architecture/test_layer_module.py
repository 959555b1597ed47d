"""Layers that users put into their own transformers: values, gradients, sizes, files, places."""

from __future__ import annotations

import copy
import json
import math
import pickle
import runpy
from pathlib import Path

import numpy as np
import pennylane as qml
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from qwatt.core.errors import QwattError
from qwatt.quantum.demand import shifted_gates
from qwatt.torch import (
    FourierLayer,
    LowRankLayer,
    MlpLayer,
    QuantumLayer,
    attached,
    load_layer,
    save_layer,
)
from qwatt.torch.quantum_layer import quantum_parameters

EXAMPLE = Path(__file__).parents[2] / "examples" / "quantum_layer.py"
DOUBLE = "engine:cpu?dtype=complex128"


def drawn_layer(hidden: int, qubits: int, reuploads: int, layers: int, entangle: bool) -> QuantumLayer:
    torch.manual_seed(3)
    layer = QuantumLayer(
        hidden, qubits, reuploads=reuploads, layers=layers, entangle=entangle, backend=DOUBLE
    ).double()
    for weights in layer.parameters():
        torch.nn.init.normal_(weights, std=0.5)
    return layer


def by_pennylane(layer: QuantumLayer, x: torch.Tensor, reuploads: int, entangle: bool) -> torch.Tensor:
    """The layer written anew on default.qubit, with PennyLane's own template."""
    qubits = layer.down.out_features

    @qml.qnode(qml.device("default.qubit", wires=qubits), interface="torch", diff_method="backprop")
    def circuit(z, angles):
        for block in range(reuploads):
            for wire in range(qubits):
                qml.RY(z[:, wire], wires=wire)
            if entangle and qubits > 1:
                qml.StronglyEntanglingLayers(angles[block], wires=range(qubits))
            else:
                for turn in angles[block]:
                    for wire in range(qubits):
                        qml.Rot(*turn[wire], wires=wire)
        return [qml.expval(qml.Z(wire)) for wire in range(qubits)]

    size = (x**2).mean(-1, keepdim=True)
    unit = x / torch.sqrt(size + torch.finfo(x.dtype).eps)
    z = math.pi / 2 * torch.tanh(unit @ layer.down.weight.T + layer.down.bias)
    read = torch.stack(list(circuit(z, layer.map.angles)), -1)
    return x + read @ layer.up.weight.T + layer.up.bias


@pytest.mark.parametrize(
    ("hidden", "qubits", "reuploads", "layers", "entangle"),
    [(7, 3, 1, 2, True), (5, 2, 2, 1, True), (16, 4, 2, 2, True), (6, 3, 2, 2, False), (3, 1, 2, 1, True)],
)
def test_values_and_gradients_are_those_of_pennylane(hidden, qubits, reuploads, layers, entangle) -> None:
    layer = drawn_layer(hidden, qubits, reuploads, layers, entangle)
    x = torch.randn(6, hidden, dtype=torch.float64, requires_grad=True)
    cotangent = torch.randn(6, hidden, dtype=torch.float64)
    leaves = [x, *layer.parameters()]
    own, other = layer(x), by_pennylane(layer, x, reuploads, entangle)
    torch.testing.assert_close(own, other)
    pairs = zip(
        torch.autograd.grad((own * cotangent).sum(), leaves),
        torch.autograd.grad((other * cotangent).sum(), leaves),
        strict=True,
    )
    for mine, theirs in pairs:
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("shape", [(9,), (2, 9), (2, 3, 9)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_it_begins_as_the_identity_in_any_shape(shape, dtype) -> None:
    x = torch.randn(shape, dtype=dtype)
    for layer in (
        QuantumLayer(9, 3),
        LowRankLayer(9, 3, partial=4),
        MlpLayer(9, 3, 5),
        FourierLayer(9, 3, 2, 12),
    ):
        found = layer(x)
        assert found.dtype == dtype
        assert torch.equal(found, x)
    assert torch.equal(QuantumLayer(9, 3, residual=False)(x), torch.zeros_like(x))


def test_the_bill_is_a_circuit_a_row_and_two_a_shifted_angle() -> None:
    layer = QuantumLayer(8, 3, reuploads=2, layers=1)
    layer(torch.randn(2, 5, 8)).sum().backward()
    angles = shifted_gates(layer.circuit, weights=True, inputs=True)
    assert angles == 3 * 3 * 2 + 3 * 2
    assert layer.demand.circuits == 10 + 2 * angles * 10
    frozen = QuantumLayer(8, 3, reuploads=2, layers=1, trained=False)
    frozen(torch.randn(10, 8)).sum().backward()
    assert frozen.demand.circuits == 10 + 2 * (3 * 2) * 10


def test_shots_are_drawn_in_evaluation_mode_alone() -> None:
    torch.manual_seed(0)
    shots = 400
    layer = QuantumLayer(6, 3, shots=shots, residual=False)
    torch.nn.init.eye_(layer.up.weight[:3])
    x = torch.randn(300, 6)
    exact = layer(x)
    assert torch.equal(layer(x), exact)
    layer.eval()
    with torch.no_grad():
        read = layer(x)
    errors = (read - exact)[:, :3].detach().numpy() * math.sqrt(shots)
    spread = np.sqrt(np.maximum(1.0 - exact[:, :3].detach().numpy() ** 2, 1e-3))
    assert abs(np.mean(errors / spread)) < 5 / math.sqrt(errors.size)
    assert 0.9 < np.std(errors / spread) < 1.1
    with pytest.raises(QwattError, match="no gradient"):
        layer(x)


@settings(max_examples=60, deadline=None)
@given(
    hidden=st.integers(16, 600),
    qubits=st.integers(2, 8),
    reuploads=st.integers(1, 3),
    layers=st.integers(1, 3),
)
def test_all_have_as_many_parameters(hidden: int, qubits: int, reuploads: int, layers: int) -> None:
    budget = quantum_parameters(hidden, qubits, reuploads, layers)
    low_rank = LowRankLayer.of_size(hidden, budget).parameter_count
    assert 0 <= budget - low_rank <= 2
    mlp = MlpLayer.of_size(hidden, qubits, budget).parameter_count
    assert abs(mlp - budget) <= 2 * qubits + 1
    fourier = FourierLayer(hidden, qubits, reuploads, 3 * reuploads * layers).parameter_count
    assert fourier <= budget
    if qubits > 4:
        assert fourier == budget


def test_the_quantum_layer_counts_itself() -> None:
    assert QuantumLayer(24, 5, reuploads=2, layers=3).parameter_count == quantum_parameters(24, 5, 2, 3)
    untrained = QuantumLayer(24, 5, reuploads=2, layers=3, trained=False)
    assert untrained.parameter_count == quantum_parameters(24, 5, 2, 3) - 3 * 5 * 2 * 3


@pytest.mark.parametrize("reuploads", [1, 2])
def test_it_begins_by_telling_a_feature_from_its_negative(reuploads: int, monkeypatch) -> None:
    """Turned by a quarter, Z = cos(R z + pi / 2); near the identity it would be cos(R z)."""
    monkeypatch.setattr("qwatt.torch.quantum_layer._SPREAD", 0.0)
    z = torch.linspace(-1.5, 1.5, 9)[:, None].repeat(1, 3)
    read = QuantumLayer(5, 3, reuploads=reuploads, layers=2, entangle=False).map(z)
    torch.testing.assert_close(read, -torch.sin(reuploads * z), atol=1e-5, rtol=0)


@pytest.mark.parametrize("reuploads", [1, 2, 3])
def test_a_qubit_is_the_series_that_stands_for_it(reuploads: int) -> None:
    """arXiv:2008.08605: R uploads give the frequencies 0..R, all of which the series has, and no other."""
    qubit = drawn_layer(2, 1, reuploads, 2, True).map
    z = torch.linspace(-3, 3, 50, dtype=torch.float64)[:, None]
    series = FourierLayer(2, 1, reuploads, 1 + 2 * reuploads).map
    phases = (z @ series.frequencies[0].double().T).detach().numpy()
    columns = np.concatenate([np.ones((50, 1)), np.cos(phases), np.sin(phases)], 1)
    _, residual, rank, _ = np.linalg.lstsq(columns, qubit(z).detach().numpy(), rcond=None)
    assert rank == 1 + 2 * reuploads
    assert residual[0] < 1e-12


def test_two_qubits_are_in_the_span_of_all_outputs_series() -> None:
    circuit = drawn_layer(2, 2, 1, 2, True).map
    z = torch.randn(80, 2, dtype=torch.float64)
    waves = FourierLayer(2, 2, 1, 7).map.frequencies.double().flatten(0, 1)
    phases = (z @ waves.T).numpy()
    columns = np.concatenate([np.ones((80, 1)), np.cos(phases), np.sin(phases)], 1)
    _, _, rank, _ = np.linalg.lstsq(columns, circuit(z).detach().numpy(), rcond=None)
    fitted = columns @ np.linalg.lstsq(columns, circuit(z).detach().numpy(), rcond=None)[0]
    assert rank == 9
    np.testing.assert_allclose(fitted, circuit(z).detach().numpy(), atol=1e-10)


@pytest.mark.parametrize(
    "layer",
    [
        QuantumLayer(9, 3, reuploads=1, layers=2, entangle=False, shots=50),
        LowRankLayer(9, 3, partial=2, residual=False),
        MlpLayer(9, 3, 5),
        FourierLayer(9, 3, 2, 12),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_saved_layer_is_the_same(layer, tmp_path) -> None:
    for weights in layer.parameters():
        torch.nn.init.normal_(weights)
    files = save_layer(layer, tmp_path, block=1, place="ffn")
    assert [file.name for file in files] == ["layer.safetensors", "layer.json"]
    loaded, facts = load_layer(tmp_path)
    assert facts == {"block": 1, "place": "ffn"}
    assert loaded.config == layer.config
    assert not loaded.training
    x = torch.randn(4, 9)
    assert torch.equal(loaded.train()(x), layer.train()(x))
    copies = copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))
    assert all(torch.equal(each(x), layer(x)) for each in copies)


def test_a_damaged_layer_is_refused(tmp_path) -> None:
    save_layer(MlpLayer(9, 3, 5), str(tmp_path))
    description = json.loads((tmp_path / "layer.json").read_text())
    (tmp_path / "layer.json").write_text(json.dumps(description | {"config": {"hidden_size": 9}}))
    with pytest.raises(QwattError, match="no saved layer"):
        load_layer(tmp_path)
    with pytest.raises(QwattError, match="no saved layer"):
        load_layer(tmp_path / "nowhere")


def test_the_example_learns(tmp_path) -> None:
    losses = runpy.run_path(str(EXAMPLE))["main"](tmp_path, steps=8)
    assert losses[7] < losses[0] - 0.05
    assert abs(losses[-1] - losses[7]) < 0.2


def decoders() -> list[torch.nn.Module]:
    llama = LlamaConfig(
        vocab_size=40,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
    )
    return [
        LlamaForCausalLM(llama).eval(),
        GPT2LMHeadModel(GPT2Config(vocab_size=40, n_embd=16, n_layer=2, n_head=2, n_positions=32)).eval(),
    ]


@pytest.mark.parametrize("number", [0, 1], ids=["llama", "gpt2"])
def test_it_goes_into_a_block_and_out_again(number: int) -> None:
    model = decoders()[number]
    ids = torch.randint(0, 40, (2, 7))
    before = model(ids).logits
    layer = QuantumLayer(16, 2)
    with attached(model, layer):
        assert torch.equal(model(ids).logits, before)
        model(ids, labels=ids).loss.backward()
        assert layer.up.weight.grad.abs().sum() > 0
        torch.nn.init.normal_(layer.up.weight)
        assert not torch.allclose(model(ids).logits, before)
    assert torch.equal(model(ids).logits, before)
    with attached(model, QuantumLayer(16, 2, residual=False), block=0, place="ffn"):
        assert model(ids).logits.shape == before.shape
    assert torch.equal(model(ids).logits, before)


def test_a_wrong_place_is_refused() -> None:
    model = decoders()[0]
    with pytest.raises(QwattError, match="residual"), attached(model, QuantumLayer(16, 2), place="ffn"):
        pass
    with pytest.raises(QwattError, match="no block 2"), attached(model, QuantumLayer(16, 2), block=2):
        pass
    with pytest.raises(QwattError, match="place"), attached(model, QuantumLayer(16, 2), place="head"):
        pass
    with pytest.raises(QwattError, match="no blocks"), attached(torch.nn.Linear(2, 2), QuantumLayer(2, 2)):
        pass


@pytest.mark.parametrize("wrong", [{"qubits": 0}, {"qubits": 40}, {"reuploads": 0}, {"layers": -1}])
def test_a_circuit_that_cannot_be_is_refused_when_it_is_asked_for(wrong):
    with pytest.raises(QwattError, match="a quantum layer cannot have"):
        QuantumLayer(8, **wrong)


def test_another_machine_may_be_wider_than_the_engine():
    assert QuantumLayer(8, qubits=40, execute=lambda *_: None).config["qubits"] == 40
