"""Training: budgets, curves, and the same bits after SIGKILL."""

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from qwatt.core.errors import QwattError
from qwatt.data.phrases import phrase_documents
from qwatt.language.decoder import DecoderSize, train, train_decoder
from qwatt.language.decoder.checkpoint import FILE

TEXTS = [text for _, text in phrase_documents(40, seed=1)]
SIZE = DecoderSize(vocabulary=300, hidden=16, intermediate=32, layers=1, heads=2, context=16, batch=4)
STEPS = 40
BUDGET = STEPS * SIZE.step_tokens

KILLED = """
import os, signal, sys
from pathlib import Path

sys.path.insert(0, sys.argv[3])
import test_decoder_training as t
from qwatt.language.decoder import train

def on_step(tokens, loss):
    if tokens == 23 * t.SIZE.step_tokens:
        os.kill(os.getpid(), signal.SIGKILL)

train._SAVE_EVERY_S = 0.0  # a checkpoint after every step
folder, precision = Path(sys.argv[1]), sys.argv[2]
train.train_decoder(t.TEXTS, t.SIZE, t.BUDGET, 3, precision=precision, folder=folder, on_step=on_step)
"""


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_killed_it_goes_on_bit_for_bit(tmp_path, precision):
    whole = train_decoder(TEXTS, SIZE, BUDGET, 3, precision=precision)
    arguments = [str(tmp_path / "run"), precision, str(Path(__file__).parent)]
    child = subprocess.run([sys.executable, "-c", KILLED, *arguments], capture_output=True, timeout=100)
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert (tmp_path / "run" / FILE).is_file()
    seen = []
    resumed = train_decoder(
        TEXTS,
        SIZE,
        BUDGET,
        3,
        precision=precision,
        folder=tmp_path / "run",
        on_step=lambda t, _: seen.append(t),
    )
    assert seen[0] > SIZE.step_tokens  # it went on
    assert seen[-1] == BUDGET
    assert resumed.resumed == 1
    for name, weights in whole.model.state_dict().items():
        assert torch.equal(weights, resumed.model.state_dict()[name]), name
    assert [(p.tokens, p.loss) for p in whole.curve.points] == [
        (p.tokens, p.loss) for p in resumed.curve.points
    ]
    assert resumed.loss == whole.loss


def test_ended_while_it_saves_it_saves_again_and_then_is_only_read(tmp_path, monkeypatch):
    def fails(trained, folder):
        raise OSError("no space")

    with monkeypatch.context() as patch:
        patch.setattr(train, "save_trained", fails)
        with pytest.raises(OSError, match="no space"):
            train_decoder(TEXTS, SIZE, BUDGET, 3, folder=tmp_path)
    steps = []
    saved = train_decoder(TEXTS, SIZE, BUDGET, 3, folder=tmp_path, on_step=lambda *_: steps.append(1))
    assert steps == []
    assert not (tmp_path / FILE).exists()
    read = train_decoder(TEXTS, SIZE, BUDGET, 3, folder=tmp_path)
    assert read.to_record() == saved.to_record()
    assert read.curve == saved.curve
    for name, weights in saved.model.state_dict().items():
        assert torch.equal(weights, read.model.state_dict()[name]), name


def test_a_folder_of_another_training_is_not_gone_on_with(tmp_path):
    class Stop(Exception):
        pass

    def stop(tokens, loss):
        if tokens == 30 * SIZE.step_tokens:
            raise Stop

    with pytest.raises(Stop):
        train_decoder(TEXTS, SIZE, BUDGET, 3, folder=tmp_path, on_step=stop)
    with pytest.raises(QwattError, match="other text, sizes, seed"):
        train_decoder(TEXTS, SIZE, BUDGET, 4, folder=tmp_path)


def test_the_curve_holds_joules_that_rise_and_says_what_a_target_costs():
    curve = train_decoder(TEXTS, SIZE, BUDGET, 3).curve
    joules = [point.joules.value for point in curve.points]
    assert joules == sorted(joules)
    assert [p.tokens for p in curve.points][-1] == BUDGET
    losses = [point.loss for point in curve.points]
    assert losses[-1] < losses[0] - 0.5
    assert curve.energy_to(losses[-1]).value == joules[int(np.flatnonzero(np.array(losses) <= losses[-1])[0])]
    assert "not reached" in curve.energy_to(0.0).reason


def test_ids_train_the_same_network_as_their_texts():
    texts = train_decoder(TEXTS, SIZE, BUDGET, 3)
    from qwatt.language.decoder.corpus import hold_back
    from qwatt.language.decoder.vocabulary import encode

    parts = [encode(texts.tokenizer, part) for part in hold_back(TEXTS, 0.05)]
    ids = train_decoder(parts[0], SIZE, BUDGET, 3, held=parts[1], tokenizer=texts.tokenizer)
    assert ids.loss == texts.loss
    assert ids.bits_per_character is None


def test_an_optimiser_of_the_callers_own_is_taken():
    calls = []

    def sgd(named):
        calls.append([name for name, _ in named])
        return torch.optim.SGD([weights for _, weights in named], lr=0.5)

    trained = train_decoder(TEXTS, SIZE, BUDGET, 3, optimiser=sgd)
    assert "model.embed_tokens.weight" in calls[0]
    assert trained.loss < np.log(300)


@pytest.mark.parametrize(
    "nameless", [lambda named: torch.optim.SGD(named, lr=0.5), partial(torch.optim.SGD, lr=0.5)]
)
def test_a_folder_takes_no_optimiser_without_a_name(nameless, tmp_path):
    """Two lambdas have one name: the second would be answered with what the first had trained."""
    with pytest.raises(QwattError, match="no name of its own") as refused:
        train_decoder(TEXTS, SIZE, BUDGET, optimiser=nameless, folder=tmp_path)
    assert "function with a name" in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokens": 10}, "less than one step"),
        ({"optimiser": "sophia"}, "unknown optimiser"),
        ({"precision": "fp8"}, "unknown precision"),
        ({"corpus": ["short"]}, "no text is left to hold back"),
        ({"corpus": ["a"], "held": ["b, and c"]}, "too few to train on"),
        ({"corpus": np.arange(1_000)}, "not in a vocabulary of 300"),
    ],
)
def test_what_cannot_be_trained_is_refused(change, message):
    arguments = {"corpus": TEXTS, "size": SIZE, "tokens": BUDGET} | change
    with pytest.raises(QwattError, match=message):
        train_decoder(**arguments)
