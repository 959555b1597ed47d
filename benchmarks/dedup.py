"""`qwatt dedup` and its peers, end to end on synthetic corpora: CPU seconds, memory, recall, precision.

Run: python benchmarks/dedup.py [--megabytes 98.5 ...] [--engines qwatt-parquet ...]
     [--peers PYTHON NAME=PYTHON ...] [--rounds 1] [--folder DIR] [--results FILE] [--keep]

CPU seconds are user and system time of one process; where there are other processes beside it they grow a
little, for all alike. All run from compiled modules, as pip installs them. Recall: planted pairs of at least
the threshold, counted exactly on words, of which one was removed. Precision: removed documents with a kept
one of at least the threshold among those they were planted with. Both are judged here, the same way for all,
from the ids that an engine keeps.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy import sparse
from scipy.sparse import csgraph

import qwatt
from dedup_corpus import generate
from dedup_peers.common import THRESHOLD, shingles

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "dedup.json"
PEERS = (
    "datasketch_lsh",
    "rensa_deduplicator",
    "daft_minhash",
    "datatrove_minhash",
    "text_dedup_minhash",
    "semhash_near",
)
OURS = ("qwatt-parquet", "qwatt-jsonl")
NOT_RUN = {
    "semhash with its own model": "the model has to be downloaded; semhash_near hashes runs of words instead",
    "text-dedup on Spark": "imports graphframes, which does not come with it; text_dedup_minhash does not",
}


def pythons(given):
    """Return the Python of each peer, of PYTHON for all of them and NAME=PYTHON for one."""
    pairs = [entry.rpartition("=") for entry in given]
    if unknown := {name for name, _, _ in pairs} - {"", *PEERS}:
        sys.exit(f"--peers knows no {', '.join(sorted(unknown))}: the names are {', '.join(PEERS)}")
    named = {name: path for name, _, path in pairs}
    return {peer: named.get(peer, named.get("", sys.executable)) for peer in PEERS}


def command(engine, folder, peers):
    """Return the command line of an engine, and the file that holds what it keeps."""
    if engine in OURS:
        form = engine.split("-")[1]
        out = folder / f"kept.{form}"
        verb = [sys.executable, "-m", "qwatt.cli", "dedup", str(folder / f"corpus.{form}"), "--out", str(out)]
        return [*verb, "--threshold", str(THRESHOLD), "--shingles", "word5", "--json"], out
    out = folder / "kept.txt"
    script = str(HERE / "dedup_peers" / f"{engine}.py")
    return [peers[engine], script, str(folder / "corpus.parquet"), str(out)], out


LAUNCHER = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[2:], stdout=open(sys.argv[1], "wb"), stderr=subprocess.STDOUT)
_, status, used = os.wait4(child.pid, 0)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)]))
"""
"""Starts an engine from a small process: Linux counts what a parent holds at the fork into a child's peak."""


