"""The planted truth, the score, the sources and what the user takes away."""

import json

import numpy as np
import pytest

from qwatt.core.errors import QwattError
from qwatt.core.problem import Solution
from qwatt.core.registry import get_method, get_task
from qwatt.core.trial import TrialSpec
from qwatt.data.phrases import phrase_documents
from qwatt.energy.meter import Meter
from qwatt.protocol.context import TrialContext
from qwatt.stages.curation.dedup.noise import KINDS
from qwatt.stages.curation.dedup.plays import PLAY_PAIRS, cut
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem, Removal
from qwatt.stages.curation.dedup.score import pair_quality
from qwatt.stages.curation.dedup.shingles import jaccard, shingle
from qwatt.stages.curation.dedup.sources import PHRASES

TASK = get_task("curation/dedup")
TEXT = phrase_documents(1, 4)[0][1]


def noisy(kind, seed=0, text=TEXT):
    return KINDS[kind](text, ["filler", "other"], np.random.default_rng(seed))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_noise_repeats_by_seed_and_leaves_a_near_duplicate(kind):
    similarities = []
    for seed in range(20):
        changed = noisy(kind, seed)
        assert changed == noisy(kind, seed)
        similarities.append(jaccard(*shingle([TEXT, changed], "char5")))
    bounds = {"exact": (1, 1), "case": (1, 1), "reorder": (0.8, 1), "truncate": (0.4, 0.95)}
    low, high = bounds.get(kind, (0.1, 0.99))
    assert low <= min(similarities) <= max(similarities) <= high
    if kind != "exact":
        assert len({noisy(kind, seed) for seed in range(20)}) > 10


def test_what_each_kind_leaves_alone():
    assert noisy("exact") == TEXT
    assert noisy("case").casefold().split() == TEXT.casefold().split()
    assert noisy("truncate") in TEXT
    assert sorted(noisy("reorder").split("\n")) == sorted(TEXT.split("\n"))
    assert sorted(noisy("reorder", text="One. Two! Three?").split()) == sorted(["One.", "Two!", "Three?"])
    assert 0.8 * len(TEXT) < len(noisy("ocr")) < 1.2 * len(TEXT)


def test_the_problem_states_its_truth():
    problem = TASK.load(PHRASES, "xs", 0)
    assert len(problem) == 56
    made = np.flatnonzero(problem.parents >= 0)
    assert len(made) == 16
    assert {problem.kinds[i] for i in made} == set(KINDS)
    for i in made:
        parent = int(problem.parents[i])
        assert problem.clusters[i] == problem.clusters[parent]
        assert problem.validation[i] == problem.validation[parent]
    assert len(set(problem.ids)) == len(problem)
    assert 0 < problem.validation.sum() < len(problem)


def tiny(clusters, judged=True, parents=None):
    n = len(clusters)
    return DedupProblem(
        task="curation/dedup",
        source="test",
        size="xs",
        seed=0,
        texts=tuple(f"word{i} common" for i in range(n)),
        ids=tuple(map(str, range(n))),
        clusters=np.array(clusters),
        kinds=("original",) * n,
        parents=np.full(n, -1) if parents is None else np.array(parents),
        validation=np.zeros(n, dtype=bool),
        judged=judged,
        rows=(None,) * n,
        positions=np.arange(n),
        weights=np.ones(n),
    )


def answer(removals, n, pairs=()):
    keep = np.array([i for i in range(n) if i not in removals])
    return DedupAnswer(keep, {i: Removal(j, 0.5, "") for i, j in removals.items()}, dict.fromkeys(pairs, 0.5))


