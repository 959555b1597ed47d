"""The report is one file without network access, escapes what it is told, and holds whatever a run left."""

import base64
import hashlib
import json
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from qwatt.api.target import to_toml
from qwatt.core.demand import CircuitLine, Demand
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.core.registry import get_method
from qwatt.core.ring import Ring
from qwatt.core.run_folder import RunFolder
from qwatt.core.study_file import check_study
from qwatt.core.trial import PhaseSum, Trial
from qwatt.protocol.pricing import price_everywhere
from qwatt.report import comparisons_of, write_report
from qwatt.report.result import results_of
from qwatt.report.terminal_results import print_results

EVIL = "<script>alert('x')</script>&\"]]>"
VOID = {"meta", "br", "hr", "img", "link", "input", "line", "rect", "circle", "polyline", "path", "col"}


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that tags close in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open, self.words = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        while self.open[-1] in ("p", "li", "td", "tr", "th") and self.open[-1] != tag:
            self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def make(path, trial_of, source="builtin:weather", seeds=5):
    """Write a run whose trials are what `trial_of(spec)` says (None for not run yet) and return its page."""
    folder = RunFolder(path / "run")
    task = {"task": "tuning/head", "source": source, "size": "xs", "methods": ["reupload"]}
    study = check_study({"seeds": seeds, "tasks": [task]}, "the test")
    folder.write_text("study.toml", to_toml(study))
    facts = {"cpu": f"A chip {EVIL}", "cores": 2, "memory_gb": 8.0, "system": "Linux", "python": "3.11"}
    folder.add_environment("e", facts | {"commit": None, "packages": {"qwatt": "0.1.0", "torch": None}})
    folder.trials_file.touch()
    for spec in study.trials():
        trial = trial_of(spec)
        if trial is not None:
            folder.append(trial)
    text = write_report(folder).read_text(encoding="utf-8")
    return folder, text, Page(text)


def energy(value):
    return Quantity(value, value / 2, value * 2, "J", Basis.ESTIMATED_CPU_TIME, Boundary.NODE)


def finished(spec, host=1.0):
    quantum = spec.method.startswith("reupload")
    kind = get_method(spec.task, spec.method).kind.value
    joules = host if isinstance(host, Quantity) else energy(host * (10 if quantum else 1))
    trial = Trial(spec, kind, "accuracy", "done", 0.8 + 0.001 * spec.seed, host_energy=joules, seconds=1.0)
    trial.phases = {"embed": PhaseSum(Ring.LOADING, 0.5, energy(0.4))}
    trial.extras = {"balanced_accuracy": 0.7, "parameters": 17}
    if quantum:
        demand = Demand.of(CircuitLine(10, 100, 4, 20, 12, 9, 1))
        trial.demand, trial.qpu = demand.to_record(), price_everywhere(demand)
        trial.simulation_energy = joules
        trial.classical_remainder = Quantity(0.1, boundary="node")
    return trial


def failed(spec, error=f"ValueError: {EVIL}"):
    return Trial(spec, get_method(spec.task, spec.method).kind.value, "accuracy", "failed", error=error)


def test_nothing_is_fetched(tmp_path):
    _, text, page = make(tmp_path, finished)
    fetching = {"src", "href", "srcset", "action", "data", "poster", "background", "xlink:href"}
    for tag, name, value in page.attributes:
        assert name not in fetching or value.startswith("#"), f"{tag} {name}={value}"
        assert not name.startswith("on"), f"{tag} has the handler {name}"
        assert "url(" not in value
    assert not {"link", "iframe", "object", "embed", "img", "base"} & set(page.tags)
    styles = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in styles and "@import" not in styles


def test_pictures_are_well_formed_and_labelled(tmp_path):
    _, text, page = make(tmp_path, finished)
    pictures = [part.split("</svg>")[0] for part in text.split("<svg ")[1:]]
    assert len(pictures) == page.tags.count("svg") >= 3
    for picture in pictures:
        root = ElementTree.fromstring(f"<svg {picture}</svg>")
        labelled = root.get("aria-label") and root.get("role") == "img"
        assert labelled or root.get("aria-hidden") == "true", "named, or a decoration beside its text"


