"""Embeddings on disk, each with the joules that computing it cost, so that a hit is never free of charge."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from qwatt.core.quantity import Quantity
from qwatt.data.cache import cache_folder

if TYPE_CHECKING:
    import numpy as np

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, energy TEXT, seconds REAL, tokens INTEGER, date TEXT);
CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, vector BLOB, tokens INTEGER, run INTEGER);
"""
_KEYS_PER_QUERY = 500


@dataclass(frozen=True)
class Hit:
    """A cached vector, the tokens of its text, and the run that computed it."""

    vector: np.ndarray
    tokens: int
    run: int


@dataclass(frozen=True)
class Cost:
    """What the vectors of one run cost, and when that was measured."""

    energy: Quantity
    seconds: float
    date: str


class EmbeddingCache:
    """A SQLite file of vectors for one model; several processes may use it at once.

    Args:
        model: name of the model with everything that changes its vectors, such as weights and precision.
    """

    def __init__(self, model: str) -> None:
        self.path = cache_folder("embeddings") / f"{model}.sqlite"
        with self._connection() as connection:
            connection.executescript(_SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=60.0)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def get(self, texts: Sequence[str]) -> dict[str, Hit]:
        """Return what is cached of these texts."""
        import numpy as np

        by_key = {_key(text): text for text in texts}
        keys = list(by_key)
        hits: dict[str, Hit] = {}
        with self._connection() as connection:
            for start in range(0, len(keys), _KEYS_PER_QUERY):
                some = keys[start : start + _KEYS_PER_QUERY]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT key, vector, tokens, run FROM vector WHERE key IN ({marks})", some
                )
                for key, vector, tokens, run in rows:
                    hits[by_key[key]] = Hit(np.frombuffer(vector, dtype=np.float32), tokens, run)
        return hits

    def put(
        self,
        texts: Sequence[str],
        vectors: np.ndarray,
        tokens: Sequence[int],
        energy: Quantity,
        seconds: float,
    ) -> int:
        """Keep vectors of shape (texts, dimensions) and what computing them cost; return the run's number."""
        date = time.strftime("%Y-%m-%d")
        with self._connection() as connection:
            run = connection.execute(
                "INSERT INTO run (energy, seconds, tokens, date) VALUES (?, ?, ?, ?)",
                (json.dumps(energy.to_record()), seconds, sum(tokens), date),
            ).lastrowid
            rows = [
                (_key(text), vector.astype("float32").tobytes(), count, run)
                for text, vector, count in zip(texts, vectors, tokens, strict=True)
            ]
            connection.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?, ?, ?)", rows)
        return int(run or 0)

    def costs(self, hits: Sequence[Hit]) -> dict[int, Cost]:
        """Return by run what computing these vectors cost, a run's joules shared out by tokens."""
        tokens: dict[int, int] = {}
        for hit in hits:
            tokens[hit.run] = tokens.get(hit.run, 0) + hit.tokens
        found = {}
        with self._connection() as connection:
            for run, used in tokens.items():
                row = connection.execute("SELECT energy, seconds, tokens, date FROM run WHERE id = ?", (run,))
                record, seconds, all_tokens, date = row.fetchone()
                share = used / max(all_tokens, 1)
                energy = Quantity.from_record(json.loads(record)).scaled(share)
                found[run] = Cost(energy, seconds * share, date)
        return found


def _key(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
