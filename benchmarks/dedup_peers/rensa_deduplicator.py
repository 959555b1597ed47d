"""rensa's own deduplicator, the first of similar documents stays, by its estimate of Jaccard."""

from common import BANDS, HASHES, THRESHOLD, rows, shingles, write_rows
from rensa import RMinHash, RMinHashDeduplicator

index = RMinHashDeduplicator(threshold=THRESHOLD, num_perm=HASHES, use_lsh=True, num_bands=BANDS)
kept = []
for name, text in rows():
    sketch = RMinHash(num_perm=HASHES, seed=42)
    sketch.update(list(shingles(text)))
    if index.add(name, sketch):
        kept.append(name)
write_rows(kept)