def test_the_policy_lets_only_the_page_s_own_script_run(tmp_path):
    _, text, page = make(tmp_path, finished)
    (policy,) = [value for tag, name, value in page.attributes if tag == "meta" and "default-src" in value]
    scripts = [part.split("</script>")[0] for part in text.split("<script>")[1:]]
    allowed = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert policy.endswith("script-src " + " ".join(f"'sha256-{digest}'" for digest in allowed))
    assert "default-src 'none'" in policy and len(scripts) == 2


def test_a_whole_run_shows_what_was_promised(tmp_path):
    folder, _, page = make(tmp_path, finished)
    for words in (
        "What the run found",
        "do not",
        "reupload",
        "logistic",
        "Pareto",
        "estimated from CPU time",
        "Repeat it",
    ):
        assert words in page.text
    assert 'source = "builtin:weather"' in page.text
    assert "viewport" in [value for _, name, value in page.attributes if name == "name"]
    rows = json.loads((folder.path / "comparison.json").read_text())[0]["rows"]
    assert {row["method"] for row in rows} == {spec.spec.method for spec in folder.trials()}


def test_what_comes_from_outside_is_escaped(tmp_path):
    def one_failed(spec):
        return failed(spec) if spec.seed == 0 else finished(spec)

    _, text, page = make(tmp_path, one_failed, source=f"data {EVIL}.csv")
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;") >= 3, "source, error and processor are shown"
    assert f"ValueError: {EVIL}" in page.text


@pytest.mark.parametrize("where", ["phase", "note", "extra"])
def test_what_a_plugin_names_is_escaped(tmp_path, where):
    def odd(spec):
        trial = finished(spec)
        if where == "phase":
            trial.phases = {EVIL: next(iter(trial.phases.values()))}
        elif where == "note":
            trial.notes = {EVIL: EVIL}
        else:
            trial.extras = {EVIL: 1.0, "word": EVIL}
        return trial

    _, text, _ = make(tmp_path, odd)
    assert "<script>alert" not in text


def test_a_run_without_a_finished_trial(tmp_path):
    _, _, page = make(tmp_path, lambda spec: None)
    assert "How it was done" in page.text


def test_a_run_with_failed_trials_only(tmp_path):
    _, _, page = make(tmp_path, failed)
    assert "Failed trials" in page.text
    assert "nothing to compare with" in page.text


def test_a_reference_that_failed_while_others_finished(tmp_path):
    _, _, page = make(tmp_path, lambda spec: failed(spec) if spec.method == "logistic" else finished(spec))
    assert "nothing to compare with" in page.text


def test_half_a_run(tmp_path):
    _, _, page = make(tmp_path, lambda spec: finished(spec) if spec.seed < 2 else None)
    assert "seeds" in page.text


def test_unknown_energies_are_never_zero(tmp_path):
    unknown = Quantity.unknown("no counter can be read", boundary=Boundary.NODE)

    def dark(spec):
        trial = finished(spec, unknown)
        trial.phases = {"embed": PhaseSum(Ring.LOADING, 0.5, unknown)}
        trial.classical_remainder = None
        return trial

    folder, _, page = make(tmp_path, dark)
    assert "no counter can be read" in page.text
    rows = json.loads((folder.path / "comparison.json").read_text())[0]["rows"]
    assert all(row["energy"]["value"] is None and row["ratio"] is None and row["qpu"] is None for row in rows)


def test_an_unpriced_qpu_and_zero_energy(tmp_path):
    def idle(spec):
        trial = finished(spec, Quantity(0.0, 0.0, 0.0, "J", Basis.MEASURED_RAPL, Boundary.DEVICE))
        for cost in trial.qpu.values():
            cost["energy_j"] = {"value": None, "low": None, "high": None}
        return trial

    folder, _, page = make(tmp_path, idle)
    assert page.tags.count("svg") >= 1
    assert all(
        row["ratio"] is None for row in json.loads((folder.path / "comparison.json").read_text())[0]["rows"]
    )


def test_metrics_are_named_in_words_and_one_seed_has_no_interval(tmp_path):
    def counted_joules(spec):
        trial = finished(spec)
        trial.extras["j_per_prediction"] = 0.25
        return trial

    _, one, _ = make(tmp_path / "one", counted_joules, seeds=1)
    _, five, _ = make(tmp_path / "five", counted_joules)
    assert "<th>joules per prediction</th>" in one and "j per prediction" not in one
    assert "0.8000 to 0.8000" not in one and "0.8000 to 0.8040" in five


