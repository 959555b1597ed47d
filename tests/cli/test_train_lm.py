"""`qwatt train-lm`: a model folder out of a corpus, and the answer to a wrong command line."""

import json

import pytest

from qwatt.data.phrases import phrase_documents

ARGUMENTS = "--model tiny --tokens 4096 --set layers=1 --set context=16"


@pytest.fixture
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [json.dumps({"text": text}) for _, text in phrase_documents(40, 5)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(rows))
    return tmp_path


def test_a_corpus_becomes_a_folder_that_every_later_stage_takes(qwatt, inside):
    from qwatt.language.decoder import bits_per_character, load_decoder

    first = qwatt(f"train-lm corpus.jsonl --out model {ARGUMENTS} --json")
    assert first.code == 0, first.err
    assert first.record["tokens"] == 4096
    assert first.record["training_energy"]["value"] > 0
    decoder = load_decoder("model")
    assert decoder.context == 16
    texts = [text for _, text in phrase_documents(2, 77)]
    assert bits_per_character(decoder, texts) == pytest.approx(first.record["bits_per_character"], rel=0.2)
    again = qwatt(f"train-lm corpus.jsonl --out model {ARGUMENTS} --json")
    assert again.record == first.record  # read, not trained again
    said = qwatt(f"train-lm corpus.jsonl --out model {ARGUMENTS}").out
    assert f"{first.record['bits_per_character']:.3f} bits per character" in said
    assert "model: model" in said


def test_a_training_that_learns_its_text_by_heart_is_told(qwatt, inside):
    (inside / "few.txt").write_text("a red lantern in the old clock and the hill " * 60)
    (inside / "other.txt").write_text("the hill and the old lantern in a red clock " * 60)
    said = qwatt(f"train-lm few.txt --held other.txt --out few {ARGUMENTS} --tokens 8192").out
    assert "the held-back loss rose from" in said and "fewer --tokens" in said
    assert "rose from" not in qwatt(f"train-lm corpus.jsonl --out model {ARGUMENTS}").out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("train-lm corpus.jsonl --out m --model huge", "unknown decoder 'huge'"),
        ("train-lm corpus.jsonl --out m --set layrs=1", "did you mean layers"),
        ("train-lm corpus.jsonl --out m --set layers=two", "not a whole number"),
        ("train-lm corpus.jsonl --out m --set hidden=100", "not an even multiple"),
        ("train-lm corpus.jsonl --out corpus.jsonl", "it is a file"),
        ("train-lm corpus.jsonl --out .", "the folder holds other files"),
        ("train-lm nowhere.jsonl --out m", "nowhere.jsonl"),
        ("train-lm corpus.jsonl --out m --tokens 5 --model tiny", "less than one step of 512"),
    ],
)
def test_a_wrong_line_is_answered(qwatt, inside, line, said):
    ran = qwatt(line)
    assert ran.code == 2
    assert said in ran.err
    assert "mend:" in ran.err
    assert not (inside / "m").exists()
