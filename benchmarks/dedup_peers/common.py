"""What the peers share: the settings, word shingles, reading, and writing the ids that are kept."""

import sys

import pyarrow.parquet as pq

THRESHOLD, HASHES, BANDS, ROWS, WIDTH = 0.6, 128, 32, 4, 5


def shingles(text):
    """Distinct runs of five words."""
    words = text.lower().split()
    return {" ".join(words[i : i + WIDTH]) for i in range(max(1, len(words) - WIDTH + 1))}


def rows():
    """Yield (id, text)."""
    for batch in pq.ParquetFile(sys.argv[1]).iter_batches(batch_size=2048):
        yield from zip(batch.column("id").to_pylist(), batch.column("text").to_pylist(), strict=True)


def write(kept):
    with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123
        file.writelines(f"{name}\n" for name in kept)