def test_the_terminal_s_table_holds_the_same_run(tmp_path, capsys):
    from qwatt.report.terminal import print_comparisons

    def mixed(spec):
        return failed(spec) if spec.method == "linear-same-size" else finished(spec)

    folder, _, _ = make(tmp_path, mixed, source="data [bold]x[/bold].csv")
    print_comparisons(folder.path)
    out = capsys.readouterr().out
    assert "[bold]x[/bold]" in out, "names are not read as markup"
    assert "failed" in out and "reupload-separable" in out


# What the run found, said first


def deduplicated(path, change, sources=("builtin:phrases",), methods=("exact-hash", "minhash")):
    """Write a run of dedup whose trials are changed by `change(trial)`; every one made an artifact."""
    folder = RunFolder(path / "dedup")
    tasks = [{"task": "curation/dedup", "source": s, "size": "xs", "methods": list(methods)} for s in sources]
    study = check_study({"seeds": 2, "tasks": tasks}, "the test")
    folder.write_text("study.toml", to_toml(study))
    folder.trials_file.touch()
    for spec in study.trials():
        best = 0.9 if spec.method == "minhash" else 0.5
        trial = Trial(spec, "classical", "pair_f1", "done", best + 0.01 * spec.seed, host_energy=energy(1.0))
        trial.extras = {"documents_in": 5000, "documents_kept": 4512, "precision": 1.0, "recall": 0.87}
        trial.extras |= {"removed_by_kind": {"near duplicate": 488}, "examples": []}
        trial.notes = {"precision_asked": 0.99}
        trial.artifacts = [f"artifacts/{spec.method}/corpus.jsonl"] if spec.seed == 0 else []
        change(trial)
        folder.append(trial)
    return folder, write_report(folder).read_text(encoding="utf-8")


def said_first(folder, capsys):
    print_results(results_of(comparisons_of(folder), "runs/x/"))
    return capsys.readouterr().out


def test_page_and_terminal_begin_with_what_was_found(tmp_path, capsys):
    folder, text = deduplicated(tmp_path, lambda trial: None)
    out = said_first(folder, capsys)
    first = "5,000 documents in, 4,512 kept, 488 removed (488 near duplicate), precision 1.00, recall 0.87"
    assert out.startswith(first)
    assert "runs/x/artifacts/minhash/corpus.jsonl" in out and "minhash; this is its seed 0, one of 2" in out
    page = Page(text).text
    assert page.index(first) < page.index("do not" if "do not" in page else "All methods")
    assert "artifacts/minhash/corpus.jsonl" in page


def test_a_precision_that_was_missed_is_the_first_line(tmp_path, capsys):
    def missed(trial):
        trial.extras["precision"] = 0.9
        trial.settings = {"threshold": 0.5}

    folder, text = deduplicated(tmp_path, missed)
    out = said_first(folder, capsys)
    assert out.startswith("precision 0.90 on held-back planted duplicates, below the 0.99 asked for")
    assert "--set threshold=0.75" in out.splitlines()[0] and "--set precision=0.9" in out.splitlines()[0]
    page = Page(text).text
    assert page.index("below the 0.99 asked for") < page.index("5,000 documents in")


def test_the_best_of_those_that_reach_the_precision_is_taken_and_the_other_named(tmp_path, capsys):
    def minhash_missed(trial):
        trial.extras["precision"] = 0.9 if trial.spec.method == "minhash" else 1.0

    folder, _ = deduplicated(tmp_path, minhash_missed)
    out = said_first(folder, capsys)
    assert out.startswith("5,000 documents in") and "artifacts/exact-hash/corpus.jsonl" in out
    assert "not taken: minhash, which has the better pair f1, but precision 0.90 on held-back" in out


def test_a_method_that_is_as_good_for_fewer_joules_is_not_called_better(tmp_path, capsys):
    def equal_and_cheaper(trial):
        trial.quality = 0.9
        if trial.spec.method == "minhash":
            trial.extras["precision"], trial.host_energy = 0.9, energy(0.5)

    folder, _ = deduplicated(tmp_path, equal_and_cheaper)
    out = " ".join(said_first(folder, capsys).split())
    assert "not taken: minhash, whose pair f1 is as good, for fewer joules, but precision 0.90" in out


