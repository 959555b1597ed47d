import json
import shutil

import numpy as np
import pytest

from qwatt.core.errors import QwattError
from qwatt.language import Encoder, check_encoder

TEXT = "the old king speaks of winter and a young queen hears him"
WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", *TEXT.split()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A random BERT of 2 layers in a folder, made without a network."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    path = tmp_path_factory.mktemp("encoder")
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.save(str(path / "tokenizer.json"))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=24,
    )
    BertModel(config).save_pretrained(path)
    return path


@pytest.fixture
def encoder(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    return Encoder(folder, "toy")


def sentences(count):
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS[4:], rng.integers(1, 40))) for _ in range(count)]


def one_by_one(encoder, texts):
    """Each text alone, without padding or batches: the definition."""
    import torch

    rows = []
    for text in texts:
        ids = encoder._tokenizer.encode(text).ids
        with torch.inference_mode():
            mean = encoder.network(input_ids=torch.tensor([ids])).last_hidden_state[0].mean(0).numpy()
        rows.append(mean / np.linalg.norm(mean))
    return np.stack(rows)


def test_batches_and_padding_do_not_change_a_vector(encoder):
    texts = sentences(150)
    vectors = encoder.encode(texts)
    assert vectors.shape == (150, 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, one_by_one(encoder, texts), atol=2e-6)


def test_a_repeat_computes_nothing_and_reports_what_it_cost_then(encoder, monkeypatch):
    texts = sentences(300)
    calls = []
    first = encoder.embed(texts, lambda done, of: calls.append((done, of)))
    distinct = len(set(texts))
    assert calls[-1] == (distinct, distinct)
    assert first.energy.known
    monkeypatch.setattr(encoder, "_forward", None)  # a call would fail
    second = encoder.embed(texts)
    np.testing.assert_array_equal(first.value, second.value)
    assert second.energy == first.energy
    assert second.seconds == first.seconds > 0
    assert second.note.startswith("embeddings, measured on 20")


def test_a_part_is_charged_by_its_tokens_whenever_it_was_computed(encoder):
    texts = ["the king", "the old king speaks of winter and a"]  # 4 and 10 tokens with [CLS] and [SEP]
    whole = encoder.embed(texts).energy
    part = encoder.embed(texts[:1])
    assert part.energy.value == pytest.approx(whole.value * 4 / 14)
    mixed = encoder.embed([texts[0], "a queen", texts[0]])
    alone = encoder.embed(["a queen"])
    assert mixed.energy.value == pytest.approx(alone.energy.value + part.energy.value)


def test_two_encoders_do_not_share_vectors(folder, encoder, tmp_path):
    import shutil

    import torch
    from transformers import BertModel

    other = shutil.copytree(folder, tmp_path / "other")
    network = BertModel.from_pretrained(other)
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(1.7)
    network.save_pretrained(other)
    first = encoder.encode(["the king"])
    assert not np.allclose(first, Encoder(other, "toy").encode(["the king"]))


