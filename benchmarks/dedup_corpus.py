"""Synthetic corpora with planted near duplicates, for `dedup.py`: edits, cuts, families, copies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

WORDS = 60_000
MEAN_WORDS = 215
"""About 1,630 characters a document."""
NEAR, FAMILY, COPY = 0.10, 0.01, 0.01
"""Shares of documents that are near duplicates of one, begin a family of such, or are exact copies."""
FAMILY_SIZES = (5, 20)
CHUNK = 4_000
GUIDE = 1 << 20
WIDTH = 5
SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])


def vocabulary(rng):
    """Words of 2 to 12 letters, the frequent ones short, a hundredth of them with an accent."""
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    lengths = np.clip(2 + np.log2(np.arange(1, WORDS + 1)) / 2 + rng.normal(0, 1, WORDS), 2, 12).astype(int)
    made = ["".join(rng.choice(letters, n)) for n in lengths]
    rare = range(WORDS // 2, WORDS, 50)
    for i in rare:
        made[i] = made[i][:-1] + "é"
    return pa.array(made)


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
    """Distinct runs of `WIDTH` words, exactly: two numbers a run."""
    runs = len(words) - WIDTH + 1
    first = sum(words[i : i + runs] * WORDS**i for i in range(3))
    last = sum(words[i : i + runs] * WORDS ** (i - 3) for i in range(3, WIDTH))
    return set(zip(first.tolist(), last.tolist(), strict=True))


def similarity(first, second):
    a, b = windows(first), windows(second)
    return len(a & b) / len(a | b)


def generate(folder, megabytes, seed=0, with_lines=True):
    """Write corpus.parquet, corpus.jsonl (or leave it empty) of so many megabytes of text, and truth.npz."""
    rng = np.random.default_rng(seed)
    spelled = vocabulary(rng)
    draw = drawing()
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pairs, written, number = [], 0, 0
    with (
        (folder / "corpus.jsonl").open("wb") as lines,
        pq.ParquetWriter(folder / "corpus.parquet", SCHEMA) as table,
    ):
        while written < megabytes * 1e6:
            texts, own = chunk(rng, draw, spelled, number)
            pairs += own
            names = pa.array(map(str, range(number, number + len(texts))))
            table.write_table(pa.table({"id": names, "text": texts}, schema=SCHEMA))
            if with_lines:  # no character of the texts is escaped in JSON
                rows = pc.binary_join_element_wise('{"id": "', names, '", "text": "', texts, '"}\n', "")
                lines.write(rows.buffers()[2])
            written += pc.sum(pc.binary_length(texts)).as_py()
            number += len(texts)
    found = np.array(pairs, dtype=np.float64).reshape(-1, 3)
    np.savez(folder / "truth.npz", pairs=found[:, :2].astype(np.int64), similarity=found[:, 2])


def drawing():
    """What turns numbers from 0 to 1 into words by Zipf's law: steps from a guide, not a whole search."""
    cumulative = np.cumsum(1 / (np.arange(1, WORDS + 1) + 2.7) ** 1.0)
    cumulative /= cumulative[-1]
    guide = np.searchsorted(cumulative, np.arange(GUIDE) / GUIDE)

    def draw(numbers):
        words = guide[(numbers * GUIDE).astype(np.int64)]
        low = np.flatnonzero(cumulative[words] < numbers)
        while len(low):
            words[low] += 1
            low = low[cumulative[words[low]] < numbers[low]]
        return words

    return draw


def chunk(rng, draw, spelled, number):
    """Texts in random order, and (one, other, similarity) of the pairs that were planted."""
    sizes = np.clip(rng.lognormal(np.log(MEAN_WORDS) - 0.3, 0.75, size=CHUNK), 20, 20_000).astype(int)
    words = draw(rng.random(sizes.sum()))
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
    return sentences([every[i] for i in order], spelled, rng), planted


def sentences(documents, spelled, rng):
    """Texts of words; letter case and white space differ, which does not count."""
    ends = np.append(0, np.cumsum([len(words) for words in documents]))
    words = spelled.take(pa.array(np.concatenate(documents)))
    texts = pc.binary_join(pa.ListArray.from_arrays(pa.array(ends, pa.int32()), words), " ")
    loud = pc.replace_substring(pc.utf8_upper(texts), " ", "  ", max_replacements=20)
    return pc.if_else(pa.array(rng.random(len(texts)) < 0.9), pc.utf8_capitalize(texts), loud)
