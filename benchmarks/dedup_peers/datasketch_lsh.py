"""datasketch: MinHash by batch and MinHashLSH; the first of similar documents stays, by its estimate."""

from common import BANDS, HASHES, ROWS, THRESHOLD, rows, shingles, write_rows
from datasketch import MinHash, MinHashLSH

index = MinHashLSH(threshold=THRESHOLD, num_perm=HASHES, params=(BANDS, ROWS))
known, kept = {}, []
for name, text in rows():
    sketch = MinHash(num_perm=HASHES)
    sketch.update_batch([shingle.encode() for shingle in shingles(text)])
    if any(sketch.jaccard(known[other]) >= THRESHOLD for other in index.query(sketch)):
        continue
    index.insert(name, sketch)
    known[name] = sketch
    kept.append(name)
write_rows(kept)