def test_another_tokenizer_does_not_share_vectors(folder, encoder, tmp_path):
    import json
    import shutil

    other = shutil.copytree(folder, tmp_path / "other")
    tokenizer = json.loads((other / "tokenizer.json").read_text("utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["king"], vocabulary["queen"] = vocabulary["queen"], vocabulary["king"]
    (other / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    first = encoder.encode(["the king"])
    assert not np.allclose(first, Encoder(other, "toy").encode(["the king"]))


def test_a_damaged_cache_is_computed_again(encoder):
    first = encoder.encode(["the king", "a queen"])
    encoder.cache.path.write_bytes(b"no database")
    with pytest.warns(RuntimeWarning, match="damaged"):
        again = encoder.embed(["the king", "a queen"])
    np.testing.assert_allclose(first, again.value, atol=1e-6)
    assert again.energy.known


def test_no_texts(encoder):
    result = encoder.embed([])
    assert result.value.shape == (0, 16)
    assert not result.energy.known


def test_a_data_set_is_no_model_and_a_folder_must_be_one(tmp_path):
    with pytest.raises(QwattError, match="not a model"):
        Encoder.load("vader")
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(QwattError, match=r"config\.json"):
        Encoder.load(str(tmp_path))


def test_shards_are_read_as_the_whole_file_and_all_of_them_count(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    shards = tmp_path / "shards"
    Encoder(folder, "toy").network.save_pretrained(shards, max_shard_size="4KB")
    shutil.copy(folder / "tokenizer.json", shards)
    assert not (shards / "model.safetensors").exists()
    sharded = Encoder.load(str(shards))
    texts = sentences(5)
    assert np.array_equal(sharded.encode(texts), Encoder(folder, "toy").encode(texts))
    first = sharded.cache.path
    last = max(shards.glob("model-*.safetensors"))
    last.write_bytes(last.read_bytes() + b" ")
    assert Encoder.load(str(shards)).cache.path != first
    last.unlink()
    with pytest.raises(QwattError, match=f"it has no {last.name}"):
        Encoder.load(str(shards))


def test_weights_that_torch_pickled_are_read_as_the_others_are(folder, tmp_path, monkeypatch):
    import torch
    from safetensors.torch import load_file

    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    own = tmp_path / "own"
    shutil.copytree(folder, own)
    torch.save(load_file(own / "model.safetensors"), own / "pytorch_model.bin")
    (own / "model.safetensors").unlink()
    check_encoder(str(own))
    texts = sentences(5)
    assert np.array_equal(Encoder.load(str(own)).encode(texts), Encoder(folder, "toy").encode(texts))


def pooling(own, said, *others):
    """Describe a folder's modules as sentence-transformers does."""
    names = ["Transformer", "Pooling", *others, "Normalize"]
    paths = ["", *(f"{i}_{name}" for i, name in enumerate(names[1:], 1))]
    kinds = [f"sentence_transformers.models.{name}" for name in names]
    modules = [
        {"idx": i, "path": path, "type": kind}
        for i, (path, kind) in enumerate(zip(paths, kinds, strict=True))
    ]
    (own / "modules.json").write_text(json.dumps(modules), "utf-8")
    (own / "1_Pooling").mkdir()
    (own / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 16} | said))


@pytest.mark.parametrize(
    ("said", "vector"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, lambda states: states[0]),
        ({"pooling_mode_max_tokens": True, "include_prompt": True}, lambda states: states.max(0)),
        ({"pooling_mode_mean_sqrt_len_tokens": True}, lambda states: states.mean(0)),
        ({"pooling_mode": "lasttoken"}, lambda states: states[-1]),
        ({"pooling_mode": "cls", "pooling_mode_mean_tokens": False}, lambda states: states[0]),
    ],
)
def test_states_are_pooled_as_a_folder_of_sentence_transformers_says(
    said, vector, folder, tmp_path, monkeypatch
):
    import torch

    from qwatt.language.tunable import TunableEncoder

    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    own = tmp_path / "own"
    shutil.copytree(folder, own)
    texts, mean = sentences(9), Encoder.load(str(own)).cache.path
    pooling(own, said)
    encoder = Encoder.load(str(own))
    rows = []
    for ids in encoder.tokens(texts):
        with torch.inference_mode():
            rows.append(vector(encoder.network(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy()))
    expected = np.stack(rows) / np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.encode(texts), expected, atol=2e-6)
    np.testing.assert_allclose(TunableEncoder(str(own)).encode(texts), expected, atol=2e-6)
    assert (encoder.cache.path == mean) == (encoder.pooling == "mean")


@pytest.mark.parametrize(
    ("said", "others", "message"),
    [
        ({"pooling_mode_cls_token": True}, ["Dense"], "the vectors pass Dense"),
        ({"pooling_mode_weightedmean_tokens": True}, [], "pooled by weightedmean"),
        ({"pooling_mode_cls_token": True, "pooling_mode_max_tokens": True}, [], "pooled by cls and max"),
    ],
)
def test_a_folder_whose_vectors_would_be_others_is_refused(said, others, message, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "own")
    pooling(tmp_path / "own", said, *others)
    with pytest.raises(QwattError, match=message):
        check_encoder(str(tmp_path / "own"))


def test_a_text_in_which_the_tokenizer_finds_nothing_has_a_vector_too(folder, tmp_path, monkeypatch):
    from tokenizers import Tokenizer, models

    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    shutil.copytree(folder, tmp_path / "own")
    letters = {letter: i for i, letter in enumerate("kingofs")}
    Tokenizer(models.BPE(letters, [])).save(str(tmp_path / "own" / "tokenizer.json"))
    vectors = Encoder.load(str(tmp_path / "own")).encode(["king", "😀", "of kings"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.isfinite(Encoder.load(str(tmp_path / "own")).embed(["ü", "ä"]).value).all()


@pytest.mark.parametrize("family", ["GPT2", "DistilBert", "Mpt", "XLNet", "T5"])
def test_networks_with_other_names_for_their_sizes_are_read(family, folder, tmp_path, monkeypatch):
    import transformers

    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    sizes = {
        "GPT2": {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 24},
        "DistilBert": {
            "dim": 16,
            "n_layers": 2,
            "n_heads": 2,
            "hidden_dim": 64,
            "max_position_embeddings": 24,
        },
        "Mpt": {"d_model": 16, "n_layers": 2, "n_heads": 2, "max_seq_len": 24},
        "XLNet": {"d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 64},
        "T5": {"d_model": 16, "num_layers": 2, "num_heads": 2, "d_kv": 8, "d_ff": 64},
    }
    config = getattr(transformers, f"{family}Config")(vocab_size=len(WORDS), **sizes[family])
    half = "Encoder" if family == "T5" else ""
    getattr(transformers, f"{family}{half}Model")(config).save_pretrained(tmp_path / "model")
    shutil.copy(folder / "tokenizer.json", tmp_path / "model")
    if family in ("XLNet", "T5"):  # whose positions are relative: without a limit
        (tmp_path / "model" / "sentence_bert_config.json").write_text('{"max_seq_length": 24}')
    encoder = Encoder.load(str(tmp_path / "model"))
    texts = sentences(5)
    assert (encoder.dimensions, encoder.max_tokens) == (16, 24)
    assert np.allclose(encoder.encode(texts), one_by_one(encoder, texts), atol=1e-5)
    tokens = sum(map(len, encoder.tokens(texts)))
    assert encoder.work(texts)["encoder_flop"] > 2 * 2 * (4 * 16**2 + 2 * 16 * 64) * tokens


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "config.json").write_text("{"), "not JSON that describes a model"),
        (lambda f: (f / "config.json").write_text("[]"), "it is no object"),
        (lambda f: (f / "config.json").write_text("{}"), "says how many tokens"),
        (
            lambda f: (f / "sentence_bert_config.json").write_text('{"max_seq_length": "all"}'),
            "says how many",
        ),
        (lambda f: (f / "model.safetensors").unlink(), r"no model\.safetensors"),
        (
            lambda f: (f / "config.json").write_text('{"model_type": "t5", "is_encoder_decoder": true}'),
            "t5 is an encoder with a decoder",
        ),
    ],
)
def test_what_is_wrong_with_a_folder_is_said_before_its_weights_are_read(folder, spoil, message, tmp_path):
    own = tmp_path / "own"
    shutil.copytree(folder, own)
    spoil(own)
    with pytest.raises(QwattError, match=message):
        check_encoder(str(own))


