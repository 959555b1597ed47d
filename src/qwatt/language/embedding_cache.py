"""Embeddings on disk, each with the joules that computing it cost, so that a hit is never free of charge.

Every row has a checksum. A damaged cache is set aside and begun anew: what was in it is computed again.
"""

from __future__ import annotations

import json
import sqlite3
import time
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from qwatt.core.cache import cache_folder
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

FORMAT = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY, energy TEXT, seconds REAL, tokens INTEGER, date TEXT, checksum INTEGER);
CREATE TABLE IF NOT EXISTS vector (
    key BLOB PRIMARY KEY, vector BLOB, tokens INTEGER, run INTEGER, checksum INTEGER);
"""
_EVERY = """
SELECT vector.key, vector.vector, vector.tokens, vector.run, vector.checksum,
    run.energy, run.seconds, run.tokens, run.date, run.checksum
FROM vector LEFT JOIN run ON run.id = vector.run
"""
_SELECT = f"{_EVERY} WHERE vector.key IN ({{}})"
_KEYS_PER_QUERY = 500
_DAMAGE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_SCHEMA,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_ERROR,  # a table or a column is missing
}


class _DamagedError(Exception):
    """A row does not fit its checksum."""


@dataclass(frozen=True)
class Run:
    """What computing the vectors of one run cost, how many tokens they had, and when that was."""

    id: int
    energy: Quantity
    seconds: float
    tokens: int
    date: str


@dataclass(frozen=True)
class Hit:
    """A cached vector, the tokens of its text, and the run that computed it."""

    vector: NDArray[np.float32]
    tokens: int
    run: Run


@dataclass(frozen=True)
class Cost:
    """A run's share of joules and seconds, and when they were measured."""

    energy: Quantity
    seconds: float
    date: str


class EmbeddingCache:
    """A SQLite file of vectors for one model; several processes may use it at once.

    Args:
        model: name of the model with everything that changes its vectors, such as weights and precision.

    Raises:
        QwattError: the file cannot be read or written.
    """

    def __init__(self, model: str) -> None:
        self.path = cache_folder("embeddings") / f"{model}.{FORMAT}.sqlite"

    def get(self, texts: Sequence[str]) -> dict[str, Hit]:
        """Return what is cached of these texts; nothing where the cache turns out to be damaged."""
        by_key = {_key(text): text for text in texts}
        keys = list(by_key)

        def read(connection: sqlite3.Connection) -> dict[str, Hit]:
            hits: dict[str, Hit] = {}
            runs: dict[int, Run] = {}
            for start in range(0, len(keys), _KEYS_PER_QUERY):
                some = keys[start : start + _KEYS_PER_QUERY]
                rows = connection.execute(_SELECT.format(",".join("?" * len(some))), some)
                for row in rows:
                    if row[0] not in by_key:
                        raise _DamagedError("a key that was not asked for")
                    hits[by_key[row[0]]] = _hit(row, runs)
            return hits

        return self._healed(read)

    def put(
        self,
        texts: Sequence[str],
        vectors: NDArray[np.float32],
        tokens: Sequence[int],
        energy: Quantity,
        seconds: float,
    ) -> dict[str, Hit]:
        """Keep vectors of shape (texts, dimensions) and what computing them cost; return them as hits."""
        record, date, count = json.dumps(energy.to_record()), time.strftime("%Y-%m-%d"), sum(tokens)

        def write(connection: sqlite3.Connection) -> int:
            run = connection.execute(
                "INSERT INTO run (energy, seconds, tokens, date, checksum) VALUES (?, ?, ?, ?, ?)",
                (record, seconds, count, date, _checksum(record, seconds, count, date)),
            ).lastrowid
            rows = []
            for text, vector, length in zip(texts, vectors, tokens, strict=True):
                values = (_key(text), vector.astype(np.float32).tobytes(), length, run)
                rows.append((*values, _checksum(*values)))
            connection.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?, ?, ?, ?)", rows)
            return int(run or 0)

        run = Run(self._healed(write), energy, seconds, count, date)
        return {
            text: Hit(vector.astype(np.float32), length, run)
            for text, vector, length in zip(texts, vectors, tokens, strict=True)
        }

    def _healed(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Work on the cache, and where it is damaged, on a new one in its place."""
        try:
            return self._worked(work)
        except _DamagedError as error:
            self._set_aside(error)
        return self._worked(work)

    def _worked(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._connection() as connection:
                connection.executescript(_SCHEMA)
                return work(connection)
        except UnicodeDecodeError as error:
            raise _DamagedError("names in it are not UTF-8") from error
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code is not None and code & 0xFF in _DAMAGE:
                raise _DamagedError(str(error)) from error
            mend = "let it be read and written, make room there, or set QWATT_CACHE to another folder"
            raise QwattError(f"the cache of embeddings: {error}", where=str(self.path), mend=mend) from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=60.0)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def _set_aside(self, error: _DamagedError) -> None:
        aside = self.path.with_name(f"{self.path.name}.damaged")
        warnings.warn(
            f"the cache of embeddings is damaged ({error}); it is kept as {aside}, and begun anew",
            RuntimeWarning,
            stacklevel=4,
        )
        for ending in ("-journal", "-wal", "-shm"):  # they would be played into the new file
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        self.path.replace(aside)


def examine(path: Path) -> str:
    """Return the state of a file of embeddings: "ok", "changed" where a row does not fit its checksum, or
    "set aside" for one that was found damaged before.
    """
    if path.suffix == ".damaged":
        return "set aside"
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=60.0)
        try:
            runs: dict[int, Run] = {}
            for row in connection.execute(_EVERY):
                _hit(row, runs)
        finally:
            connection.close()
    except (sqlite3.Error, _DamagedError, UnicodeDecodeError):
        return "changed"
    return "ok"


def costs(hits: Sequence[Hit]) -> list[Cost]:
    """Return by run what computing these vectors cost, a run's joules shared out by tokens."""
    tokens: dict[int, int] = {}
    runs = {hit.run.id: hit.run for hit in hits}
    for hit in hits:
        tokens[hit.run.id] = tokens.get(hit.run.id, 0) + hit.tokens
    shares = ((runs[number], used / max(runs[number].tokens, 1)) for number, used in tokens.items())
    return [Cost(run.energy.scaled(share), run.seconds * share, run.date) for run, share in shares]


def _hit(row: Sequence[Any], runs: dict[int, Run]) -> Hit:
    """Check a row and return it as a hit; `runs` holds those that were checked before."""
    key, vector, tokens, number, checksum, *run = row
    if _checksum(key, vector, tokens, number) != checksum:
        raise _DamagedError("a vector does not fit its checksum")
    if number not in runs:
        energy, seconds, all_tokens, date, run_checksum = run
        if _checksum(energy, seconds, all_tokens, date) != run_checksum:
            raise _DamagedError("a run does not fit its checksum")
        runs[number] = Run(number, Quantity.from_record(json.loads(energy)), seconds, all_tokens, date)
    return Hit(np.frombuffer(vector, dtype=np.float32), tokens, runs[number])


def _checksum(*values: object) -> int:
    return zlib.crc32(repr(values).encode())


def _key(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
