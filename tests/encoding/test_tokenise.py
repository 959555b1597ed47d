"""Tokenizers: nothing is lost in any script, fast libraries learn as the reference, bits are right."""

import json
import math
import pickle
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.core.registry import all_methods, get_method
from qwatt.energy.meter import Meter
from qwatt.language.byte_level import PATTERN, entries_of
from qwatt.language.symbols import read, symbols, written
from qwatt.protocol.execute import execute
from qwatt.stages.encoding.tokenise.bpe import Bpe
from qwatt.stages.encoding.tokenise.bpe_bpeasy import BpeBpeasy
from qwatt.stages.encoding.tokenise.bpe_gigatoken import BpeGigatoken
from qwatt.stages.encoding.tokenise.bpe_rustbpe import BpeRustbpe
from qwatt.stages.encoding.tokenise.byte_values import ByteValues
from qwatt.stages.encoding.tokenise.characters import Characters
from qwatt.stages.encoding.tokenise.entropy import bigram_bits, unigram_bits
from qwatt.stages.encoding.tokenise.numbers import chinese, english, german, number_documents, russian
from qwatt.stages.encoding.tokenise.problem import TokeniseAnswer, Tokens
from qwatt.stages.encoding.tokenise.score import held_back_quality
from qwatt.stages.encoding.tokenise.sources import NUMBERS, passages
from qwatt.stages.encoding.tokenise.task import TokeniseTask
from qwatt.stages.encoding.tokenise.unigram import Unigram
from qwatt.stages.encoding.tokenise.wordpiece import JOINER, WordPiece
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec

METHODS = [Bpe, BpeGigatoken, BpeRustbpe, BpeBpeasy, WordPiece, Unigram, ByteValues, Characters]
TRICKY = [
    f"{JOINER}joined ##pieces Ġ Ċ <0x41> <unk> <|endoftext|>",
    "x" * 300 + " " * 50 + "\n\n\t\r\n",
    "हिन्दी में लिखा हुआ पाठ",
    "مرحبا بالعالم",
    "ภาษาไทยไม่มีช่องว่าง",
    "👩‍👩‍👧‍👦🏳️‍🌈 é e\u0301",
    "\x00\x01\x7f\u200b\ufeff\U0010ffff",
]


class TestTask(TaskChecks):
    task = TokeniseTask
    source = NUMBERS


class TokeniseChecks(MethodChecks):
    source = NUMBERS

    def test_the_vocabulary_is_no_larger_than_asked(self):
        trial, problem, _ = self._run()
        assert trial.extras["vocabulary"] <= problem.vocabulary

    def test_the_library_alone_writes_the_same_tokens(self):
        trial, _, _ = self._run()
        assert trial.extras["passages_written_as_by_tokenizers"] == 1.0


class TestBpe(TokeniseChecks):
    method = Bpe


class TestGigatoken(TokeniseChecks):
    method = BpeGigatoken


class TestRustbpe(TokeniseChecks):
    method = BpeRustbpe


class TestBpeasy(TokeniseChecks):
    method = BpeBpeasy


class TestWordPiece(TokeniseChecks):
    method = WordPiece


class TestUnigram(TokeniseChecks):
    method = Unigram


class TestBytes(TokeniseChecks):
    method = ByteValues


class TestCharacters(TokeniseChecks):
    method = Characters


@pytest.fixture(scope="module")
def learnt():
    """Every method's tokenizer of the same numbers, and what encodes with it."""
    texts = number_documents(30_000, 1)
    found = {}
    for method in METHODS:
        made = method()
        tokenizer = made.train(texts, 1_000)
        found[method] = tokenizer, made.encoder(tokenizer)
    return found


def test_these_are_all_methods_of_the_task_with_equal_rights_to_tune():
    assert {m.name for m in all_methods("encoding/tokenise")} == {m.name for m in METHODS}
    assert {tuple(m.space.items()) for m in METHODS} == {(("vocabulary", (0,)),)}


def read_back(tokenizer, rows):
    from tokenizers import Tokenizer

    return Tokenizer.from_str(tokenizer).decode_batch(rows, skip_special_tokens=False)


@pytest.mark.parametrize("method", METHODS)
def test_every_script_is_read_back_exactly(learnt, method):
    tokenizer, encode = learnt[method]
    assert read_back(tokenizer, encode(TRICKY).rows()) == TRICKY