def test_the_score_by_hand():
    problem = tiny([0, 0, 0, 1, 1, 2, 3])  # 3 redundant documents
    everything = np.ones(7, dtype=bool)
    quality = pair_quality(
        problem, answer({1: 0, 4: 3, 6: 5}, 7, [(0, 1), (0, 2), (3, 4), (5, 6)]), everything
    )
    assert quality.extras["precision"] == pytest.approx(2 / 3)  # 6 is no duplicate of 5
    assert quality.extras["recall"] == pytest.approx(2 / 3)  # 2 was not found
    assert quality.value == pytest.approx(2 / 3)
    assert quality.extras["edge_precision"] == pytest.approx(3 / 4)
    assert quality.extras["edge_recall"] == pytest.approx(3 / 4)  # of 01 02 12 34
    assert quality.extras["documents_kept"] == 4
    assert quality.extras["retained_unique_tokens"] == pytest.approx(5 / 8)
    assert quality.extras["component_sizes"] == {"2": 2, "3": 1}
    assert quality.extras["trivial_components"] == pytest.approx(2 / 3)


def test_doing_nothing_scores_zero_and_the_truth_scores_one():
    problem = tiny([0, 0, 1, 1, 2])
    everything = np.ones(5, dtype=bool)
    assert pair_quality(problem, answer({}, 5), everything).value == 0.0
    assert pair_quality(problem, answer({0: 1, 3: 2}, 5), everything).value == 1.0


def test_removing_a_document_for_a_stranger_is_wrong_even_if_it_was_redundant():
    problem = tiny([0, 0, 1])
    quality = pair_quality(problem, answer({0: 2}, 3), np.ones(3, dtype=bool))
    assert (quality.value, quality.extras["precision"]) == (0.0, 0.0)


def test_a_users_own_near_duplicates_are_not_judged_but_strangers_are():
    from dataclasses import replace

    base = tiny([0, 1, 1], judged=False, parents=[-1, -1, 1])
    everything = np.ones(3, dtype=bool)
    chosen = answer({0: 1, 2: 1}, 3)
    near = replace(base, texts=(f"{TEXT} and more", TEXT, TEXT))
    quality = pair_quality(near, chosen, everything)
    assert (quality.value, quality.extras["removals_not_judged"]) == (1.0, 1)
    far = replace(base, texts=(phrase_documents(2, 8)[1][1], TEXT, TEXT))
    assert pair_quality(far, chosen, everything).extras["precision"] == 0.5
    labelled = replace(near, judged=True)
    assert pair_quality(labelled, chosen, everything).extras["precision"] == 0.5


def test_tuning_and_scoring_see_different_clusters():
    problem = TASK.load(PHRASES, "xs", 0)
    truth = {}
    for i in range(len(problem)):
        first = int(np.flatnonzero(problem.clusters == problem.clusters[i])[0])
        if first != i and problem.validation[i]:
            truth[i] = first
    solution = Solution(answer(truth, len(problem)), notes={"precision_asked": 0.99})
    assert TASK.validate(problem, solution).value == 1.0
    assert TASK.score(problem, solution).value == 0.0


def run(problem, name="minhash"):
    method = get_method("curation/dedup", name)
    spec = TrialSpec("curation/dedup", name, problem.source, problem.size, problem.seed, "engine", 200, 1)
    return method.run(problem, method.defaults(), TrialContext(spec, Meter()))


def user_rows():
    """Twelve rows: ten documents, one exact copy, one near copy."""
    texts = [text for _, text in phrase_documents(10, 9)]
    near = texts[3].replace("the", "teh")
    return [
        {"id": f"doc{i}", "text": text, "url": f"u{i}"}
        for i, text in enumerate([*texts, texts[0].upper(), near])
    ]


