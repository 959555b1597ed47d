"""The head task: splits, scores, every head's conformance, and the circuits' shape."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qwatt.core.errors import QwattError
from qwatt.core.problem import Solution
from qwatt.core.registry import all_methods
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem, split_by_hash
from qwatt.stages.tuning.head.sources import read_labelled
from qwatt.stages.tuning.head.task import HeadTask
from qwatt.testing import MethodChecks, TaskChecks

SOURCE = "builtin:weather"


class TestHeadTask(TaskChecks):
    task = HeadTask
    source = SOURCE


def checks_of(cls: type) -> type:
    return type(f"Test{cls.__name__}", (MethodChecks,), {"method": cls, "source": SOURCE})


for _method in all_methods("tuning/head"):
    globals()[f"Test{_method.__name__}"] = checks_of(_method)


@pytest.fixture(scope="module")
def problem() -> HeadProblem:
    loaded = HeadTask().load(SOURCE, "xs", 0)
    assert isinstance(loaded, HeadProblem)
    return loaded


def test_splits_are_disjoint_and_balanced(problem: HeadProblem) -> None:
    texts, labels, _ = read_labelled(SOURCE)
    training, validation, test = split_by_hash(texts, labels, 20, 3)
    assert len({*training, *validation, *test}) == len(training) + len(validation) + len(test) == len(texts)
    assert np.bincount([labels[i] for i in training]).tolist() == [17, 17]
    assert np.bincount([labels[i] for i in validation]).tolist() == [3, 3]


def test_the_split_depends_on_texts_not_on_their_order() -> None:
    texts, labels, _ = read_labelled(SOURCE)
    first = split_by_hash(texts, labels, 20, 0)
    turned = split_by_hash(texts[::-1], labels[::-1], 20, 0)
    for a, b in zip(first, turned, strict=True):
        assert [texts[i] for i in a] == [texts[::-1][i] for i in b]


def test_repeated_texts_never_stand_on_both_sides() -> None:
    texts = ["same"] * 50 + [f"text {i}" for i in range(50)]
    labels = [0] * 50 + [1] * 50
    parts = split_by_hash(texts, labels, 1, 0)
    assert sum(texts[i] == "same" for part in parts for i in part) == 1


def test_every_seed_shares_the_pool() -> None:
    texts, labels, _ = read_labelled(SOURCE)
    pools = [{i for part in split_by_hash(texts, labels, 20, seed, 120) for i in part} for seed in (0, 1)]
    assert pools[0] == pools[1]
    assert len(pools[0]) == 120


def answered(problem: HeadProblem, scores: Any) -> Solution:
    return Solution(HeadAnswer(lambda v: v[:, 0], np.zeros(len(problem.validation)), scores, 1))


def test_scores_are_accuracies(problem: HeadProblem) -> None:
    labels = problem.test.labels
    task = HeadTask()
    assert task.score(problem, answered(problem, labels - 0.5)).value == 1.0
    assert task.score(problem, answered(problem, 0.5 - labels)).value == 0.0
    ones = task.score(problem, answered(problem, np.ones(len(labels))))
    assert ones.value == labels.mean()
    assert ones.extras["balanced_accuracy"] == 0.5


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "labelled.csv"
    path.write_text(text)
    return str(path)


def test_a_users_file_with_two_labels(tmp_path: Path) -> None:
    rows = "".join(f"sentence {i},{'ham' if i % 2 else 'spam'}\n" for i in range(10))
    texts, labels, classes = read_labelled(write(tmp_path, "text,label\n" + rows))
    assert (len(texts), sum(labels), classes) == (10, 5, ("ham", "spam"))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("text,label\na,x\nb,x\n", "two labels"),
        ("text\na\nb\n", "none"),
        ("text,label\na,x\nb,y\nc,z\n", "found 3"),
    ],
)
def test_other_files_are_explained(tmp_path: Path, content: str, word: str) -> None:
    with pytest.raises(QwattError, match=word):
        read_labelled(write(tmp_path, content))


def test_too_few_sentences_are_counted(tmp_path: Path) -> None:
    with pytest.raises(QwattError, match="256 are needed"):
        HeadTask().load(write(tmp_path, "text,label\na,x\nb,y\n"), "full", 0)


def test_an_unknown_source_is_named() -> None:
    with pytest.raises(QwattError, match=r"no such file.*nothing\.csv"):
        read_labelled("nothing.csv")


def test_training_lowers_the_loss(problem: HeadProblem) -> None:
    from qwatt.core.trial import TrialSpec
    from qwatt.energy.meter import Meter
    from qwatt.protocol.context import TrialContext
    from qwatt.quantum.engine import compile_circuit  # noqa: F401
    from qwatt.stages.tuning.head.circuits import head_circuits
    from qwatt.stages.tuning.head.model import HeadWeights, Trainer
    from qwatt.stages.tuning.head.reupload import ReuploadHead

    settings = ReuploadHead.defaults() | {"steps": 30}
    circuits = head_circuits(problem.train.vectors.shape[1], settings)
    context = TrialContext(TrialSpec("tuning/head", "reupload", SOURCE, "xs", 0, "engine", 100, 1), Meter())
    backend: Any = context.backend
    weights = HeadWeights.draw(circuits, context)
    trainer = Trainer(circuits, backend, settings, context)
    losses = trainer.end_to_end(weights, problem.train.vectors, problem.train.labels)
    assert losses[-1] < losses[0]


def test_the_cut_gradient_is_the_whole_gradient(problem: HeadProblem) -> None:
    """Cutting the graph between the modules, to meter them apart, must not change what is learnt."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    from qwatt.core.registry import get_backend
    from qwatt.core.trial import TrialSpec
    from qwatt.energy.meter import Meter
    from qwatt.protocol.context import TrialContext
    from qwatt.stages.tuning.head.circuits import head_circuits
    from qwatt.stages.tuning.head.model import HeadWeights, Trainer, encode
    from qwatt.stages.tuning.head.reupload import ReuploadHead

    settings = ReuploadHead.defaults() | {"steps": 1, "learning_rate": 0.0}
    circuits = head_circuits(problem.train.vectors.shape[1], settings)
    context = TrialContext(TrialSpec("tuning/head", "reupload", SOURCE, "xs", 0, "engine", 100, 1), Meter())
    weights = HeadWeights.draw(circuits, context)
    backend = get_backend("engine")
    Trainer(circuits, backend, settings, context).end_to_end(
        weights, problem.train.vectors, problem.train.labels
    )
    found = [tensor.grad.clone() for tensor in weights.tensors() if tensor.grad is not None]
    for tensor in weights.tensors():
        tensor.grad = None
    angles = encode(circuits, weights, torch.from_numpy(problem.train.vectors))
    z = backend.expval(circuits.module2, angles, weights.module2)[:, 0]
    labels = torch.from_numpy(problem.train.labels).float()
    loss = binary_cross_entropy_with_logits(z * weights.readout[0] + weights.readout[1], labels)
    loss.backward()  # type: ignore[no-untyped-call]
    for cut, tensor in zip(found, weights.tensors(), strict=True):
        assert torch.allclose(cut, tensor.grad, atol=1e-6)
