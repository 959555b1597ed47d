"""What verbs read besides corpora, studies and runs: streams, their state, catalogues, recorded work."""

import json
import shutil
import tomllib
from pathlib import Path

from command_lines import changed_settings
from corpora import write_corpus
from damaged_runs import damage, write_damaged_run
from junk import LABELS, TEXTS
from settings_files import to_toml, write_changed

import qwatt.catalogue

CATALOGUES = Path(qwatt.catalogue.__file__).parent
ASKED = {
    "qpus": ["list qpus", "show ibm_fez", "estimate circuit --qpu ibm_fez --qubits 5 --shots 10"],
    "qpu_power": ["show ibm_fez", "estimate circuit --qpu ibm_fez --qubits 5 --shots 10"],
    "qpu_prices": ["show ibm_fez", "plan tuning/head --data builtin:weather --size xs --seeds 1 --all"],
    "grids": ["list grids", "show deu", "estimate tokenise --tokens 1T --grid deu"],
    "accelerators": ["list accelerators", "show h100", "project my-model --draws 100 --out projected"],
    "models": ["list models", "show llama-3.1-8b", "project llama-3.1-8b-chat --draws 100 --out projected"],
    "claims": ["list claims", "project my-model --draws 100 --out projected"],
}
"""What reads a catalogue, by its name."""
DETECTORS = ["ks", "psi", "mmd", "sequential", "adwin", "ddm"]
RUN_VERBS = [
    *(
        "compare {run} {whole}",
        "compare {whole} {run}",
        "runs list {run} --rebuild",
        "runs prune {run} --failed",
    ),
    *("runs compare quality {run}", "runs trend energy_j {run}"),
    *(f"export {{run}} --to {form}" for form in ("csv", "json", "mlflow", "hf-card", "sci", "ai-act")),
]
"""What else reads a run folder."""


def dedup_words(drawn, folder):
    """Write a corpus, at times beside what an earlier call left of another, and return the words."""
    out = f"kept.{drawn.choice(['jsonl', 'jsonl', 'parquet', 'jsonl.gz', 'csv'])}"
    words = ["dedup", write_corpus(folder, drawn), "--out", out]
    if drawn.random() < 0.1:
        words += drawn.choice([["--threshold", "0.9"], ["--shingles", "char5"], ["--shingles", "wordx"]])
    if drawn.random() < 0.1:
        (folder / out).write_bytes(b"\x00earlier")
    return words


def watch_words(drawn, folder, watched):
    """Write a stream, copy a reference and at times a state, either damaged, and return the words."""
    stream = [json.dumps(_row(drawn)).encode() for _ in range(drawn.choice([0, 5, 25, 60]))]
    if drawn.random() < 0.3:
        stream.insert(0, drawn.choice([b"\xff\xfe", b"[" * 9000, b"\x00", b"{}", b"null", b"1" * 5000]))
    (folder / "stdin").write_bytes(b"\n".join(stream) + drawn.choice([b"", b"\n"]))
    shutil.copy(watched / "reference.jsonl", folder)
    words = ["watch", "reference.jsonl", "--window", "10"]
    if drawn.random() < 0.4:
        state = Path(shutil.copytree(watched / "reference.jsonl.watch", folder / "reference.jsonl.watch"))
        damage(drawn.choice(sorted(file for file in state.iterdir() if file.stat().st_size)), drawn)
        return [*words, "--resume"]
    words += ["--detector", drawn.choice(DETECTORS)]
    if drawn.random() < 0.5:
        damage(folder / "reference.jsonl", drawn)
    return [*words, *(changed_settings(drawn, {"mmd": {"bandwidth": [1.0]}}) if drawn.random() < 0.1 else [])]


def _row(drawn):
    odd = drawn.random()
    if odd < 0.9:
        return {"score": drawn.random()}
    return (
        {"score": drawn.choice(LABELS)} if odd < 0.95 else {drawn.choice(["x", "score"]): drawn.choice(TEXTS)}
    )


def catalogue_words(drawn, folder):
    """Write a catalogue of one's own, a changed table of a shipped one, and return words that read it."""
    name = drawn.choice(sorted(ASKED))
    whole = tomllib.loads((CATALOGUES / f"{name}.toml").read_text("utf-8"))
    tables = {key: part for key, part in whole.items() if isinstance(part, dict)}
    some = drawn.sample(sorted(tables), min(2, len(tables)))
    own = {"source": "me", "date": "2026", "confidence": "C", name: {key: tables[key] for key in some}}
    write_changed(folder / "own.toml", to_toml(own), drawn)
    return [*drawn.choice(ASKED[name]).split(), "--catalogue", "own.toml"]


def list_words(drawn, folder, whole_list):
    """Copy what an earlier watch list left, damaged, and return the words that read it."""
    shutil.copy(whole_list, folder / "list.json")
    damage(folder / "list.json", drawn)
    return ["watch-list", "--state", "list.json"]


def recorded_words(drawn, folder, recorded):
    """Copy a folder of recorded work, damaged, and return words that read it."""
    run = write_damaged_run(recorded, folder, drawn)
    verb = drawn.choice(
        ["report {run}", "runs list {run}", "project my-model --draws 100 --out p --run {run}"]
    )
    return verb.format(run=run.name).split()


def run_words(drawn, run, whole):
    """Return words of a verb that reads a run folder."""
    return drawn.choice(RUN_VERBS).format(run=run, whole=whole).split()
