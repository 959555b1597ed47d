"""The tiny decoder: trained once for this file, without a network."""

import math

import numpy as np
import pytest
import torch

from qwatt.core.errors import QwattError
from qwatt.language.decoder import (
    bits_per_character,
    check_decoder,
    decoder_tokens,
    load_decoder,
    shared_decoder,
    train_decoder,
    validation_loss,
)
from qwatt.language.decoder.load import recipe_texts
from qwatt.language.decoder.size import get_recipe

TEXTS = recipe_texts("builtin:phrases")[:3]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QWATT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield shared_decoder("tiny")


def test_it_has_learnt_the_phrases(shared):
    """Letters by their frequency take more than 4 bits, and a token of the untrained model log2(384)."""
    assert bits_per_character(shared.value, TEXTS) < 1.3


def test_its_folder_loads_without_qwatt(shared, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from qwatt.language.decoder import save_decoder

    decoder = shared.value
    save_decoder(decoder.model, decoder.tokenizer, tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    ids = tokenizer(TEXTS[0], return_tensors="pt").input_ids
    np.testing.assert_array_equal(ids[0].numpy(), decoder_tokens(decoder, TEXTS[:1])[:-1])
    assert tokenizer.decode(ids[0]) == TEXTS[0]
    with torch.inference_mode():
        torch.testing.assert_close(model(ids[:, :32]).logits, decoder.model(ids[:, :32]).logits)


def test_the_loss_is_that_of_every_token_in_its_window(shared):
    """Token by token, by the definition: -log p(token | what stands before it in its window)."""
    decoder = shared.value
    tokens = decoder_tokens(decoder, TEXTS[:1])[:90]  # two windows of 32 and a rest
    nats = []
    for i in range(1, len(tokens)):
        start = (i - 1) // decoder.context * decoder.context
        with torch.inference_mode():
            logits = decoder.model(torch.from_numpy(tokens[start:i])[None]).logits[0, -1]
        nats.append(-float(torch.log_softmax(logits.double(), 0)[tokens[i]]))
    assert validation_loss(decoder.model, tokens, decoder.context) == pytest.approx(np.mean(nats), rel=1e-5)


def test_bits_per_character_count_every_token_and_separator(shared):
    decoder = shared.value
    tokens = decoder_tokens(decoder, TEXTS)
    nats = validation_loss(decoder.model, tokens, decoder.context) * (len(tokens) - 1)
    assert bits_per_character(decoder, TEXTS) == pytest.approx(nats / math.log(2) / sum(map(len, TEXTS)))
    assert int((tokens == decoder.tokenizer.eos_token_id).sum()) == len(TEXTS)


def test_the_size_says_how_many_weights(shared):
    assert shared.value.parameters == get_recipe("tiny").size.parameters


def test_its_joules_come_with_it(shared):
    assert shared.energy.known
    assert shared.energy.value > 0
    assert shared.note.startswith("decoder tiny, trained on 20")


def test_a_text_that_spells_the_separator_ends_nothing(shared):
    decoder = shared.value
    tokens = decoder_tokens(decoder, ["one<|endoftext|>two", "three"])
    assert int((tokens == decoder.tokenizer.eos_token_id).sum()) == 2
    assert decoder.tokenizer.decode(tokens) == "one<|endoftext|>two<|endoftext|>three<|endoftext|>"


def test_a_hit_costs_what_training_did_and_a_changed_cache_is_refused(tmp_path, monkeypatch):
    from dataclasses import replace

    from qwatt.language.decoder import load

    short = replace(get_recipe("tiny"), tokens=1_024)
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path))
    monkeypatch.setattr(load, "recipes", lambda: {"tiny": short})
    first = shared_decoder("tiny")
    monkeypatch.setattr(load, "train_decoder", None)  # a call would fail
    second = shared_decoder("tiny")
    assert (second.energy, second.seconds, second.note) == (first.energy, first.seconds, first.note)
    assert second.value.digest == first.value.digest
    [folder] = (tmp_path / "decoders").glob("tiny-*[!k]")
    account = (folder / "training.json").read_text("utf-8")
    (folder / "training.json").write_text(account.replace('"tokens": 1024', '"tokens": 9999'), "utf-8")
    with pytest.raises(QwattError, match=r"training\.json: the file was changed"):
        load_decoder("tiny")


@pytest.mark.nightly
@pytest.mark.network
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_small_decoder_reaches_its_bits_per_character_in_its_budget(seed, record_property):
    recipe = get_recipe("small")
    trained = train_decoder(
        recipe_texts(recipe.corpus), recipe.size, recipe.tokens, seed, optimiser=recipe.optimiser
    )
    record_property("figures", f"{trained.bits_per_character:.4f} bits per character, {trained.energy}")
    assert trained.tokens <= recipe.tokens
    assert trained.bits_per_character <= 1.97


def test_a_decoder_that_was_loaded_is_looked_at_and_not_read_again(tmp_path, monkeypatch):
    from qwatt.core.cache import cache_folder
    from qwatt.data import manifest
    from qwatt.language.decoder import load

    monkeypatch.setenv("QWATT_CACHE", str(tmp_path))
    check_decoder("tiny")
    read, hashed = [], []
    monkeypatch.setattr(load, "read_folder", lambda *given: read.append(given))
    monkeypatch.setattr(manifest, "digest", hashed.append)
    check_decoder("tiny")
    assert (read, hashed) == ([], [])
    monkeypatch.undo()
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path))
    (weights,) = cache_folder("decoders").rglob("*.safetensors")
    weights.write_bytes(bytes(weights.stat().st_size))
    with pytest.raises(QwattError, match="changed after it was made"):
        check_decoder("tiny")
    with pytest.raises(QwattError, match="unknown decoder"):
        check_decoder("tinny")
