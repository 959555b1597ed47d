"""Daft: its MinHash; pairs of each bucket's first document, verified in Python."""

import sys

import daft
from common import BANDS, HASHES, ROWS, THRESHOLD, WIDTH, shingles, write_rows
from daft import col

daft.set_runner_native()
plain = daft.read_parquet(sys.argv[1]).with_column(
    "plain", col("text").normalize(lowercase=True, white_space=True)
)
sketches = plain.select(
    "id", col("plain").minhash(num_hashes=HASHES, ngram_size=WIDTH).alias("sketch")
).to_pydict()
first, pairs = {}, set()
for name, sketch in zip(sketches["id"], sketches["sketch"], strict=True):
    for band in range(BANDS):
        key = band, tuple(sketch[band * ROWS : (band + 1) * ROWS])
        head = first.setdefault(key, name)
        if head != name:
            pairs.add((head, name))
needed = sorted({name for pair in pairs for name in pair})
texts = plain.where(col("id").is_in(needed)).select("id", "plain").to_pydict()
sets = {name: shingles(text) for name, text in zip(texts["id"], texts["plain"], strict=True)}
gone = set()
for head, name in sorted(pairs, key=lambda pair: (int(pair[0]), int(pair[1]))):
    one, other = sets[head], sets[name]
    if head not in gone and name not in gone and len(one & other) >= THRESHOLD * len(one | other):
        gone.add(name)
write_rows(name for name in sketches["id"] if name not in gone)
