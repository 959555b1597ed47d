"""Every task on two corpora that are not its default, one of them not English: all methods finish and export.

The Ukrainian text is 1,200 lines of dialogue on 19 topics (package chatterbot-corpus, BSD), fetched once and
checked by its SHA-256. A task of later is asked for its two corpora by failing here.
"""

from pathlib import Path

import pytest
import yaml

from qwatt.core.registry import all_methods, all_tasks, get_task
from qwatt.data import read_snippets
from qwatt.data.archive import unpack
from qwatt.data.download import download
from qwatt.data.rows import write_jsonl
from qwatt.data.sets import Archive
from qwatt.testing.trials import run_small, small_spec

pytestmark = pytest.mark.nightly

DIALOGUES = Archive(
    package="chatterbot-corpus",
    version="1.3.3",
    form="wheel",
    sha256="86de5300afb9a80826386339d3bec79c0a72eb0358abb8327e2ecef5ae0ce154",
    files=("data/ukrainian/*.yml",),
)
TEXT, LABELLED, TRAINING = "ukrainian.jsonl", "ukrainian_topics.jsonl", "ukrainian_training.py"
"""All lines; those of the two largest topics, with the topic as the label; a training on the lines."""
ENGLISH_TRAINING = "english_training.py"
"""The same training on newspaper snippets: a search takes trainings, not texts."""
CORPORA = {
    "curation/cluster": ("tweets", LABELLED),
    "curation/dedup": ("builtin:phrases", TEXT),
    "curation/select": ("nyt", LABELLED),
    "encoding/load": ("amazon", TEXT),
    "encoding/tokenise": ("vader", TEXT),
    "deployment/quantise": ("nyt", TEXT),
    "architecture/layer": ("nyt", TEXT),
    "architecture/search": (ENGLISH_TRAINING, TRAINING),
    "monitoring/anomaly": ("tweets", TEXT),
    "deployment/prune": ("nyt", TEXT),
    "monitoring/drift": ("tweets", TEXT),
    "training/optimise": ("nyt", LABELLED),
    "training/weights": ("vader", LABELLED),
    "tuning/adapt": ("nyt", TEXT),
    "tuning/distil": ("vader", TEXT),
    "tuning/head": ("amazon", LABELLED),
    "tuning/reinforce": ("held-back", TEXT),
}
FEW = {"steps": 4, "epochs": 1}
"""Settings of length, which this test is not about."""

BIGRAMS = '''
from collections import Counter
from math import log2
from pathlib import Path

TEXT = Path({file!r}).read_text("utf-8")
CUT = len(TEXT) * 4 // 5


def train(settings):
    """Return bits per character of the last fifth under smoothed bigrams of the rest."""
    pairs, ones = Counter(zip(TEXT[:CUT], TEXT[1:CUT])), Counter(TEXT[:CUT])
    extra, letters = settings["extra"], len(set(TEXT))
    rest = list(zip(TEXT[CUT:], TEXT[CUT + 1 :]))
    return sum(-log2((pairs[a, b] + extra) / (ones[a] + extra * letters)) for a, b in rest) / len(rest)


train.space = {{"extra": [0.001, 0.01, 0.1, 1.0], "unused": [0, 1, 2, 3]}}
'''


@pytest.fixture(scope="session")
def ukrainian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `TEXT`, `LABELLED` and both trainings."""
    folder = tmp_path_factory.mktemp("ukrainian")
    files = unpack(download(DIALOGUES, folder), DIALOGUES, folder)
    topics: dict[str, list[str]] = {}
    for name in sorted(files):
        turns = yaml.safe_load((folder / name).read_text("utf-8"))["conversations"]
        topics[Path(name).stem] = list(dict.fromkeys(str(line).strip() for turn in turns for line in turn))
    largest = sorted(topics, key=lambda topic: -len(topics[topic]))[:2]
    lines = [line for found in topics.values() for line in found]
    write_jsonl(folder / TEXT, ({"text": line} for line in lines))
    write_jsonl(folder / LABELLED, ({"text": t, "label": topic} for topic in largest for t in topics[topic]))
    english = [snippet.text for snippet in read_snippets("nyt")[: len(lines)]]
    for name, found in ((TRAINING, lines), (ENGLISH_TRAINING, english)):
        text = folder / f"{name}.txt"
        text.write_text("\n".join(found), "utf-8")
        (folder / name).write_text(BIGRAMS.format(file=str(text)))
    return folder


@pytest.mark.parametrize("which", [0, 1], ids=["english", "ukrainian"])
@pytest.mark.parametrize("name", all_tasks())
def test_every_method_finishes(name: str, which: int, ukrainian: Path, tmp_path: Path) -> None:
    assert name in CORPORA, f"name in CORPORA two corpora that {name} does not take unasked, one not English"
    task, source = get_task(name), CORPORA[name][which]
    assert source != task.default_source
    if source in (TRAINING, ENGLISH_TRAINING):
        source = f"train:{ukrainian / source}:train"
    elif which == 1:
        source = str(ukrainian / source)
    methods = [m for m in all_methods(name) if task.suits(m.name, source)]
    assert methods
    for method in methods:
        fixed = tuple((setting, value) for setting, value in sorted(FEW.items()) if setting in method.space)
        try:
            trial, problem, solution = run_small(method, small_spec(method, source, shots=100, fixed=fixed))
        except AssertionError as failed:
            if "needs an optional package" in str(failed):  # a machine's client that is not installed
                continue
            raise
        assert trial.quality is not None, method.name
        files = task.export(problem, solution, tmp_path / method.name)
        assert any(file.stat().st_size for file in files), f"{method.name} exports nothing"
