"""The user's own model folder: what is read, and what is said where it cannot be."""

import json

import pytest

from qwatt.core.errors import QwattError
from qwatt.language.decoder import (
    DecoderSize,
    bits_per_character,
    decoder_tokens,
    load_decoder,
    save_decoder,
    shared_decoder,
)
from qwatt.language.decoder.network import new_decoder
from qwatt.language.decoder.vocabulary import train_tokenizer

UP = "model.layers.0.mlp.up_proj.weight"
SIZE = DecoderSize(vocabulary=270, hidden=16, intermediate=32, layers=1, heads=2, context=16, batch=4)


@pytest.fixture
def folder(tmp_path):
    tokenizer = train_tokenizer(["the old king speaks of winter"] * 3, SIZE.vocabulary)
    save_decoder(new_decoder(SIZE, 0, tokenizer.eos_token_id), tokenizer, tmp_path / "model")
    return tmp_path / "model"


def test_its_joules_are_unknown_and_its_digest_is_of_its_weights(folder, tmp_path):
    shared = shared_decoder(str(folder))
    assert not shared.energy.known
    assert "trained elsewhere" in shared.energy.reason
    decoder = shared.value
    assert decoder.context == SIZE.context
    decoder.model.model.norm.weight.data += 1
    save_decoder(decoder.model, decoder.tokenizer, tmp_path / "other")
    assert load_decoder(str(tmp_path / "other")).digest != decoder.digest == load_decoder(str(folder)).digest


def test_each_load_is_the_callers_own(folder):
    first, second = load_decoder(str(folder)), load_decoder(str(folder))
    first.model.model.norm.weight.data += 1
    assert not first.model.model.norm.weight.equal(second.model.model.norm.weight)


def change_weights(folder, change):
    """Write the weights again, changed in place by a function of their names."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def change_config(folder, **fields):
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | fields), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "config.json").unlink(), r"no config\.json"),
        (lambda f: (f / "config.json").write_text("{"), "not JSON"),
        (lambda f: (f / "model.safetensors").unlink(), "no weights"),
        (lambda f: [file.unlink() for file in f.glob("tokenizer*")], "no tokenizer"),
        (lambda f: change_config(f, architectures=["BertModel"]), "BertModel is not a causal"),
        (lambda f: change_config(f, model_type="mystery"), "cannot load it"),
        (lambda f: (f / "model.safetensors").write_bytes(b"torn"), "cannot load it"),
        (lambda f: (f / "tokenizer.json").write_text("{"), "cannot load its tokenizer"),
        (lambda f: change_weights(f, lambda w: w.pop(UP)), f"no weights of {UP}"),
        (
            lambda f: change_weights(f, lambda w: w[UP][0].fill_(float("nan"))),
            f"{UP} holds values that are no",
        ),
        (
            lambda f: change_weights(f, lambda w: w[UP][0].fill_(float("inf"))),
            f"{UP} holds values that are no",
        ),
        (
            lambda f: change_config(f, intermediate_size=48),
            r"mlp.down_proj.weight is of shape \(16, 32\), and config.json says \(16, 48\), and 2 more",
        ),
    ],
)
def test_what_is_wrong_with_a_folder_is_said(folder, spoil, message):
    spoil(folder)
    with pytest.raises(QwattError, match=message):
        load_decoder(str(folder))


@pytest.mark.parametrize("family", ["XLNetLMHead", "BertLMHead"])
def test_a_model_that_sees_what_it_is_to_predict_is_refused(family, folder):
    import transformers

    sizes = {"vocab_size": 270, "d_model": 16, "n_layer": 1, "n_head": 2, "d_inner": 32}
    if family == "BertLMHead":
        sizes = {"vocab_size": 270, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = getattr(transformers, f"{family.removesuffix('LMHead')}Config")(**sizes)
    getattr(transformers, f"{family}Model")(config).save_pretrained(folder)
    with pytest.raises(QwattError, match=f"{family}Model sees the tokens that follow"):
        load_decoder(str(folder))


def test_a_bert_that_looks_back_alone_is_a_decoder(folder):
    from transformers import BertConfig, BertLMHeadModel

    config = BertConfig(
        vocab_size=270, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, is_decoder=True
    )
    BertLMHeadModel(config).save_pretrained(folder)
    assert load_decoder(str(folder)).parameters > 0


def test_a_name_that_is_none_is_answered_with_the_nearest():
    with pytest.raises(QwattError, match="did you mean smollm2"):
        load_decoder("smollm")


def test_a_tokenizer_that_writes_more_entries_than_the_model_has_is_refused(folder):
    decoder = load_decoder(str(folder))
    decoder.model.resize_token_embeddings(40)
    assert len(decoder_tokens(decoder, [])) == 0
    with pytest.raises(QwattError, match=r"entry 2\d\d of a vocabulary of which the model has 40"):
        decoder_tokens(decoder, ["the old king"])
    with pytest.raises(QwattError, match="the tokenizer writes entry"):
        bits_per_character(decoder, ["the old king"])
