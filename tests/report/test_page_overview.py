"""The page says first what tasks found, folds what is long, hides no method's warning or failed seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qwatt.api.target import to_toml
from qwatt.core.quantity import Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.core.study_file import check_study
from qwatt.core.trial import Trial
from qwatt.report import write_report

EVIL = "<script>alert(1)</script>"


def page(path: Path, change: Callable[[Trial], None], sources: tuple[str, ...] = ("builtin:phrases",)) -> str:
    """Return the page of a run of two methods, of which minhash is the best."""
    folder = RunFolder(path / "dedup")
    methods = ["exact-hash", "minhash"]
    tasks = [{"task": "curation/dedup", "source": s, "size": "xs", "methods": methods} for s in sources]
    study = check_study({"seeds": 3, "tasks": tasks}, "the test")
    folder.write_text("study.toml", to_toml(study))
    folder.trials_file.touch()
    for spec in study.trials():
        best = 0.9 if spec.method == "minhash" else 0.5
        trial = Trial(spec, "classical", "pair_f1", "done", best, host_energy=Quantity(1.0, boundary="node"))
        trial.extras = {"documents_in": 50, "documents_kept": 45, "precision": 1.0, "recall": 0.9}
        trial.extras |= {"removed_by_kind": {"near duplicate": 5}, "examples": []}
        trial.notes = {"precision_asked": 0.99}
        change(trial)
        folder.append(trial)
    return write_report(folder).read_text(encoding="utf-8")


def test_seeds_solved_are_on_the_page(tmp_path: Path) -> None:
    def solved(trial: Trial) -> None:
        trial.extras["solved"] = trial.spec.method == "minhash" or trial.spec.seed == 0

    assert "Seeds solved: exact-hash 1 of 3, minhash 3 of 3." in page(tmp_path, solved)
    assert "Seeds solved" not in page(tmp_path / "silent", lambda trial: None)


def test_a_warning_of_a_method_that_is_not_the_best_is_folded_into_a_list(tmp_path: Path) -> None:
    def missed(trial: Trial) -> None:
        if trial.spec.method == "exact-hash" and trial.spec.seed > 0:
            trial.extras["precision"] = 0.9

    text = page(tmp_path, missed)
    entry = text[text.index("Warnings of 1 method<") :]
    assert "<b>exact-hash</b>, 2 of 3 seeds: precision 0.90" in entry[: entry.index("</details>")]
    assert "Warnings of" not in page(tmp_path / "fine", lambda trial: None)


def test_a_record_that_cannot_be_read_is_a_warning(tmp_path: Path) -> None:
    def damaged(trial: Trial) -> None:
        if trial.spec.method == "exact-hash" and trial.spec.seed == 2:
            trial.extras["documents_in"] = [EVIL]

    text = page(tmp_path, damaged)
    assert "<b>exact-hash</b>, 1 of 3 seeds" in text and "cannot be read" in text and EVIL not in text


def test_several_tasks_begin_with_a_line_each(tmp_path: Path) -> None:
    text = page(tmp_path, lambda trial: None, sources=("builtin:phrases", f"{EVIL}.jsonl"))
    first = text[text.index("What the run found") : text.index("What was found in full")]
    assert first.count("50 documents in, 45 kept") == 2 and first.count("by minhash") == 2
    assert 'href="#task-curation-dedup"' in first and 'href="#task-curation-dedup-again-1"' in first
    assert EVIL not in text