def test_a_verdict_that_is_true_of_many_methods_is_said_once(tmp_path, capsys, monkeypatch):
    from qwatt.report.terminal import print_comparisons

    def undecided(trial):
        if trial.spec.method != "minhash":
            trial.kind = "inspired"

    monkeypatch.setenv("COLUMNS", "250")
    folder, _ = deduplicated(tmp_path, undecided, methods=("minhash", "exact-hash", "embedding"))
    print_comparisons(folder.path)
    out = capsys.readouterr().out
    assert out.count("The quality is undecided") == 1
    assert "undecided  exact-hash, embedding. " in out or "undecided  embedding, exact-hash. " in out


def test_a_warning_of_methods_that_are_not_the_best_is_said_in_the_terminal_once(
    tmp_path, capsys, monkeypatch
):
    from qwatt.core.headline import Headline
    from qwatt.report import method_warnings as module
    from qwatt.report.terminal import print_comparisons

    class Warned:
        def headline(self, trial, artifact):
            untuned = trial.spec.method != "minhash"
            return Headline(("found",), ("bandwidth 9 is untuned\x1b[31m",) if untuned else ())

    monkeypatch.setenv("COLUMNS", "250")
    folder, _ = deduplicated(tmp_path, lambda trial: None, methods=("minhash", "exact-hash", "embedding"))
    monkeypatch.setattr(module, "get_task", lambda name: Warned())
    module._FOUND.clear()  # what the report of that run found
    print_comparisons(folder.path)
    out = capsys.readouterr().out
    assert out.count("bandwidth 9 is untuned") == 1 and "\x1b[31m" not in out
    assert "warning  exact-hash, embedding: " in out or "warning  embedding, exact-hash: " in out


def test_a_better_median_that_the_seeds_leave_undecided_is_not_called_the_best(tmp_path, capsys):
    def luckier(trial):
        if trial.spec.method == "independent-set-annealing":
            trial.quality, trial.kind = 0.95, "inspired"

    methods = ("minhash", "independent-set-annealing")
    folder, text = deduplicated(tmp_path, luckier, methods=methods)
    standing = "the method taken is independent-set-annealing, undecided against minhash"
    assert standing in " ".join(said_first(folder, capsys).split()) and standing in Page(text).text


def test_several_results_name_their_tasks(tmp_path, capsys):
    folder, text = deduplicated(tmp_path, lambda trial: None, sources=("builtin:phrases", "mine.jsonl"))
    out = said_first(folder, capsys)
    assert sum(line.startswith("curation/dedup: 5,000 documents in") for line in out.splitlines()) == 2
    assert text.count('class="result"') == 2


ACTIVE = f"\x1b[31m\u202e\x00{EVIL}"


def test_documents_and_names_are_shown_and_never_obeyed(tmp_path, capsys):
    def odd(trial):
        pair = {"removed": ACTIVE, "kept": ACTIVE, "removed_text": ACTIVE, "kept_text": "[bold]x[/bold]"}
        trial.extras["examples"] = [pair | {"similarity": 0.5}]
        trial.extras["removed_by_kind"] = {ACTIVE: 488}

    folder, text = deduplicated(tmp_path, odd, sources=(f"my {EVIL}.csv",))
    assert "<script>alert" not in text and text.count("&lt;script&gt;") >= 4
    out = said_first(folder, capsys)
    assert "[bold]x[/bold]" in out
    for place in (text, out):
        assert not {"\x1b", "\u202e", "\x00"} & set(place)
        assert "x1b" in place


def test_a_head_says_how_well_it_labels_and_how_to_use_it(tmp_path, capsys):
    def head(spec):
        trial = finished(spec)
        trial.extras |= {"test_sentences": 1240, "classes": 3}
        trial.artifacts = [f"artifacts/tuning/head/{spec.method}/model.safetensors"] if spec.seed == 0 else []
        return trial

    folder, _, page = make(tmp_path, head)
    out = said_first(folder, capsys)
    assert out.startswith("accuracy 0.80 on 1,240 held-back sentences, 3 labels")
    assert "qwatt predict runs/x/artifacts/tuning/head/" in out
    assert "accuracy 0.80 on 1,240 held-back sentences, 3 labels" in page.text


def test_a_run_without_a_finished_trial_says_nothing_first(tmp_path, capsys):
    folder, text, _ = make(tmp_path, failed)
    assert said_first(folder, capsys) == "" and 'class="result"' not in text
