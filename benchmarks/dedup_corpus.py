"""Synthetic corpora with planted near duplicates, for `dedup.py`: edits, cuts, families, copies."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

WORDS = 60_000
MEAN_WORDS = 215
"""About 1,630 characters a document."""
NEAR, FAMILY, COPY = 0.10, 0.01, 0.01
"""Shares of documents that are near duplicates of one, begin a family of such, or are exact copies."""
FAMILY_SIZES = (5, 20)
CHUNK = 4_000
WIDTH = 5


def vocabulary(rng):
    """Words of 2 to 12 letters, the frequent ones short, a hundredth of them with an accent."""
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    lengths = np.clip(2 + np.log2(np.arange(1, WORDS + 1)) / 2 + rng.normal(0, 1, WORDS), 2, 12).astype(int)
    made = ["".join(rng.choice(letters, n)) for n in lengths]
    rare = range(WORDS // 2, WORDS, 50)
    for i in rare:
        made[i] = made[i][:-1] + "é"
    return np.array(made, dtype=object)


def changed(words, kind, rng):
    """A near duplicate: words replaced, a piece cut off, a piece put in, or two pieces swapped."""
    n = len(words)
    if kind == 0:
        words = words.copy()
        places = rng.integers(n, size=max(1, int(n * rng.uniform(0.005, 0.09))))
        words[places] = rng.integers(WORDS, size=len(places))
        return words
    if kind == 1:
        return words[: int(n * rng.uniform(0.55, 0.97))]
    at = int(rng.integers(1, n))
    if kind == 2:
        piece = rng.integers(WORDS, size=max(1, int(n * rng.uniform(0.02, 0.5))))
        return np.concatenate([words[:at], piece, words[at:]])
    return np.concatenate([words[at:], words[:at]])


def windows(words):
    """Distinct runs of `WIDTH` words, exactly: one number a run."""
    runs = np.lib.stride_tricks.sliding_window_view(words, WIDTH)
    return {run.tobytes() for run in runs}


def similarity(first, second):
    a, b = windows(first), windows(second)
    return len(a & b) / len(a | b)


def generate(folder, megabytes, seed=0):
    """Write corpus.parquet and corpus.jsonl of so many megabytes of text, and truth.npz."""
    rng = np.random.default_rng(seed)
    spelled = vocabulary(rng)
    cumulative = np.cumsum(1 / (np.arange(1, WORDS + 1) + 2.7) ** 1.0)
    cumulative /= cumulative[-1]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pairs, written, number = [], 0, 0
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    with (
        (folder / "corpus.jsonl").open("w", encoding="utf-8") as lines,
        pq.ParquetWriter(folder / "corpus.parquet", schema) as table,
    ):
        while written < megabytes * 1e6:
            texts, own = chunk(rng, cumulative, spelled, number)
            pairs += own
            names = [str(number + i) for i in range(len(texts))]
            table.write_table(pa.table({"id": names, "text": texts}, schema=schema))
            lines.writelines(
                json.dumps({"id": n, "text": t}, ensure_ascii=False) + "\n"
                for n, t in zip(names, texts, strict=True)
            )
            written += sum(len(text.encode()) for text in texts)
            number += len(texts)
    found = np.array(pairs, dtype=np.float64).reshape(-1, 3)
    np.savez(folder / "truth.npz", pairs=found[:, :2].astype(np.int64), similarity=found[:, 2])


def chunk(rng, cumulative, spelled, number):
    """Texts in random order, and (one, other, similarity) of the pairs that were planted."""
    sizes = np.clip(rng.lognormal(np.log(MEAN_WORDS) - 0.3, 0.75, size=CHUNK), 20, 20_000).astype(int)
    words = np.searchsorted(cumulative, rng.random(sizes.sum()))
    documents = np.split(words, np.cumsum(sizes)[:-1])
    made = []
    for parent in rng.choice(CHUNK, int(CHUNK * NEAR), replace=False).tolist():
        made.append((parent, changed(documents[parent], int(rng.integers(4)), rng)))
    for parent in rng.choice(CHUNK, int(CHUNK * FAMILY / 10), replace=False).tolist():
        made += [(parent, changed(documents[parent], 0, rng)) for _ in range(rng.integers(*FAMILY_SIZES))]
    for parent in rng.choice(CHUNK, int(CHUNK * COPY), replace=False).tolist():
        made.append((parent, documents[parent]))
    order = rng.permutation(CHUNK + len(made))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    planted = [
        (number + place[parent], number + place[CHUNK + i], similarity(documents[parent], other))
        for i, (parent, other) in enumerate(made)
    ]
    every = documents + [other for _, other in made]
    return [sentences(spelled[every[i]], rng) for i in order], planted


def sentences(words, rng):
    """Text of words, a full stop after some; letter case and white space differ, which does not count."""
    text = " ".join(words)
    return text.capitalize() if rng.random() < 0.9 else text.upper().replace(" ", "  ", 20)
