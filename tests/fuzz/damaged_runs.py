"""Run folders and artifacts with a damaged record, card or environment."""

import json
import shutil

from junk import changed_tree, damaged_text
from mutants import damaged


def write_damaged_run(run, folder, drawn):
    """Copy a run, damage one of its files, and return the copy."""
    copy = folder / "run"
    shutil.copytree(run, copy)
    files = sorted(path for path in copy.rglob("*") if path.is_file() and path.stat().st_size)
    weights = [8 if path.name == "trials.jsonl" else 1 for path in files]
    file = drawn.choices(files, weights)[0]
    damage(file, drawn)
    return copy


def damage(file, drawn):
    """Change a file in its records, its text or its bytes, or take it away."""
    how = drawn.random()
    if file.suffix == ".jsonl" and how < 0.7:
        _change_line(file, drawn)
    elif file.suffix == ".json" and how < 0.7:
        _write(file, changed_tree(json.loads(file.read_text("utf-8")), drawn))
    elif how < 0.8 and file.suffix in (".json", ".jsonl", ".toml", ".csv", ".html"):
        file.write_bytes(damaged_text(file.read_text("utf-8"), drawn).encode("utf-8", "surrogatepass"))
    elif how < 0.9:
        file.write_bytes(damaged(file.read_bytes(), drawn))
    else:
        file.unlink()
        if drawn.random() < 0.3:
            file.mkdir()


def _change_line(file, drawn):
    lines = file.read_text("utf-8").splitlines()
    place = drawn.randrange(len(lines))
    changed = changed_tree(json.loads(lines[place]), drawn)
    lines[place] = json.dumps(changed, default=str)
    if drawn.random() < 0.2:
        lines.append(drawn.choice(lines))
    file.write_text("\n".join(lines) + "\n", "utf-8")


def _write(file, tree):
    file.write_text(json.dumps(tree, default=str), "utf-8")
