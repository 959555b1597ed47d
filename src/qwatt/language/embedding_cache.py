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

from qwatt.core.quantity import Quantity, total
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
    ) -> None:
        """Keep vectors of shape (texts, dimensions) and what computing them cost."""
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

    def cost(self, hits: Sequence[Hit]) -> tuple[Quantity, float, str]:
        """Return joules, seconds and dates of computing these vectors, shared out by tokens."""
        tokens: dict[int, int] = {}
        for hit in hits:
            tokens[hit.run] = tokens.get(hit.run, 0) + hit.tokens
        parts, seconds, dates = [], 0.0, set()
        with self._connection() as connection:
            for run, used in tokens.items():
                row = connection.execute("SELECT energy, seconds, tokens, date FROM run WHERE id = ?", (run,))
                record, run_seconds, all_tokens, date = row.fetchone()
                share = used / max(all_tokens, 1)
                parts.append(Quantity.from_record(json.loads(record)).scaled(share))
                seconds += run_seconds * share
                dates.add(date)
        return total(parts), seconds, ", ".join(sorted(dates))


def _key(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
