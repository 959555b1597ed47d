"""Adaptations against independent truth: what is exported, reloaded and restored is what was scored."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from qwatt.core.errors import QwattError
from qwatt.core.registry import all_methods
from qwatt.language.decoder import load_decoder, save_decoder
from qwatt.stages.tuning.adapt.pretrained import Pretrained, pretrained
from qwatt.stages.tuning.adapt.problem import TASK
from qwatt.stages.tuning.adapt.task import AdaptTask
from qwatt.stages.tuning.adapt.train import window_nats
from tuning.adapted import adapted, problem

METHODS = [method.name for method in all_methods(TASK)]


def merged_logits(given, solution, ids):
    """Return logits of the decoder with the changed weights put in, and what the folder should give."""
    subject = pretrained(solution.answer.decoder, given)
    with subject.borrowed() as model, torch.no_grad():
        subject.put(solution.answer.weights)
        return model(input_ids=ids, use_cache=False).logits


@pytest.mark.parametrize("name", METHODS)
def test_an_exported_folder_loads_plainly_with_the_same_logits_and_loss(name: str, tmp_path: Path) -> None:
    given = problem()
    solution = adapted(given, name)
    files = AdaptTask().export(given, solution, tmp_path)
    assert files[0] == tmp_path / "model" / "model.safetensors"
    plain = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model").eval()
    transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    subject = pretrained("tiny", given)
    ids = torch.from_numpy(subject.test[:2, :-1])
    with torch.no_grad():
        found = plain(input_ids=ids).logits
    assert torch.allclose(found, merged_logits(given, solution, ids), atol=1e-4)
    assert solution.answer.test is not None
    assert np.allclose(window_nats(plain, subject.test), solution.answer.test.nats, atol=1e-3)


@pytest.mark.parametrize("name", METHODS)
def test_the_decoder_is_as_it_was_afterwards(name: str) -> None:
    given = problem()
    subject = pretrained("tiny", given)
    before = {name: weights.clone() for name, weights in subject.model.named_parameters()}
    parts = [type(part).__name__ for part in subject.model.modules()]
    adapted(given, name)
    assert pretrained("tiny", given) is subject
    after = dict(subject.model.named_parameters())
    assert list(after) == list(before)
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert [type(part).__name__ for part in subject.model.modules()] == parts


def test_the_score_is_the_loss_that_transformers_computes() -> None:
    given = problem()
    answer = adapted(given, "unchanged").answer
    subject = pretrained("tiny", given)
    model = load_decoder("tiny").model
    nats, characters = 0.0, 0
    for row in torch.from_numpy(subject.test):
        with torch.no_grad():
            nats += float(model(input_ids=row[None], labels=row[None]).loss) * (len(row) - 1)
        text = subject.decoder.tokenizer.decode(row[1:], clean_up_tokenization_spaces=False)
        characters += len(text.replace(subject.decoder.tokenizer.eos_token, ""))
    assert answer.test is not None
    assert answer.test.bits_per_character == pytest.approx(nats / math.log(2) / characters, rel=1e-5)


def test_no_text_is_in_two_parts() -> None:
    given = problem("s")
    parts = [set(given.train), set(given.validation), set(given.test)]
    assert all(parts)
    assert not (parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2])


def test_a_folder_that_is_not_shipped_is_adapted(tmp_path: Path) -> None:
    decoder = load_decoder("tiny")
    save_decoder(decoder.model, decoder.tokenizer, tmp_path / "own")
    own = adapted(problem(), "lora", model=str(tmp_path / "own")).answer
    named = adapted(problem(), "lora").answer
    assert own.test is not None and named.test is not None
    assert np.allclose(own.test.nats, named.test.nats)


def gpt2(folder: Path) -> str:
    """Write a decoder whose matrices have inputs first, beside the tiny one's tokenizer."""
    config = transformers.GPT2Config(
        vocab_size=384, n_embd=32, n_layer=1, n_head=2, n_positions=32, bos_token_id=0, eos_token_id=0
    )
    torch.manual_seed(0)
    save_decoder(transformers.GPT2LMHeadModel(config), load_decoder("tiny").tokenizer, folder)
    return str(folder)


def test_a_decoder_with_matrices_the_other_way_round_is_adapted(tmp_path: Path) -> None:
    given, name = problem(), gpt2(tmp_path / "gpt2")
    matrices = Pretrained(name, given).matrices
    assert {(matrix.rows, matrix.columns) for matrix in matrices} == {
        (96, 32),
        (32, 32),
        (128, 32),
        (32, 128),
    }
    assert all(matrix.flipped for matrix in matrices)
    solution = adapted(given, "lora", model=name, learning_rate=0.03)
    before = adapted(given, "unchanged", model=name).answer.test
    assert solution.answer.test is not None and before is not None
    assert solution.answer.test.bits_per_character < before.bits_per_character


def test_a_rank_that_no_matrix_has_is_refused() -> None:
    with pytest.raises(QwattError, match="a rank of 33 is more than the smallest matrix of tiny has"):
        adapted(problem(), "lora", rank=33)
