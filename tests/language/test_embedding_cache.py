"""A cache of embeddings that was damaged or tampered with: set aside with a warning, and computed again."""

import random
import sqlite3
import warnings

import numpy as np
import pytest

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.language.embedding_cache import EmbeddingCache, costs
from qwatt.language.inventory import cached_files

TEXTS = [f"text {i}" for i in range(300)]
VECTORS = np.random.default_rng(0).normal(size=(300, 16)).astype(np.float32)
ENERGY = Quantity(6.0, 5.0, 7.0, boundary="node")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    made = EmbeddingCache("toy")
    made.put(TEXTS, VECTORS, [2] * 300, ENERGY, 3.0)
    return made


def aside(cache):
    return cache.path.with_name(cache.path.name + ".damaged")


def test_what_is_put_is_got_with_its_cost(cache):
    hits = EmbeddingCache("toy").get([*TEXTS[:100], "another"])
    assert hits.keys() == set(TEXTS[:100])
    np.testing.assert_array_equal(np.stack([hits[text].vector for text in TEXTS[:100]]), VECTORS[:100])
    (cost,) = costs(list(hits.values()))
    assert cost.energy.value == pytest.approx(2.0) and cost.seconds == pytest.approx(1.0)


def tamper(cache, statement):
    connection = sqlite3.connect(cache.path)
    with connection:
        connection.execute(statement)
    connection.close()


STATEMENTS = [
    "UPDATE vector SET vector = zeroblob(64)",
    "UPDATE vector SET tokens = 7",
    "UPDATE vector SET run = 99",
    "UPDATE vector SET vector = 'text'",
    "UPDATE run SET energy = '{}'",
    "UPDATE run SET seconds = 0",
    "DELETE FROM run",
    "DROP TABLE run",
    "ALTER TABLE vector DROP COLUMN tokens",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_rows_that_were_changed_are_not_used(cache, statement):
    tamper(cache, statement)
    with pytest.warns(RuntimeWarning, match="damaged.*begun anew"):
        assert cache.get(TEXTS) == {}
    assert aside(cache).is_file()
    cache.put(TEXTS, VECTORS, [2] * 300, ENERGY, 3.0)
    assert len(cache.get(TEXTS)) == 300


def test_verify_finds_damaged_embeddings_and_what_was_set_aside(cache):
    assert [(f.kind, f.file, f.state) for f in cached_files()] == [("embeddings", cache.path.name, "ok")]
    tamper(cache, STATEMENTS[0])
    assert [f.state for f in cached_files()] == ["changed"]
    with pytest.warns(RuntimeWarning, match="damaged"):
        cache.get(TEXTS)
    assert sorted(f.state for f in cached_files()) == ["ok", "set aside"]


@pytest.mark.parametrize("content", [b"no database at all " * 99, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_set_aside(cache, content):
    cache.path.write_bytes(content)
    with pytest.warns(RuntimeWarning, match="damaged"):
        kept = cache.put(TEXTS, VECTORS, [2] * 300, ENERGY, 3.0)
    assert aside(cache).read_bytes() == content
    assert kept.keys() == cache.get(TEXTS).keys() == set(TEXTS)


def test_an_empty_file_is_a_new_cache(cache):
    cache.path.write_bytes(b"")
    assert cache.get(TEXTS) == {}


def test_what_cannot_be_opened_is_told(cache):
    cache.path.unlink()
    cache.path.mkdir()
    with pytest.raises(QwattError, match="cache of embeddings"):
        cache.get(TEXTS)


def test_whatever_bytes_are_changed_no_vector_is_wrong(cache):
    whole, drawn = cache.path.read_bytes(), random.Random(5)
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(drawn.choice([1, 1, 4, 64])):
            damaged[drawn.randrange(len(damaged))] = drawn.randrange(256)
        if drawn.random() < 0.2:
            damaged = damaged[: drawn.randrange(len(damaged))]
        cache.path.write_bytes(damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            hits = cache.get(TEXTS)
        for text, hit in hits.items():
            np.testing.assert_array_equal(hit.vector, VECTORS[TEXTS.index(text)])
            assert (hit.tokens, hit.run.energy, hit.run.seconds) == (2, ENERGY, 3.0)