@pytest.mark.parametrize("method", METHODS)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_any_text_is_read_back_exactly(learnt, method, texts):
    tokenizer, encode = learnt[method]
    tokens = encode(texts)
    assert len(tokens.lengths) == len(texts) and tokens.lengths.sum() == len(tokens.ids)
    assert read_back(tokenizer, tokens.rows()) == texts


def test_gigatoken_learns_the_merges_of_the_reference_in_their_order(learnt):
    merges = [json.loads(learnt[method][0])["model"]["merges"] for method in (Bpe, BpeGigatoken)]
    assert merges[0] == merges[1] and len(merges[0]) == 1_000 - 256


@pytest.mark.parametrize("method", [BpeRustbpe, BpeBpeasy])
def test_other_libraries_learn_the_entries_of_the_reference_up_to_ties(learnt, method):
    """The last entries are chosen among equally frequent pairs; all libraries agree on those before."""
    reference, other = (entries_of(learnt[m][0]) for m in (Bpe, method))
    assert len(set(reference) & set(other)) >= 0.95 * len(reference)
    texts = number_documents(10_000, 2)
    lengths = [len(learnt[m][1](texts)) for m in (Bpe, method)]
    assert lengths[1] == pytest.approx(lengths[0], rel=0.02)


def merge_in(word, pair):
    found = []
    for piece in word:
        if found and (found[-1], piece) == pair:
            found[-1] += piece
        else:
            found.append(piece)
    return tuple(found)


def test_each_merge_is_of_a_most_frequent_pair():
    """The definition (arXiv:1508.07909, algorithm 1): count all pairs, merge the first, repeat."""
    texts = number_documents(3_000, 3)
    counts = Counter(
        tuple(bytes([b]) for b in word.encode()) for text in texts for word in regex.findall(PATTERN, text)
    )
    for left, right in json.loads(Bpe().train(texts, 256 + 60))["model"]["merges"]:
        pair = read(left), read(right)
        pairs = Counter()
        for word, n in counts.items():
            for neighbours in pairwise(word):
                pairs[neighbours] += n
        assert pairs[pair] == max(pairs.values())
        counts = sum((Counter({merge_in(word, pair): n}) for word, n in counts.items()), Counter())


def test_bits_are_those_of_witten_and_bells_formula():
    """Exact fractions on a corpus of two texts and three entries, one of which was never seen."""
    training, held = Tokens.of([[0, 1, 0], [0]]), Tokens.of([[0, 1], [2, 0]])
    uni = [(Fraction(n) + Fraction(2, 3)) / (4 + 2) for n in (3, 1, 0)]
    assert sum(uni) == 1
    start = lambda w: ({0: 2}.get(w, 0) + 1 * uni[w]) / (2 + 1)  # noqa: E731
    after_0 = lambda w: ({1: 1}.get(w, 0) + 1 * uni[w]) / (1 + 1)  # noqa: E731
    expected = start(0) * after_0(1) * start(2) * uni[0]  # nothing was seen after 2
    assert bigram_bits(training, held, 3) == pytest.approx(-math.log2(expected))
    assert unigram_bits(training, held, 3) == pytest.approx(-math.log2(uni[0] ** 2 * uni[1] * uni[2]))


@given(st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=5), st.integers(0, 6))
def test_the_bigram_model_is_a_distribution(rows, history):
    training = Tokens.of(rows)
    if not len(training):
        return
    shares = [
        2 ** -(bigram_bits(training, Tokens.of([[history, w] if history < 6 else [w]]), 6)) for w in range(6)
    ]
    first = 2 ** -bigram_bits(training, Tokens.of([[history]]), 6) if history < 6 else 1.0
    assert sum(shares) == pytest.approx(first)


def test_the_symbols_are_those_of_the_tokenizers_library():
    from tokenizers.pre_tokenizers import ByteLevel

    assert set(symbols()) == set(ByteLevel.alphabet()) and len(symbols()) == 256
    cut = ByteLevel(add_prefix_space=False, use_regex=False)
    for text in ("é", " ", "\n", "€", "ÿ\x00"):
        assert cut.pre_tokenize_str(text)[0][0] == written(text.encode())
    assert read(written(bytes(range(256)))) == bytes(range(256))


@given(st.text(min_size=1, max_size=300), st.integers(1, 40))
def test_passages_make_up_the_text(text, width):
    found = passages(text, width)
    assert "".join(found) == text and all(0 < len(passage) <= width for passage in found)


