"""What README and guides tell a new user to type, on a corpus, labels, a model and a life of one's own."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^(?:\.venv/bin/)?qwatt (.*?)\s*(?:#.*)?$", re.MULTILINE)
TOPICS = {
    "rain": "The rain fell on the {n} roofs of town {n} all night, and the river rose by {n} hands.",
    "music": "She played sonata number {n} on the old piano, and the {n} guests in the hall were still.",
    "bread": "The baker of street {n} kneads flour, water and salt, and bakes {n} loaves before dawn.",
}

pytestmark = pytest.mark.nightly


def documented(page: str, beginning: str) -> list[str]:
    """Return the words of the one documented command that begins so."""
    [line] = [line for line in LINE.findall((ROOT / page).read_text("utf-8")) if line.startswith(beginning)]
    return shlex.split(line)


def typed(words: list[str], folder: Path, stream: Path | None = None) -> str:
    """Run a command as a user types it in a folder, and return what it printed."""
    with (stream or Path("/dev/null")).open() as given:
        done = subprocess.run(
            [sys.executable, "-m", "qwatt.cli", *words],
            cwd=folder, stdin=given, capture_output=True, text=True, check=False, timeout=1_200,
        )  # fmt: skip
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A folder with a corpus that has copies, a table of three labels, and new rows."""
    texts = [text.format(n=n) for n in range(60) for text in TOPICS.values()]
    corpus = [json.dumps({"text": text}) for text in [*texts, *texts[:40]]]
    (tmp_path / "corpus.jsonl").write_text("\n".join(corpus))
    rows = [f'"{text.format(n=n)}",{label}' for n in range(60) for label, text in TOPICS.items()]
    (tmp_path / "labelled.csv").write_text("\n".join(["text,label", *rows]))
    new = [f'"{text.format(n=n)}"' for n in range(60, 65) for text in TOPICS.values()]
    (tmp_path / "new.csv").write_text("\n".join(["text", *new]))
    return tmp_path


def test_a_corpus_becomes_smaller(day):
    typed(documented("README.md", "run curation/dedup"), day)
    kept = day / "runs/curation-dedup-corpus/artifacts/curation/dedup/exact-hash/corpus.jsonl"
    assert len(kept.read_text().splitlines()) < 220


def test_labels_become_a_head_that_labels_new_rows(day):
    typed(documented("README.md", "run tuning/head"), day)
    typed(documented("README.md", "predict"), day)
    pages = [file.read_text() for file in day.rglob("predictions.csv")]
    assert any(all(label in page for label in TOPICS) for page in pages)


def test_a_model_folder_becomes_a_smaller_one_that_needs_no_qwatt(day):
    from qwatt.language.decoder import load_decoder, save_decoder

    decoder = load_decoder("tiny")
    save_decoder(decoder.model, decoder.tokenizer, day / "model")
    (day / "texts.jsonl").write_text((day / "corpus.jsonl").read_text() * 20)
    words = documented("docs/pruning.md", "run deployment/prune --model")
    typed(["model" if word == "path/to/your/model" else word for word in words], day)
    [smaller] = (day / "runs").glob("*/artifacts/deployment/prune/taylor/decoder")
    script = (
        "import sys, transformers\n"
        "small, whole = (transformers.AutoModelForCausalLM.from_pretrained(f) for f in sys.argv[1:])\n"
        "assert small.num_parameters() < whole.num_parameters() and 'qwatt' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script, str(smaller), str(day / "model")], check=True, timeout=300)


def test_a_life_of_ones_own_becomes_figures_to_file(day):
    words = documented("README.md", "project")
    own = (ROOT / "scenarios" / "llama-3.1-8b-chat.toml").read_text().replace("llama-3.1-8b-chat", "mine")
    (day / "mine.toml").write_text(own)
    typed(["project", "mine.toml", *words[2:], "--out", "life"], day)
    page = (day / "life" / "report.html").read_text()
    assert "To file" in page and "mine" in page