@pytest.mark.parametrize("name", ["minhash", "independent-set-annealing", "greedy", "exact-hash"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_user_gets_only_their_own_documents_with_all_fields(tmp_path, name, seed):
    rows = user_rows()
    source = tmp_path / "mine.jsonl"
    source.write_text("".join(json.dumps(r) + "\n" for r in rows))
    problem = TASK.load(str(source), "full", seed)
    corpus, report = TASK.export(problem, run(problem, name), tmp_path / "out" / name)
    kept = [json.loads(line) for line in corpus.read_text().splitlines()]
    dropped = [json.loads(line) for line in report.read_text().splitlines()]
    assert all(row in rows for row in kept)
    kept_ids, dropped_ids = {r["id"] for r in kept}, {r["id"] for r in dropped}
    assert kept_ids | dropped_ids == {r["id"] for r in rows}
    assert not kept_ids & dropped_ids
    assert {r["kept"] for r in dropped} <= kept_ids
    assert all(r["method"] == name and r["reason"] for r in dropped)
    redundant = 1 if name == "exact-hash" else 2
    assert len(dropped) == redundant
    assert len(kept_ids & {"doc0", "doc10"}) == 1


def test_only_documents_without_a_twin_of_their_own_are_planted(tmp_path):
    source = tmp_path / "mine.jsonl"
    source.write_text("".join(json.dumps(r) + "\n" for r in user_rows()))
    problem = TASK.load(str(source), "full", 0)
    planted_from = {
        problem.ids[int(p)] for p, kind in zip(problem.parents, problem.kinds, strict=True) if kind in KINDS
    }
    assert planted_from
    assert not planted_from & {"doc0", "doc10", "doc3", "doc11"}
    assert [problem.ids[i] for i, kind in enumerate(problem.kinds) if kind == "own"] == ["doc10"]


def test_a_real_document_takes_the_place_of_a_planted_one(tmp_path):
    problem = tiny([0, 0, 0, 1])
    problem = problem.__class__(
        **{name: getattr(problem, name) for name in problem.__dataclass_fields__}
        | {"kinds": ("original", "ocr", "edit", "original"), "parents": np.array([-1, 0, 1, -1])}
    )
    chosen = answer({0: 2, 1: 2}, 4)  # keeps only the copy of the copy
    corpus, report = TASK.export(problem, Solution(chosen), tmp_path)
    assert [json.loads(line)["id"] for line in corpus.read_text().splitlines()] == ["0", "3"]
    assert report.read_text() == ""


def test_a_folder_of_texts_works_and_too_few_documents_do_not(tmp_path):
    for row in user_rows():
        (tmp_path / f"{row['id']}.txt").write_text(row["text"])
    problem = TASK.load(str(tmp_path), "full", 0)
    corpus, _ = TASK.export(problem, run(problem), tmp_path / "out")
    assert len(corpus.read_text().splitlines()) == 10
    (tmp_path / "few.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n')
    with pytest.raises(QwattError, match="too few"):
        TASK.load(str(tmp_path / "few.jsonl"), "full", 0)


def test_wrong_sources_and_sizes_are_told():
    with pytest.raises(QwattError, match="not a source of this task"):
        TASK.load("vader", "xs", 0)
    with pytest.raises(QwattError, match="unknown size"):
        TASK.load(PHRASES, "xxl", 0)
    with pytest.raises(QwattError, match="no such file"):
        TASK.load("shakespear", "xs", 0)


def test_the_play_pairs_are_thirty_five_and_distinct():
    assert len(PLAY_PAIRS) == len({m for m, _ in PLAY_PAIRS}) == len({f for _, f in PLAY_PAIRS}) == 35


def test_passages_end_at_line_ends_and_lose_nothing_in_between():
    text = "\n".join(f"line {i} of the text" for i in range(200))
    passages = cut(text, 300)
    assert text.startswith("\n".join(passages))
    assert all(300 <= len(p) < 350 for p in passages)


@pytest.mark.nightly
@pytest.mark.network
def test_character_shingles_find_every_play_and_word_shingles_do_not():
    """The published trap: word shingles at the usual thresholds miss the First Folio spellings."""
    problem = TASK.load("shakespeare", "s", 0)
    method = get_method("curation/dedup", "minhash")
    spec = TrialSpec("curation/dedup", "minhash", "shakespeare", "s", 0, "engine", None, 1)
    recalls = {}
    for shingles in ("char5", "word3"):
        chosen = method.defaults() | {"shingles": shingles, "threshold": 0.4}
        found = method.run(problem, chosen, TrialContext(spec, Meter()))
        recalls[shingles] = TASK.score(problem, found).extras["recall_by_kind"]
    assert recalls["char5"]["spelling"] == 1.0
    assert recalls["word3"]["spelling"] == 0.0
    assert recalls["word3"]["copy"] == 1.0