def test_numbers_are_spelt_right():
    assert [english(n) for n in (0, 19, 20, 45, 300, 701)] == [
        "zero", "nineteen", "twenty", "forty-five", "three hundred", "seven hundred and one",
    ]  # fmt: skip
    assert [german(n) for n in (21, 101, 723)] == [
        "einundzwanzig", "einhunderteins", "siebenhundertdreiundzwanzig",
    ]  # fmt: skip
    assert [russian(n) for n in (11, 342)] == ["одиннадцать", "триста сорок два"]
    assert [chinese(n) for n in (10, 15, 20, 105, 110, 987)] == [
        "十", "十五", "二十", "一百零五", "一百一十", "九百八十七",
    ]  # fmt: skip
    for spell in (english, german, russian, chinese):
        assert len({spell(n) for n in range(1000)}) == 1000


def test_learnt_entries_beat_the_controls():
    qualities = {m: run_small(m, small_spec(m, NUMBERS))[0].quality for m in METHODS}
    learnt = [qualities[m] for m in METHODS if m not in (ByteValues, Characters)]
    assert max(learnt) < qualities[Characters] < qualities[ByteValues]


def test_what_is_exported_loads_without_qwatt(tmp_path):
    trial, problem, solution = run_small(WordPiece, small_spec(WordPiece, NUMBERS))
    folder = tmp_path / trial.spec.method
    file, card = TokeniseTask().export(problem, solution, folder)
    assert json.loads(card.read_text())["method"] == "wordpiece"
    (tmp_path / "text.txt").write_text(problem.test[0], encoding="utf-8", newline="")
    code = (
        "import sys; from pathlib import Path; from tokenizers import Tokenizer;"
        f"t = Tokenizer.from_file({str(file)!r});"
        f"text = Path({str(tmp_path / 'text.txt')!r}).read_bytes().decode();"
        "ids = t.encode(text).ids; assert t.decode(ids) == text; print(len(ids));"
        "assert not any(name.startswith('qwatt') for name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == solution.answer.test.lengths[0]
    assert len(pickle.loads(pickle.dumps(solution.answer)).test) == len(solution.answer.test)


@pytest.mark.parametrize(
    "text",
    [
        "यह एक छोटा सा वाक्य है। नदी के किनारे एक पुराना घर था।\n",
        "河边有一座老房子。每天早上，老人都会打开窗户，看着河水慢慢流过。\n",
    ],
    ids=["hindi", "chinese"],
)
def test_a_corpus_of_ones_own_in_another_script(tmp_path, text):
    file = tmp_path / "mine.txt"
    file.write_text(text * 60, encoding="utf-8")
    for method in METHODS:
        trial, problem, _ = run_small(method, small_spec(method, str(file), size="full"))
        assert len(problem.training) + len(problem.validation) + len(problem.test) >= 50
        assert trial.extras["passages_written_as_by_tokenizers"] == 1.0


def test_the_headline_gives_bits_and_joules_per_megabyte():
    trial, _, _ = run_small(Bpe, small_spec(Bpe, NUMBERS))
    said = TokeniseTask().headline(trial, "runs/x/tokenizer.json").facts
    assert said[0].startswith(f"{trial.quality:.3f} bits per character")
    assert "J per MB" in said[1] and "no quantum method" in said[2]
    joules = trial.phases["train"].energy.value
    expected = joules / trial.extras["trained_bytes"] * 1e6
    assert TokeniseTask().summary(trial)["train_j_per_mb"] == pytest.approx(expected)


def test_a_tokenizer_that_loses_text_has_no_quality():
    _, problem, solution = run_small(ByteValues, small_spec(ByteValues, NUMBERS))
    answer = solution.answer
    broken = Tokens(np.where(answer.test.ids == ord("e"), ord("a"), answer.test.ids), answer.test.lengths)
    with pytest.raises(QwattError, match="loses text"):
        held_back_quality(
            problem, TokeniseAnswer(answer.tokenizer, answer.training, answer.validation, broken)
        )


def test_mistakes_name_their_mend(tmp_path):
    problem = TokeniseTask().load(NUMBERS, "xs", 0)
    method = get_method("encoding/tokenise", "wordpiece")
    spec = small_spec(WordPiece, NUMBERS, fixed=(("vocabulary", 300),))
    done, solution = execute(spec, TokeniseTask(), method, problem, Meter())
    assert solution is None and "513 entries or more, not 300" in done.error
    few = tmp_path / "few.txt"
    few.write_text("short", encoding="utf-8")
    with pytest.raises(QwattError, match="too few to learn"):
        TokeniseTask().load(str(few), "full", 0)


def test_nothing_is_printed_past_python(capfd):
    BpeGigatoken().train(number_documents(3_000, 0), 300)
    assert capfd.readouterr() == ("", "")
