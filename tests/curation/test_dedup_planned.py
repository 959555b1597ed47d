"""Plans of many documents shingle them in one form only, and say so; those of few in every form."""

from weakref import WeakKeyDictionary

import pytest

from qwatt.core.registry import get_method
from qwatt.core.study_file import check_study
from qwatt.protocol.plan import plan_study
from qwatt.stages.curation.dedup import boilerplate, planned
from qwatt.stages.curation.dedup.shingles import shingle_normalised
from qwatt.stages.curation.dedup.task import DedupTask
from qwatt.testing.trials import small_spec


@pytest.fixture
def problem():
    from qwatt.core.registry import get_task

    spec = small_spec(type(get_method("curation/dedup", "greedy")))
    return get_task("curation/dedup").load(spec.source, "xs", 0)


@pytest.mark.parametrize("name", ["independent-set-qaoa", "independent-set-annealing", "grover"])
def test_many_documents_are_planned_in_one_form(problem, name, monkeypatch):
    method = get_method("curation/dedup", name)
    settings = {key: values[0] for key, values in method.space.items()}
    few = method.plan(problem, {**settings, "shingles": "word3"}, 100)
    monkeypatch.setattr(planned, "EVERY_FORM", len(problem) - 1)
    many = method.plan(problem, {**settings, "shingles": "word3"}, 100)
    first = method.plan(problem, settings, 100)
    assert many.run == first.run
    assert "all shingles planned as char5" in many.note
    assert "planned as" not in few.note


def test_a_corpus_is_shingled_once_for_all_plans(problem, monkeypatch):
    shingled = []

    def counted(texts, kind):
        shingled.append(kind)
        return shingle_normalised(texts, kind)

    monkeypatch.setattr(planned, "_planned", WeakKeyDictionary())  # another test may have planned for it
    monkeypatch.setattr(planned, "EVERY_FORM", len(problem) - 1)
    monkeypatch.setattr(planned, "shingle_normalised", counted)
    monkeypatch.setattr(boilerplate, "shingle_normalised", None)  # what a run calls
    for name in ("independent-set-qaoa", "independent-set-annealing", "greedy", "grover", "minhash"):
        method = get_method("curation/dedup", name)
        for kind in method.space["shingles"]:
            for threshold in method.space["threshold"]:
                settings = {key: values[0] for key, values in method.space.items()}
                method.plan(problem, {**settings, "shingles": kind, "threshold": threshold}, 100)
    assert shingled == ["char5"]


def test_a_plan_tells_that_scoring_trains_a_decoder(monkeypatch):
    study = {
        "size": "xs",
        "tasks": [{"task": "curation/dedup", "source": "builtin:phrases", "methods": ["greedy"]}],
    }
    said = "scoring trains the decoder tiny on up to 49,152 tokens, charged to no method"
    assert not any(said in row.note for row in plan_study(check_study(study, "the test")))
    monkeypatch.setattr(DedupTask, "downstream", {"xs": "tiny"})
    assert all(said in row.note for row in plan_study(check_study(study, "the test")))
