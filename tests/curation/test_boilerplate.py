"""Documents that share a licence or a template, and say different things, are no duplicates."""

import json

import numpy as np
import pytest

from qwatt.core.registry import get_method
from qwatt.stages.curation.dedup.boilerplate import (
    FEWEST_OWN,
    MOST_DOCUMENTS,
    boilerplate,
    corpus_shingles,
    without_boilerplate,
)
from qwatt.stages.curation.dedup.score import truth
from qwatt.stages.curation.dedup.shingles import jaccard, shingle_normalised
from qwatt.stages.curation.dedup.task import DedupTask
from qwatt.testing.trials import run_small, small_spec

FOOTER = " ".join(f"licence{n}" for n in range(120))


def own_words(seed, count):
    rng = np.random.default_rng(seed)
    return " ".join(f"w{n}" for n in rng.integers(0, 100_000, count))


def pages(count, own=40):
    """Pages of one footer: any two share 0.6 of their runs of three words, and nothing that they say."""
    return [f"{own_words(seed, own)} {FOOTER}" for seed in range(count)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    file = tmp_path_factory.mktemp("corpus") / "pages.jsonl"
    texts = pages(60)
    texts += [text.replace("w", "v", 3) for text in texts[:6]]  # a few words changed
    texts += [own_words(1000 + n, 100) for n in range(20)]
    rows = [{"id": f"p{n}", "text": text} for n, text in enumerate(texts)]
    file.write_text("\n".join(map(json.dumps, rows)))
    return file


def test_what_more_than_a_few_documents_share_is_boilerplate():
    for count in (MOST_DOCUMENTS, MOST_DOCUMENTS + 1):
        found = boilerplate(shingle_normalised(pages(count), "word3"))
        footer = shingle_normalised([FOOTER], "word3")[0]
        assert np.array_equal(found, footer if count > MOST_DOCUMENTS else footer[:0])


def test_near_copies_count_once():
    family = [f"{own_words(1, 200)} version {n}" for n in range(4 * MOST_DOCUMENTS)]
    assert len(boilerplate(shingle_normalised(family, "word3"))) == 0


def test_a_document_of_boilerplate_alone_stays_whole():
    common = np.arange(100, dtype=np.uint64)
    assert np.array_equal(without_boilerplate([common[:50]], common)[0], common[:50])
    own = np.arange(90, 100 + FEWEST_OWN, dtype=np.uint64)
    assert np.array_equal(without_boilerplate([own], common)[0], own[10:])


def test_own_shingles_tell_pages_of_one_footer_apart():
    whole, own = shingle_normalised(pages(30), "word3"), corpus_shingles(pages(30), "own3")
    assert jaccard(whole[0], whole[1]) > 0.55
    assert jaccard(own[0], own[1]) < 0.1


def test_no_documents_have_no_boilerplate():
    assert len(corpus_shingles([], "own3")) == 0


def test_the_judge_knows_that_such_pages_differ_and_leaves_versions_open(corpus):
    problem = DedupTask().load(str(corpus), "full", 0)
    place = {name: n for n, name in enumerate(problem.ids)}
    judge = truth(problem)
    assert judge(place["p10"], place["p11"]) is False
    assert judge(place["p0"], place["p60"]) is None, "a version that nobody labelled"


@pytest.mark.parametrize("name", ["minhash", "independent-set-annealing", "independent-set-qaoa", "greedy"])
def test_every_method_can_reach_the_precision_on_such_a_corpus(corpus, name):
    """Whole pages are taken for duplicates at this threshold; what they say of their own is not."""
    method = type(get_method("curation/dedup", name))

    def outcome(shingles):
        fixed = (("shingles", shingles), ("threshold", 0.45))
        spec = small_spec(method, str(corpus), size="full", fixed=fixed)
        return run_small(method, spec)[0].extras

    assert outcome("word3")["precision"] < 0.9
    found = outcome("own3")
    assert found["precision"] == 1.0
    assert found["documents_in"] - found["documents_kept"] == 6