def measure(argv):
    """Run a command; return its CPU seconds, peak MB, and the last line of what it said when it failed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= dict.fromkeys(("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
    with tempfile.NamedTemporaryFile() as said:
        start = time.monotonic()
        launcher = [sys.executable, "-c", LAUNCHER, said.name, *argv]
        told = subprocess.run(launcher, stdout=subprocess.PIPE, env=environment, check=True).stdout
        wall_s = time.monotonic() - start
        text = Path(said.name).read_text(errors="replace").strip()
    cpu_s, peak_mb, code = json.loads(told)
    row = {"cpu_s": cpu_s, "peak_mb": peak_mb, "wall_s": wall_s}
    return row | ({"failed": text.splitlines()[-1][:300] if text else "?"} if code else {})


def kept_ids(out):
    if out.suffix == ".parquet":
        return pq.read_table(out, columns=["id"])["id"].to_pylist()
    lines = out.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["id"] for line in lines] if out.suffix == ".jsonl" else lines


class Judge:
    """Knows what was planted into a corpus."""

    def __init__(self, folder, documents):
        truth = np.load(folder / "truth.npz")
        self.pairs, self.documents = truth["pairs"], documents
        self.similar = self.pairs[truth["similarity"] >= THRESHOLD]
        shape = (documents, documents)
        ends = (np.ones(len(self.pairs)), (self.pairs[:, 0], self.pairs[:, 1]))
        _, self.family = csgraph.connected_components(sparse.coo_array(ends, shape=shape), directed=False)
        self.corpus = folder / "corpus.parquet"

    def judge(self, kept):
        """Return how many are kept, recall and precision."""
        stays = np.zeros(self.documents, dtype=bool)
        stays[np.array([int(name) for name in kept])] = True
        recall = float(1 - stays[self.similar].all(axis=1).mean())
        removed = int((~stays).sum())
        precision = 1 - self.wrong(stays) / removed if removed else 1.0
        return {"kept": int(stays.sum()), "recall": recall, "precision": precision}

    def wrong(self, stays):
        """Return how many are removed that resemble no kept one of their family."""
        right = stays.copy()
        for one, other in (self.similar.T, self.similar.T[::-1]):
            right[one[stays[other]]] = True
        order = np.argsort(self.family, kind="stable")
        first = np.searchsorted(self.family[order], np.arange(self.family.max() + 2))
        doubtful = np.flatnonzero(~right)  # planted with none of these, but perhaps like one
        families = {i: order[first[self.family[i]] : first[self.family[i] + 1]] for i in doubtful.tolist()}
        texts = self.texts(np.unique(np.concatenate([doubtful[:0], *families.values()])))
        wrong = 0
        for i, members in families.items():
            own = shingles(texts[i])
            others = (shingles(texts[j]) for j in members[stays[members]].tolist())
            wrong += not any(len(own & one) >= THRESHOLD * len(own | one) for one in others)
        return wrong

    def texts(self, names):
        """Return some documents' texts by their numbers, read a batch at a time."""
        found, start = {}, 0
        for batch in pq.ParquetFile(self.corpus).iter_batches(batch_size=4096, columns=["text"]):
            here = names[(names >= start) & (names < start + len(batch))]
            found |= {i: batch.column(0)[i - start].as_py() for i in here.tolist()}
            start += len(batch)
        return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=float, nargs="+", default=[98.5])
    parser.add_argument("--engines", nargs="+", default=[*OURS, *PEERS])
    parser.add_argument("--rounds", type=int, default=1, help="visit the engines in turn; the median counts")
    parser.add_argument("--peers", nargs="+", default=[], help="PYTHON of all, NAME=PYTHON of one")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "qwatt-bench-dedup")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file that rows are put into")
    parser.add_argument("--keep", action="store_true", help="leave the corpora there, and use them again")
    options = parser.parse_args()
    peers = pythons(options.peers)
    compileall.compile_dir(Path(qwatt.__file__).parent, quiet=1)
    before = json.loads(options.results.read_text()) if options.results.exists() else {}
    rows = {(row["engine"], row["megabytes"]): row for row in before.get("rows", [])}
    print("  MB  engine                  CPU s   peak MB   recall  precision")
    for megabytes in options.megabytes:
        folder = options.folder / f"{megabytes:g}"
        lines = folder / "corpus.jsonl"
        with_lines = "qwatt-jsonl" in options.engines
        if not (folder / "truth.npz").exists() or (with_lines and not lines.stat().st_size):
            generate(folder, megabytes, with_lines=with_lines)
        documents = pq.read_metadata(folder / "corpus.parquet").num_rows
        judge = Judge(folder, documents)
        visits = {engine: [] for engine in options.engines}
        for engine in options.engines * options.rounds:
            argv, out = command(engine, folder, peers)
            row = {"engine": engine, "megabytes": megabytes, "documents": documents, **measure(argv)}
            if "failed" not in row:
                row |= judge.judge(kept_ids(out))
            for path in folder.glob("kept.*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            row["load"] = os.getloadavg()[0]
            visits[engine].append(row)
            row = sorted(visits[engine], key=lambda visit: visit["cpu_s"])[len(visits[engine]) // 2]
            rows[engine, megabytes] = row | {"rounds": len(visits[engine])}
            print(line(row), flush=True)
            machine = {"machine": platform.processor() or platform.machine(), "cores": os.cpu_count()}
            record = {"machine": machine, "not_run": NOT_RUN, "rows": list(rows.values())}
            options.results.write_text(json.dumps(record, indent=1) + "\n")
        if not options.keep:
            shutil.rmtree(folder)


def line(row):
    head = f"{row['megabytes']:5g} {row['engine']:22} {row['cpu_s']:8.1f} {row['peak_mb']:9.0f}"
    return (
        f"{head}  failed: {row['failed']}"
        if "failed" in row
        else f"{head} {row['recall']:9.4f} {row['precision']:9.4f}"
    )


if __name__ == "__main__":
    main()
