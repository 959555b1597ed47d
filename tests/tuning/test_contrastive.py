"""The contrastively tuned encoder: its loss, what it learns, and that what is saved is what was tuned."""

import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from labelled import WORDS, sentences, write_rows

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend
from qwatt.language import get_encoder
from qwatt.language.tunable import TunableEncoder
from qwatt.stages.tuning.head.contrastive import ContrastiveHead, pair_loss
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem
from qwatt.stages.tuning.head.score import accuracy
from qwatt.stages.tuning.head.task import HeadTask


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of 2 layers, made without a network."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel

    path = tmp_path_factory.mktemp("encoder")
    words = ["[PAD]", "[UNK]", "case", "a", "day", "number", *WORDS]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(path / "tokenizer.json"))
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=24, **size)).save_pretrained(path)
    return path


@pytest.fixture(params=["hashed:16", "network"])
def encoder(
    request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> str:
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    return str(folder) if request.param == "network" else request.param


@pytest.fixture
def problem(encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HeadProblem:
    sizes = {"xs": HeadTask.sizes["xs"] | {"encoder": encoder}}
    monkeypatch.setattr(HeadTask, "sizes", sizes)
    return HeadTask().load(write_rows(tmp_path / "rows.jsonl", sentences(3, 26)), "xs", 0)


def context() -> Unmetered:
    return Unmetered(get_backend("engine"))


def test_the_loss_is_that_of_all_pairs() -> None:
    rng = np.random.default_rng(0)
    vectors = torch.nn.functional.normalize(torch.tensor(rng.normal(size=(5, 4))), dim=1)
    labels = torch.tensor([0, 1, 0, 2, 1])
    expected = np.mean(
        [
            (float(vectors[i] @ vectors[j]) - float(labels[i] == labels[j])) ** 2
            for i, j in combinations(range(5), 2)
        ]
    )
    assert float(pair_loss(vectors, labels)) == pytest.approx(expected)
    assert float(pair_loss(vectors[:1], labels[:1])) == 0.0


def test_before_training_it_is_the_frozen_encoder(encoder: str) -> None:
    texts = [text for text, _ in sentences(3, 5)]
    assert np.allclose(TunableEncoder(encoder).encode(texts), get_encoder(encoder).encode(texts), atol=1e-6)


def test_it_pulls_a_labels_sentences_together(problem: HeadProblem) -> None:
    def apart(encoder: TunableEncoder) -> float:
        with torch.no_grad():
            vectors = encoder.vectors(problem.train.texts)
            return float(pair_loss(vectors, torch.from_numpy(problem.train.labels)))

    before = TunableEncoder(problem.embedding.encoder)
    model = ContrastiveHead().fit(problem, {"epochs": 4, "learning_rate": 1e-2}, context())
    state = {n.removeprefix("encoder."): a for n, a in model.arrays.items() if n.startswith("encoder.")}
    assert set(state) == {name for name, _ in before.trained()}
    assert not any(name.startswith("embeddings") for name in state)
    assert apart(TunableEncoder(problem.embedding.encoder, state)) < 0.8 * apart(before)


def test_a_saved_one_labels_as_the_tuned_one(problem: HeadProblem, tmp_path: Path) -> None:
    head = ContrastiveHead()
    model = head.fit(problem, {"epochs": 4, "learning_rate": 1e-2}, context())
    scores = head.label(model, problem.test, context(), "predict")
    assert accuracy(scores, problem.test.labels) > 0.8
    model.save(tmp_path / "head")
    again = head.label(HeadModel.load(tmp_path / "head"), problem.test, context(), "predict")
    assert np.array_equal(scores, again)


def test_it_is_not_charged_for_the_frozen_encoder(problem: HeadProblem) -> None:
    plan = ContrastiveHead().plan(problem, ContrastiveHead.defaults(), None)
    assert not plan.once.work
    assert problem.embedding._found is None
    [kind] = problem.embedding.work
    assert plan.apply.work is not None and plan.run.work is not None
    share = len(problem.test) / len(problem.embedding.texts)
    assert plan.apply.work[kind] == pytest.approx(problem.embedding.work[kind] * share)
    assert plan.run.work[kind] > problem.embedding.work[kind] * len(problem.train) / 78


def test_word_vectors_and_positions_of_opt_stay_as_they_are(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import OPTConfig, OPTModel

    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    config = OPTConfig(
        vocab_size=100,
        hidden_size=16,
        word_embed_proj_dim=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        ffn_dim=32,
        max_position_embeddings=24,
    )
    OPTModel(config).save_pretrained(tmp_path / "opt")
    shutil.copy(folder / "tokenizer.json", tmp_path / "opt")
    tunable = TunableEncoder(str(tmp_path / "opt"))
    frozen = {name for name, weights in tunable.module.named_parameters() if not weights.requires_grad}
    assert frozen == {"decoder.embed_tokens.weight", "decoder.embed_positions.weight"}
