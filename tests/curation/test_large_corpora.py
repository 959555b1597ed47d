"""Corpora of odd sizes: equal documents, chains, tiny and long ones are linear in time and memory."""

import json
import random
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slow_similarity import slow_code, slow_shingles

from qwatt.core.errors import QwattError
from qwatt.data import columnar
from qwatt.stages.curation.dedup import drawing, run_hashes, shingles, symbols, text
from qwatt.stages.curation.dedup.corpus.batches import ArrowBatch
from qwatt.stages.curation.dedup.corpus.deduplicate import deduplicate
from qwatt.stages.curation.dedup.drawing import drawn_documents
from qwatt.stages.curation.dedup.planting import LONGEST_PARENT
from qwatt.stages.curation.dedup.shingles import shingle_normalised
from qwatt.stages.curation.dedup.task import DedupTask
from qwatt.stages.curation.dedup.vocabulary import vocabularies

WORDS = ["".join(random.Random(i).choices("abcdefghijklmnop", k=4)) for i in range(3000)]


SIGNS = [chr(0x4E00 + i) for i in range(3000)] + ["，", "。"]


def sentence(drawn, words=40):
    return " ".join(drawn.choice(WORDS) for _ in range(words))


def write(path, texts):
    path.write_text("".join(json.dumps({"text": line}, ensure_ascii=False) + "\n" for line in texts))
    return str(path)


@pytest.fixture
def small_parts(monkeypatch):
    """Long texts are those of a few characters, and are gone through in the smallest parts."""
    monkeypatch.setattr(shingles, "_LONG", 20)
    monkeypatch.setattr(run_hashes, "_STRETCH", 7)
    monkeypatch.setattr(run_hashes, "_BRIEF", 9)
    monkeypatch.setattr(symbols, "_PIECE", 5)
    monkeypatch.setattr(symbols, "_WINDOW", 12)


@pytest.mark.parametrize("kind", ["char5", "word3"])
@pytest.mark.parametrize("blank", [" ", ""])
def test_stretches_of_a_long_text_change_no_shingle(small_parts, kind, blank):
    long = blank.join(random.Random(1).choices(WORDS, k=60))
    for line in (long, long[:23], "é" + long, " ".join([long[:90]] * 3)):
        expected = slow_shingles(line, kind[:4], int(kind[4]))
        np.testing.assert_array_equal(shingle_normalised([line], kind)[0], expected)


ODD = "aé 中\u0301ก\u0e31!\u200d\u3099か-_ \u302a\u093eह٣     abcde\U0001f600\ud800"
odd_texts = st.lists(st.text(st.sampled_from(ODD), max_size=90), max_size=4)


