"""One case of the fuzz: what is written into a folder, and the command line that meets it there."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from command_lines import SMALL, changed_line, changed_settings
from corpora import write_corpus
from damaged_runs import write_damaged_run
from other_verbs import catalogue_words, dedup_words, list_words, recorded_words, run_words, watch_words
from settings_files import STUDY, scenario_text, write_changed

from qwatt.core.registry import all_methods

METHODS = {
    "curation/dedup": ["exact-hash", "minhash", "greedy", "independent-set-annealing", "random-keep"],
    "tuning/head": ["logistic", "svm-rbf", "mlp", "linear-same-size"],
}
"""Those that run within a second; the others are planned only."""


@dataclass(frozen=True)
class Templates:
    """What whole calls wrote: two runs, recorded work, a watch with its state, and a watch list."""

    dedup: Path
    head: Path
    recorded: Path
    watched: Path
    watch_list: Path

    @property
    def artifact(self):
        return self.head / "artifacts" / "tuning" / "head" / "logistic"


def draw_case(drawn, folder, templates):
    """Write what a case needs into the folder, and return its kind and its command line's words."""
    kind = drawn.choices(list(KINDS), WEIGHTS)[0]
    return kind, KINDS[kind](drawn, folder, templates)


def _corpus(drawn, folder, templates):
    source = write_corpus(folder, drawn)
    verb = drawn.choice(["run", "run", "run", "plan", "predict"])
    if drawn.random() < 0.05:
        source += drawn.choice(["#text", "#text,label", "#", "#,", "#x,y,z", "/", "/."])
    if verb == "predict":
        return ["predict", str(templates.artifact), "--data", source, "--out", "labels.csv", *_json(drawn)]
    task = drawn.choice(list(METHODS))
    method = ["--method", drawn.choice(METHODS[task])] if verb == "run" or drawn.random() < 0.5 else []
    settings = changed_settings(drawn, _spaces(task)) if drawn.random() < 0.1 else []
    out = ["--out", "run"] if verb == "run" else []
    size = SMALL.split() if task == "tuning/head" else SMALL.replace("--size xs", "").split()
    return [verb, task, "--data", source, *method, *size, *settings, *out, *_json(drawn)]


def _settings(drawn, folder, templates):
    task = drawn.choice(list(METHODS))
    spaces = _spaces(task)
    options = [word for _ in range(drawn.choice([1, 1, 2])) for word in changed_settings(drawn, spaces)]
    source = {"curation/dedup": "builtin:phrases", "tuning/head": "builtin:weather"}[task]
    method = drawn.choice(METHODS[task])
    return ["run", task, "--data", source, "--method", method, *SMALL.split(), "--out", "run", *options]


def _study(drawn, folder, templates):
    write_changed(folder / "study.toml", STUDY, drawn)
    if drawn.random() < 0.4:
        return ["run", "study.toml", "--out", "run", *_json(drawn)]
    return ["plan", "study.toml", *_json(drawn)]


def _scenario(drawn, folder, templates):
    write_changed(folder / "own.toml", scenario_text(drawn), drawn)
    run = ["--run", str(drawn.choice([templates.dedup, templates.head]))] if drawn.random() < 0.2 else []
    return ["project", "own.toml", "--draws", "100", "--out", "projected", *run, *_json(drawn)]


def _run_folder(drawn, folder, templates):
    task = drawn.choice(list(METHODS))
    run = write_damaged_run(templates.dedup if task == "curation/dedup" else templates.head, folder, drawn)
    verb = drawn.choice(["report", "report", "report", "project", "predict", "run", "other", "other"])
    if verb == "other":
        return [*run_words(drawn, run, templates.dedup), *_json(drawn)]
    if verb == "report":
        return ["report", str(run), *_json(drawn)]
    if verb == "project":
        return ["project", "my-model", "--draws", "100", "--out", "projected", "--run", str(run)]
    if verb == "predict":
        return ["predict", str(run), "--data", "builtin:weather", "--out", "labels.csv"]
    source = "builtin:phrases" if task == "curation/dedup" else "builtin:weather"
    return ["run", task, "--data", source, "--method", METHODS[task][0], *SMALL.split(), "--out", str(run)]


def _artifact(drawn, folder, templates):
    copy = write_damaged_run(templates.artifact, folder, drawn)
    source = folder / "texts.csv"
    source.write_text("text\nthe old king speaks\nwarm rain\n", "utf-8")
    return ["predict", str(copy), "--data", str(source), "--out", "labels.csv", *_json(drawn)]


def _command_line(drawn, folder, templates):
    shutil.copytree(templates.dedup, folder / "runs")
    return changed_line(drawn)


def _dedup(drawn, folder, templates):
    return [*dedup_words(drawn, folder), *_json(drawn)]


def _watch(drawn, folder, templates):
    return watch_words(drawn, folder, templates.watched)


def _catalogue(drawn, folder, templates):
    return [*catalogue_words(drawn, folder), *_json(drawn)]


def _watch_list(drawn, folder, templates):
    return [*list_words(drawn, folder, templates.watch_list), *_json(drawn)]


def _recorded(drawn, folder, templates):
    return [*recorded_words(drawn, folder, templates.recorded), *_json(drawn)]


KINDS = {
    "corpus": _corpus,
    "settings": _settings,
    "study": _study,
    "scenario": _scenario,
    "run folder": _run_folder,
    "artifact": _artifact,
    "command line": _command_line,
    "dedup": _dedup,
    "watch": _watch,
    "catalogue": _catalogue,
    "watch list": _watch_list,
    "recorded": _recorded,
}
WEIGHTS = [22, 8, 14, 8, 14, 3, 20, 8, 8, 8, 1, 3]


def _spaces(task):
    return {method.name: dict(method.space) for method in all_methods(task)}


def _json(drawn):
    return ["--json"] if drawn.random() < 0.3 else []
