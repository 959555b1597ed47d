"""The worth of a choice of text: better text is worth more, and too little is said to be too little."""

import numpy as np

from qwatt.core.problem import Solution
from qwatt.data.phrases import phrase_documents
from qwatt.language.decoder.downstream import downstream_loss

TEXTS = [text for _, text in phrase_documents(120, seed=2)]
HELD = [text for _, text in phrase_documents(10, seed=3)]
CHARACTERS = sum(map(len, TEXTS))


def shuffled(text):
    return "".join(np.random.default_rng(0).permutation(list(text)))


def test_text_like_the_held_back_one_is_worth_more():
    noise = [shuffled(text) for text in TEXTS]
    pool = [*TEXTS, *noise]
    good, bad = (downstream_loss(some, HELD, pool, "tiny", CHARACTERS, 0) for some in (TEXTS, noise))
    assert good["lm_tokens"] == bad["lm_tokens"]
    assert good["lm_bits_per_character"] < bad["lm_bits_per_character"] - 0.5


def test_too_little_text_is_said_to_be():
    found = downstream_loss(TEXTS[:1], HELD, TEXTS[:2], "tiny", 500, 0)
    assert found["lm_bits_per_character"] is None
    assert "too few" in found["lm_reason"]


def test_deduplication_tells_what_its_keep_set_is_worth(monkeypatch):
    from qwatt.stages.curation.dedup.problem import DedupAnswer
    from qwatt.stages.curation.dedup.task import DedupTask

    monkeypatch.setattr(DedupTask, "downstream", {"xs": "tiny"})
    task = DedupTask()
    problem = task.load("builtin:phrases", "xs", 0)
    everything = Solution(DedupAnswer(np.arange(len(problem)), {}, {}))
    extras = task.score(problem, everything).extras
    assert extras["lm"] == "tiny"
    assert extras["lm_bits_per_character"] > 0


def test_selection_tells_what_its_choice_is_worth(monkeypatch):
    from qwatt.stages.curation.select.problem import SelectAnswer
    from qwatt.stages.curation.select.task import SelectTask

    task = SelectTask()
    problem = task.load("builtin:weather", "xs", 0)
    monkeypatch.setattr(SelectTask, "downstream", {"xs": "tiny"})
    chosen = np.arange(problem.budget)
    extras = task.score(problem, Solution(SelectAnswer(chosen, np.zeros(len(chosen)), "none"))).extras
    assert extras["lm_bits_per_character"] is None
    assert "too few" in extras["lm_reason"]