@given(odd_texts, st.sampled_from(["char5", "word3", "word1", "word20", "char50"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_of_long_texts_in_any_script_change_nothing(small_parts, texts, kind):
    plain = [text.normalise(one) for one in texts]
    for own, line in zip(shingle_normalised(plain, kind), plain, strict=True):
        np.testing.assert_array_equal(own, slow_shingles(line, kind[:4], int(kind[4:])))
    for own, line in zip(vocabularies(texts), texts, strict=True):
        codes = {slow_code(word.encode("utf-8", "surrogatepass")) for word in text.words(line)}
        assert own.tolist() == sorted(codes)


def test_stretches_of_a_long_text_change_nothing_of_its_form(monkeypatch):
    odd = " \t Ab\n\n  ÇA  e\u0301\u0301 \u3000 ß\u1680" * 40 + "x" * 50 + " \u0301 "
    plain = text.normalise(odd)
    monkeypatch.setattr(text, "_STRETCH", 3)
    assert text.normalise(odd) == plain == text.normalise(plain)


def test_a_long_text_without_a_blank_takes_linear_time():
    started = time.process_time()
    one = shingle_normalised(["ab" * 2_000_000, "ab" * 2_000_000 + "c"], "word5")
    assert [len(one[0]), len(one[1])] == [1, 1] and one[0][0] != one[1][0]
    assert time.process_time() - started < 10


def test_what_a_study_holds_is_bounded_with_the_mend(tmp_path, monkeypatch):
    drawn = random.Random(2)
    path = write(tmp_path / "x.jsonl", [sentence(drawn) for _ in range(60)])
    every = drawn_documents(path, None, np.random.default_rng(0))
    assert [document.place for document in every] == [f"x.jsonl:{i + 1}" for i in range(60)]
    monkeypatch.setattr(drawing, "MOST_DOCUMENTS", 50)
    with pytest.raises(QwattError, match="the first 51 documents") as caught:
        DedupTask().load(path, "full", 0)
    assert "qwatt dedup" in caught.value.mend and "--size m" in caught.value.mend
    some = [d.place for d in drawn_documents(path, 12, np.random.default_rng(0))]
    assert len(set(some)) == 12 and some == sorted(some, key=lambda place: int(place.split(":")[1]))
    monkeypatch.setattr(drawing, "MOST_CHARACTERS", 100)
    with pytest.raises(QwattError, match="12 documents drawn"):
        drawn_documents(path, 12, np.random.default_rng(0))


def test_every_document_is_drawn_as_often_as_any_other(tmp_path, monkeypatch):
    path = write(tmp_path / "x.jsonl", [f"document number {i}" for i in range(20)])
    monkeypatch.setattr(drawing, "MOST_DOCUMENTS", 8)
    rng = np.random.default_rng(3)
    counts = np.zeros(20)
    for _ in range(400):
        for document in drawn_documents(path, 5, rng):
            counts[int(document.place.split(":")[1]) - 1] += 1
    expected, spread = 400 * 5 / 20, (400 * 0.25 * 0.75) ** 0.5
    assert np.abs(counts - expected).max() < 5 * spread


def test_copies_are_planted_of_documents_of_ordinary_length(tmp_path):
    drawn = random.Random(4)
    lines = [sentence(drawn) for _ in range(30)] + [sentence(drawn, 2 * LONGEST_PARENT // 5)]
    problem = DedupTask().load(write(tmp_path / "x.jsonl", lines), "full", 0)
    planted = [line for line, made in zip(problem.texts, problem.planted, strict=True) if made]
    assert planted and max(map(len, planted)) < LONGEST_PARENT


@pytest.mark.parametrize("shard_bytes", [1 << 10, 1 << 25])
def test_equal_rows_of_parquet_leave_one_and_name_it_for_all_others(tmp_path, shard_bytes):
    table = pa.table({"text": [sentence(random.Random(5))] * 3000, "id": [f"r{i}" for i in range(3000)]})
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=700)
    found = deduplicate([str(tmp_path / "x.parquet")], tmp_path / "kept.jsonl", shard_bytes=shard_bytes)
    assert (found.documents_in, found.documents_kept) == (3000, 1)
    removed = [json.loads(line) for line in (tmp_path / "kept.jsonl.removed.jsonl").read_text().splitlines()]
    assert [row["id"] for row in removed] == [f"r{i}" for i in range(1, 3000)]
    assert {(row["kept"], row["reason"]) for row in removed} == {("r0", "same text")}


def chain(count):
    words = random.Random(6).choices(WORDS, k=count + 60)
    return [" ".join(words[i : i + 60]) for i in range(count)]


def long_one(count):
    return [sentence(random.Random(7), count // 5), *(sentence(random.Random(i)) for i in range(20))]


CORPORA = {
    "20,000 equal": lambda: [sentence(random.Random(8))] * 20_000,
    "20,000 in a chain": lambda: chain(20_000),
    "200,000 tiny": lambda: [random.Random(i).choice(WORDS) + f" {i % 997}" for i in range(200_000)],
    "60 MB": lambda: long_one(60_000_000),
    "60 MB of Chinese": lambda: ["".join(random.Random(7).choices(SIGNS, k=20_000_000)), *chain(20)],
    "60 MB without a blank": lambda: ["ab" * 30_000_000, *chain(20)],
}
QUICK = ["--method", "exact-hash", "--method", "minhash", "--seeds", "1", "--tuning-trials", "1"]
VERBS = {
    "plan": ["plan", "curation/dedup", "--data"],
    "run": ["run", "curation/dedup", *QUICK, "--data"],
    "dedup": ["dedup", "--out", "kept.jsonl"],
}
_MEASURED = """
import resource, sys
from qwatt.cli.app import run
try:
    run()
finally:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    # Not ru_maxrss, which a child takes over from the process that started it.
    peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(f"SPENT {spent.ru_utime + spent.ru_stime} {int(peak) / 1024}", file=sys.stderr)
"""


def spent(folder, words):
    """Run a command line alone; return its code, CPU seconds, peak megabytes, and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *words], cwd=folder, capture_output=True, text=True, timeout=600
    )
    seconds, megabytes = done.stderr.rsplit("SPENT ", 1)[1].split()
    return done.returncode, float(seconds), float(megabytes), done.stderr


@pytest.mark.nightly
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("corpus", CORPORA)
def test_a_minute_and_1_5_gb_are_enough(tmp_path, corpus, verb, record_property):
    write(tmp_path / "x.jsonl", CORPORA[corpus]())
    code, seconds, megabytes, said = spent(tmp_path, [*VERBS[verb], "x.jsonl"])
    record_property("figures", f"{corpus}, {verb}: {seconds:.1f} CPU s, {megabytes:,.0f} MB")
    assert code == 0, said
    assert seconds < 60 and megabytes < 1500


@pytest.mark.nightly
@pytest.mark.parametrize("verb", VERBS)
def test_two_million_equal_rows_are_deduplicated_or_refused_at_once(tmp_path, verb):
    table = pa.table({"text": [sentence(random.Random(9), 60)] * 100_000, "id": range(100_000)})
    with pq.ParquetWriter(tmp_path / "x.parquet", table.schema) as writer:
        for _ in range(20):
            writer.write_table(table)
    code, seconds, megabytes, said = spent(tmp_path, [*VERBS[verb], "x.parquet"])
    assert megabytes < 1500
    if verb == "dedup":
        assert code == 0 and seconds < 60
        assert len((tmp_path / "kept.jsonl").read_text().splitlines()) == 1
    else:
        assert code == 2 and seconds < 20
        assert "more than a study holds" in said and "qwatt dedup" in said


def test_a_small_parquet_file_of_long_texts_is_deduplicated_a_few_rows_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(columnar, "_BATCH_BYTES", 1 << 20)
    sizes = []
    texts = ArrowBatch.texts

    def measured(batch, *rest):
        sizes.append(batch.table.nbytes)
        return texts(batch, *rest)

    monkeypatch.setattr(ArrowBatch, "texts", measured)
    table = pa.table({"text": [sentence(random.Random(n), 20_000) for n in range(2)] * 400})
    pq.write_table(table, tmp_path / "x.parquet")
    assert (tmp_path / "x.parquet").stat().st_size < 1 << 20
    found = deduplicate([str(tmp_path / "x.parquet")], tmp_path / "kept.jsonl")
    assert (found.documents_in, found.documents_kept) == (800, 2)
    assert max(sizes) < 2 << 20


def test_rows_without_a_text_behind_some_with_one_end_no_reading(tmp_path):
    rows = [{"text": sentence(random.Random(n))} for n in range(3)] + [{"other": n} for n in range(1500)]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = deduplicate([str(tmp_path / "x.jsonl")], tmp_path / "kept.jsonl")
    assert found.documents_kept == 3 and found.skipped == {"no field 'text'": 1500}


def test_half_characters_as_bytes_are_skipped_like_those_that_are_escaped(tmp_path):
    lines = [b'{"text": "plain words"}', b'{"text": "half \xed\xa0\x80"}', b'{"text": "half \\ud800"}']
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(lines))
    found = deduplicate([str(tmp_path / "x.jsonl")], tmp_path / "kept.jsonl")
    assert found.documents_kept == 1 and sum(found.skipped.values()) == 2


@pytest.mark.parametrize("name", ["day", "id"])
def test_a_date_that_python_cannot_hold_is_written_as_a_number(tmp_path, name):
    days = pa.array([2**31 - 1, 5, -(2**31)], pa.date32())
    table = pa.table({"text": ["one text", "another text", "one text"], name: days})
    pq.write_table(table, tmp_path / "x.parquet")
    deduplicate([str(tmp_path / "x.parquet")], tmp_path / "kept.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "kept.jsonl").read_text().splitlines()]
    assert [row["text"] for row in rows] == ["one text", "another text"]
    assert rows[0][name] == 2**31 - 1


def test_of_two_columns_of_one_name_the_first_is_the_text(tmp_path):
    texts = [pa.array(["a b c", "d e f", "a b c"]), pa.array(["x", "y", "z"])]
    pq.write_table(pa.Table.from_arrays(texts, ["text", "text"]), tmp_path / "x.parquet")
    deduplicate([str(tmp_path / "x.parquet")], tmp_path / "kept.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "kept.jsonl").read_text().splitlines()]
    assert [row["text"] for row in rows] == ["a b c", "d e f"]


@pytest.mark.parametrize("beginning", [b"", b'{"text": "words"}\n'])
def test_a_line_of_gigabytes_is_held_by_no_shard(tmp_path, beginning):
    path = tmp_path / "x.jsonl"
    path.write_bytes(beginning)
    with path.open("r+b") as stream:
        stream.truncate(1 << 30)
    code, seconds, megabytes, said = spent(tmp_path, ["dedup", "x.jsonl", "--out", "kept.jsonl"])
    assert code == (0 if beginning else 2) and ("binary" in said or beginning)
    assert seconds < 15 and megabytes < 800
