"""Files of a folder in a fixed order, and which of them to read when they are the parts of one data set."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path, PurePosixPath

from qwatt.core.errors import QwattError
from qwatt.data.names import listed, shown
from qwatt.data.report import ReadReport
from qwatt.data.saved_dataset import is_saved_dataset
from qwatt.data.streams import Source, hidden, is_folder, same_file

_PARTS = {
    "train": ("train", "training"),
    "test": ("test", "testing", "eval", "evaluation"),
    "validation": ("validation", "valid", "val", "dev"),
    "unlabelled": ("unsupervised", "unlabelled", "unlabeled", "unsup"),
}
_PART_OF = {word: part for part, words in _PARTS.items() for word in words}
_SHARD = re.compile(r"(?P<part>.+?)[-._](?P<number>\d{5})-of-(?P<all>\d{5})(?:-[0-9a-f]{16})?")


def files_of(folder: Path, report: ReadReport) -> list[Source]:
    """Return the files of a folder and of the folders in it, sorted; a saved data set counts as one.

    Hidden files are left out, links are followed, and what is neither file nor folder is counted.

    Raises:
        QwattError: a folder cannot be listed.
    """
    found: list[Path] = []
    above = {same_file(parent) for parent in folder.resolve().parents}
    _walk(folder, folder, found, above, report)
    found.sort(key=lambda path: path.relative_to(folder).parts)
    return [Source(path, shown(path.relative_to(folder).as_posix())) for path in found]


def _walk(folder: Path, top: Path, found: list[Path], seen: set[tuple[int, int]], report: ReadReport) -> None:
    try:
        identity, paths = same_file(folder), sorted(folder.iterdir())
    except OSError as error:
        what = f"the folder cannot be listed: {error.strerror}"
        raise QwattError(what, where=shown(str(folder)), mend="let it be read, or take it out") from error
    if identity in seen:
        return  # a link to a folder above, or a second one to the same folder
    seen.add(identity)
    for path in paths:
        if hidden(path.relative_to(top)):
            continue
        try:
            within = is_folder(path)
        except QwattError as error:
            broken = "a link that leads nowhere" if path.is_symlink() else error.what
            report.skip(broken, shown(path.relative_to(top).as_posix()))
            continue
        if within and not is_saved_dataset(path):
            _walk(path, top, found, seen, report)
        else:
            found.append(path)


def one_part(files: list[Source], top: Path, report: ReadReport) -> list[Source]:
    """Return the files of the part "train" when the folder has several parts, else all; says which.

    Parts are told by folders ("test/...") and, for tables, by file names, as Hugging Face's hub names them
    ("train.csv", "data-test.jsonl", "unsupervised-00000-of-00001.parquet"). A part of its own kind beside
    "train" must be there, so that one file about trains is no part.
    """
    parts = [part_of(source.path.relative_to(top)) for source in files]
    _say_missing_shards(files, report)
    counts = Counter(part for part in parts if part is not None)
    if len(counts) < 2:
        return files
    if "train" not in counts:
        report.note(f"the folder has the parts {listed(counts)}; all are read as one")
        return files
    kept = [source for source, part in zip(files, parts, strict=True) if part == "train"]
    others = Counter(part or "other files" for part in parts if part != "train")
    told = ", ".join(f"{shown(part, 60)} ({n})" for part, n in others.items())
    report.note(
        f"of the folder's parts, train is read ({len(kept)}), and not {told}; name a file to read another"
    )
    return kept


def part_of(path: PurePosixPath | Path) -> str | None:
    """Return the part of a data set that a path inside its folder names, or None."""
    if (part := _by_name(path)) is not None:
        return part
    return next((_PART_OF[p.lower()] for p in reversed(path.parts[:-1]) if p.lower() in _PART_OF), None)


def _by_name(path: PurePosixPath | Path) -> str | None:
    stem = path.name.split(".")[0] if ".txt" not in path.suffixes else ""
    shard = _SHARD.match(path.name)
    words = [w for w in re.split(r"[^a-z]+", (shard["part"] if shard else stem).lower()) if w]
    for word in (words[0], words[-1]) if words else ():
        if word in _PART_OF:
            return _PART_OF[word]
    return shard["part"] if shard else None


def _say_missing_shards(files: list[Source], report: ReadReport) -> None:
    shards: dict[tuple[str, str], set[str]] = {}
    for source in files:
        if found := _SHARD.match(source.path.name):
            key = (str(PurePosixPath(source.name).parent / found["part"]), found["all"])
            shards.setdefault(key, set()).add(found["number"])
    for (part, count), numbers in shards.items():
        if len(numbers) < int(count):
            report.note(f"{shown(part)}: {len(numbers)} of {int(count)} files are there")