def test_weights_that_cannot_be_read_are_said(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    shutil.copytree(folder, tmp_path / "own")
    (tmp_path / "own" / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(QwattError, match="transformers cannot load it"):
        Encoder.load(str(tmp_path / "own")).encode(["the old king"])


def test_a_tokenizer_that_writes_more_entries_than_the_network_has_is_refused(folder, tmp_path, monkeypatch):
    from tokenizers import Tokenizer

    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    shutil.copytree(folder, tmp_path / "own")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.add_tokens(["dragon"])
    tokenizer.save(str(tmp_path / "own" / "tokenizer.json"))
    encoder = Encoder.load(str(tmp_path / "own"))
    assert encoder.encode(["the old king"]).shape == (1, 16)
    with pytest.raises(QwattError, match="the tokenizer writes entry"):
        encoder.encode(["the old dragon"])


@pytest.mark.nightly
@pytest.mark.network
def test_minilm_knows_a_paraphrase():
    vectors = Encoder.load().encode(
        ["A cat sits on the mat.", "A kitten is sitting on a rug.", "The stock market fell sharply today."]
    )
    cosine = vectors @ vectors.T
    assert cosine[0, 1] > 0.6
    assert cosine[0, 2] < 0.2


def test_long_texts_are_the_mean_of_their_pieces(encoder):
    from qwatt.language import embed_long, spread_chunks

    long = " ".join(sentences(60))
    pieces = spread_chunks(long)
    assert len(pieces) == 4
    assert long.startswith(pieces[0])
    assert long.endswith(pieces[-1])
    vectors = embed_long(encoder, ["the king", long, "a queen"]).value
    mean = encoder.encode(pieces).mean(axis=0)
    np.testing.assert_allclose(vectors[1], mean / np.linalg.norm(mean), atol=1e-6)
    np.testing.assert_allclose(vectors[[0, 2]], encoder.encode(["the king", "a queen"]), atol=1e-6)


def test_the_longest_text_fits_a_network_whose_positions_follow_padding(folder, tmp_path, monkeypatch):
    """RoBERTa's first position is one after that of padding: of its 24 there are 23 for tokens."""
    from transformers import RobertaConfig, RobertaModel

    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    shutil.copy(folder / "tokenizer.json", tmp_path)
    config = RobertaConfig(
        vocab_size=len(WORDS),
        pad_token_id=0,
        max_position_embeddings=24,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
    )
    RobertaModel(config).save_pretrained(tmp_path)
    encoder = Encoder(tmp_path, "toy")
    assert encoder.max_tokens == 23
    assert np.isfinite(encoder.encode([" ".join([TEXT] * 9)])).all()


def test_the_encoder_without_a_model_sees_near_duplicates():
    from qwatt.language import get_encoder

    encoder = get_encoder("hashed")
    vectors = encoder.encode(["the old king speaks", "the old king speak", "a young queen hears him", ""])
    np.testing.assert_allclose(np.linalg.norm(vectors[:3], axis=1), 1, atol=1e-6)
    cosine = vectors @ vectors.T
    assert cosine[0, 1] > 0.8
    assert cosine[0, 2] < 0.3


def test_the_folder_of_a_user_that_there_is_not_is_no_encoder():
    with pytest.raises(QwattError, match="~nobodyy/x"):
        check_encoder("~nobodyy/x")
    with pytest.raises(QwattError, match="~nobodyy/x"):
        Encoder.load("~nobodyy/x")
