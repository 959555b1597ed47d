"""MinHash-LSH by rensa (what qwatt uses) and by datasketch on the same shingles: CPU seconds, pairs found.

Run: python benchmarks/dedup.py [size] [repeats]
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np

from qwatt.core.registry import get_task
from qwatt.stages.curation.dedup.lsh import HASHES, bands_and_rows, candidate_pairs, signatures
from qwatt.stages.curation.dedup.shingles import jaccard, shingle

THRESHOLDS = (0.4, 0.6, 0.8)


def by_rensa(shingles, threshold):
    return set(candidate_pairs(signatures(shingles, 1), threshold))


def by_datasketch(shingles, threshold):
    """Hash values are made by `bulk` from the 32 low bits of the same shingles; same bands, its own LSH."""
    from datasketch import MinHash, MinHashLSH

    low = [(s & np.uint64(0xFFFFFFFF)).tolist() for s in shingles]
    signed = MinHash.bulk(low, num_perm=HASHES, seed=1, hashfunc=int)
    index = MinHashLSH(threshold=threshold, num_perm=HASHES, params=bands_and_rows(threshold))
    for i, signature in enumerate(signed):
        index.insert(i, signature)
    return {(i, j) for j, signature in enumerate(signed) for i in index.query(signature) if i < j}


def main():
    size = sys.argv[1] if len(sys.argv) > 1 else "s"
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    problem = get_task("curation/dedup").load("shakespeare", size, 0)
    shingles = shingle(problem.texts, "char5")
    print(f"{len(shingles)} documents, {sum(map(len, shingles))} shingles, median of {repeats}, CPU seconds")
    print("threshold  pairs  | rensa s  recall | datasketch s  recall | datasketch / rensa")
    for threshold in THRESHOLDS:
        row = {}
        for name, function in (("rensa", by_rensa), ("datasketch", by_datasketch)):
            function(shingles[:50], threshold)
            seconds = []
            for _ in range(repeats):
                start = time.process_time()
                found = function(shingles, threshold)
                seconds.append(time.process_time() - start)
            row[name] = (statistics.median(seconds), found)
        candidates = row["rensa"][1] | row["datasketch"][1]
        real = {(i, j) for i, j in candidates if jaccard(shingles[i], shingles[j]) >= threshold}
        recall = {name: len(found & real) / len(real) for name, (_, found) in row.items()}
        fast, slow = row["rensa"][0], row["datasketch"][0]
        print(
            f"{threshold:9} {len(real):6}  | {fast:7.3f} {recall['rensa']:7.3f} | {slow:12.3f} "
            f"{recall['datasketch']:7.3f} | {slow / fast:.1f}"
        )


if __name__ == "__main__":
    main()
