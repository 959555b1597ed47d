"""Adaptations of the small decoder and of SmolLM2, on noisy machines, and by the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from qwatt.core.registry import all_methods, get_method
from qwatt.language.decoder import load_decoder
from qwatt.stages.tuning.adapt.pretrained import put_weights
from qwatt.stages.tuning.adapt.problem import TASK, AdaptProblem
from qwatt.stages.tuning.adapt.task import AdaptTask
from qwatt.testing.trials import run_small, small_spec
from tuning.adapted import adapted

pytestmark = pytest.mark.nightly

SMALL = [m.name for m in all_methods(TASK)]
LARGE = ("lora", "dora", "miss", "hira", "randomised-svd", "quantum-parameterised", "tensor-train")


def reloads(given: AdaptProblem, model: str, name: str, folder: Path, **settings: Any) -> None:
    """Adapt a model, export it, and compare the plain folder's logits with those of the merged weights."""
    solution = adapted(given, name, model=model, **settings)
    AdaptTask().export(given, solution, folder)
    plain = transformers.AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32).eval()
    merged = load_decoder(model).model.eval()
    put_weights(merged, solution.answer.weights)
    ids = torch.from_numpy(np.random.default_rng(0).integers(0, merged.config.vocab_size, (2, 24)))
    with torch.no_grad():
        assert torch.allclose(plain(input_ids=ids).logits, merged(input_ids=ids).logits, atol=1e-4)


@pytest.mark.parametrize("name", SMALL)
def test_every_adapter_merges_into_the_small_decoder(name: str, tmp_path: Path) -> None:
    given = AdaptTask().load("builtin:weather", "xs", 0)
    reloads(given, "small", name, tmp_path, tokens=256)


@pytest.mark.parametrize("name", LARGE)
def test_adapters_merge_into_smollm2_which_is_said_to_be_4_bit(name: str, tmp_path: Path) -> None:
    given = AdaptTask().load("builtin:weather", "xs", 0)
    reloads(given, "smollm2", name, tmp_path, tokens=128)
    assert "4-bit" in (tmp_path / "README.md").read_text()
    assert "4-bit" in json.loads((tmp_path / "adaptation.json").read_text())["decoder_note"]


def test_reports_of_smollm2_say_that_it_was_4_bit() -> None:
    spec = small_spec(
        type(get_method(TASK, "lora")), "builtin:weather", fixed=(("model", "smollm2"), ("tokens", 128))
    )
    trial, _, _ = run_small(type(get_method(TASK, "lora")), spec)
    task = AdaptTask()
    assert "4-bit" in task.summary(trial)["decoder_note"]
    assert any("4-bit" in line for line in task.headline(trial, None).facts)


@pytest.mark.parametrize("backend", ["noisy:ibm_kingston", "pennylane:default.qubit"])
@pytest.mark.parametrize(
    "name", ["variational-svd", "quantum-parameterised", "circuit-unitary", "spectral-entropy"]
)
def test_the_smallest_run_of_each_quantum_method_on_other_backends(name: str, backend: str) -> None:
    method = type(get_method(TASK, name))
    trial, _, _ = run_small(method, small_spec(method, "builtin:weather", backend=backend))
    assert trial.quality is not None
    assert trial.demand


def test_adapting_helps_on_text_that_the_decoder_does_not_know() -> None:
    given = AdaptTask().load("vader", "s", 1)
    found = {name: adapted(given, name).answer.test for name in ("unchanged", "lora", "full")}
    bits = {name: test.bits_per_character for name, test in found.items() if test is not None}
    assert bits["full"] < bits["lora"] < bits["unchanged"] - 0.5
