"""Small corpora of kinds that went wrong for users of other tools, with their right answers."""

import json
import string

import numpy as np
import pytest

from qwatt.core.registry import get_method
from qwatt.stages.curation.dedup.export import real_documents
from qwatt.stages.curation.dedup.shingles import jaccard, shingle
from qwatt.stages.curation.dedup.text import normalise, pieces, tokens, words
from qwatt.testing.trials import run_small, small_spec

SHINGLED = ("minhash", "independent-set-annealing", "independent-set-qaoa", "greedy")
LEXICAL = ("exact-hash", *SHINGLED)


def kept(name, texts, tmp_path, tuning_trials=12):
    """Tune and run a method on a file of these texts; return the kept texts and the trial."""
    source = tmp_path / "corpus.jsonl"
    source.write_text("".join(json.dumps({"id": f"d{i}", "text": t}) + "\n" for i, t in enumerate(texts)))
    cls = type(get_method("curation/dedup", name))
    spec = small_spec(cls, str(source), size="full", tuning_trials=tuning_trials)
    trial, problem, solution = run_small(cls, spec)
    keep, dropped = real_documents(problem, solution.answer)
    assert len(keep) + len(dropped) == len(texts)
    assert [int(problem.ids[i][1:]) for i in keep] == sorted(int(problem.ids[i][1:]) for i in keep)
    return [problem.texts[i] for i in keep], trial


HINDI = [
    "दिन में काम है",
    "दीन में कम है",
    "दान मे कीमा हो",
    "पिता घर में है",
    "पीता घर में है",
    "पुत्र घर गया",
    "पत्र घर गया",
]
TAMIL = ["அவன் வந்தான்", "அவள் வந்தாள்", "அவர் வந்தார்", "அது வந்தது", "நான் வந்தேன்"]
SIGNS = ["🚀🚀🚀", "😀", "❤️ ❤️", "!!!", "???", "→ ← ↑", "∑ ∫ ∂ ≠ ≤", "+-*/=<>"]
CODE = [
    "a + b",
    "a - b",
    "C",
    "C++",
    "C#",
    "x[i]",
    "x(i)",
    "i++",
    "i--",
    "3.14",
    "314",
    "$5",
    "5",
    "if !x",
    "if x",
]


@pytest.mark.parametrize("name", LEXICAL)
@pytest.mark.parametrize("texts", [HINDI, TAMIL, SIGNS, CODE], ids=["marks", "viramas", "signs", "code"])
def test_different_texts_all_stay(name, texts, tmp_path):
    found, _ = kept(name, texts, tmp_path, tuning_trials=2)
    assert found == texts


@pytest.mark.parametrize("name", LEXICAL)
def test_composed_and_decomposed_are_the_same_text(name, tmp_path):
    import unicodedata

    accented = ["Überraschung für die Königin: schöne Grüße", "El niño comió jamón en la montaña"]
    texts = [*accented, "a plain line", "one more"]
    decomposed = [unicodedata.normalize("NFD", text) for text in accented]
    found, _ = kept(name, [*texts, *decomposed], tmp_path, tuning_trials=2)
    assert len(found) == 4


def test_words_alone_are_compared_when_asked_for():
    assert normalise("a + b", "words") == normalise("a - b", "words") == "a b"
    assert normalise("C", "signs") != normalise("C++", "signs")
    assert normalise("!!!", "words") == "!!!" != normalise("???", "words")


def pages(alphabet, glue, rng, count=60, length=60):
    return [glue.join(rng.choice(alphabet, length)) for _ in range(count)]


def near(page, alphabet, glue, rng):
    units = page.split() if glue else list(page)
    for place in rng.choice(len(units), 2, replace=False):
        units[place] = str(rng.choice(alphabet))
    return glue.join(units)


ENGLISH = [
    "".join(pair) for pair in zip(string.ascii_lowercase * 6, string.ascii_lowercase[3:] * 7, strict=False)
]
CHINESE = list("左城读南做好蓝跑卖走多红路河早人买给白昨去纸上鱼日想旧云雨说水东住北大关看鸟草黄后")
THAI = list("กขคงจฉชซญดตถทนบปผฝพฟมยรลวสหอ")


@pytest.mark.parametrize(
    ("alphabet", "glue"), [(ENGLISH, " "), (CHINESE, ""), (THAI, "")], ids=["en", "zh", "th"]
)
@pytest.mark.parametrize("name", ["minhash", "greedy"])
def test_planted_and_own_near_duplicates_are_found_in_every_script(name, alphabet, glue, tmp_path):
    rng = np.random.default_rng(4)
    texts = pages(alphabet, glue, rng)
    twins = [near(text, alphabet, glue, rng) for text in texts[:20]]
    found, trial = kept(name, [*texts, *twins], tmp_path)
    assert len(found) == 60
    assert trial.extras["precision"] == 1.0
    assert trial.quality > 0.3


def test_where_no_page_is_alone_the_method_that_is_right_scores_best(tmp_path):
    rng = np.random.default_rng(5)
    texts = pages(ENGLISH, " ", rng)
    twins = [near(text, ENGLISH, " ", rng) for text in texts]
    mixed = [page for pair in zip(texts, twins, strict=True) for page in pair]
    found, trial = kept("minhash", mixed, tmp_path)
    assert len(found) == 60
    assert trial.quality > kept("exact-hash", mixed, tmp_path)[1].quality


def test_scripts_without_blanks_have_words_and_pieces():
    assert tokens("読む本 and more") == ["読", "む", "本", "and", "more"]
    assert "".join(pieces("昨日は雨。今日は晴れ。")) == "昨日は雨。今日は晴れ。"
    assert len(pieces("昨日は雨")) == 4
    assert pieces("a b\tc") == ["a", " ", "b", "\t", "c"]
    assert words("पिता घर") == ["पिता", "घर"]
    assert len(tokens("पिता")) == 1


def template(count):
    frame = " ".join(f"footer{i}" for i in range(60))
    return [
        f"Item number {i} of {i * 7919 % count} is sold out, come back soon. {frame}" for i in range(count)
    ]


def chain(count):
    line = [f"w{i}" for i in range(count * 4 + 40)]
    return [" ".join(line[4 * i : 4 * i + 40]) for i in range(count)]


def identical(count):
    return ["the very same text of eight words or more"] * count


@pytest.mark.parametrize("name", ["minhash", "greedy", "independent-set-qaoa"])
def test_a_removed_page_resembles_the_one_kept_for_it(name, tmp_path):
    """A chain of pages, each like the next, none like the one after a few: the fault of single linkage."""
    texts = chain(60)
    source = tmp_path / "corpus.jsonl"
    source.write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
    cls = type(get_method("curation/dedup", name))
    _, problem, solution = run_small(cls, small_spec(cls, str(source), size="full"))
    dropped = real_documents(problem, solution.answer)[1]
    assert dropped
    for i, removal in dropped.items():
        pair = shingle([problem.texts[i], problem.texts[removal.kept]], "char5")
        assert removal.similarity == pytest.approx(jaccard(*pair))
        assert removal.similarity >= 0.6


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["minhash", "greedy", "independent-set-annealing", "independent-set-qaoa"])
@pytest.mark.parametrize(
    "make", [template, chain, lambda n: ["the very same text of eight words or more"] * n]
)
def test_families_take_time_in_proportion(name, make, tmp_path):
    import time

    spent = []
    for count in (2_000, 8_000):
        start = time.process_time()
        kept(name, make(count), tmp_path, tuning_trials=1)
        spent.append(time.process_time() - start)
    assert spent[1] < 60
    assert spent[1] < 8 * max(spent[0], 1.0)
