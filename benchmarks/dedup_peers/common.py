"""What the peers share: the settings, word shingles, reading, and writing what is kept."""

import sys
from itertools import groupby
from pathlib import Path

import pyarrow as pa
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
    """Write the ids that are kept, where the peer itself wrote the rows."""
    with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123
        file.writelines(f"{name}\n" for name in kept)


def write_rows(kept):
    """Write the rows that are kept, in the order of the input, and their ids."""
    names = list(kept)
    stay = set(names)
    out = Path(sys.argv[2]).with_suffix(".parquet")
    with pq.ParquetFile(sys.argv[1]) as file, pq.ParquetWriter(out, file.schema_arrow) as rest:
        for batch in file.iter_batches(batch_size=2048):
            # `filter` would import all of Arrow's functions, and pandas: a third more at 5 MB
            place, runs = 0, []
            for stays, run in groupby(name in stay for name in batch.column("id").to_pylist()):
                size = len(list(run))
                runs += [batch.slice(place, size)] if stays else []
                place += size
            rest.write_table(pa.Table.from_batches(runs, batch.schema).combine_chunks())
    write(names)
