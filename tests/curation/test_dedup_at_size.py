"""Deduplication from disk: the same as in memory, whatever the order, the workers and the interruptions."""

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from slow_similarity import slow_jaccard, slow_shingles

from qwatt.cli.app import run
from qwatt.core.errors import QwattError
from qwatt.data.phrases import phrase_documents
from qwatt.stages.curation.dedup.corpus import plain
from qwatt.stages.curation.dedup.corpus.batches import ArrowBatch
from qwatt.stages.curation.dedup.corpus.deduplicate import deduplicate
from qwatt.stages.curation.dedup.corpus.folder import WorkFolder
from qwatt.stages.curation.dedup.corpus.plain import plain_block
from qwatt.stages.curation.dedup.corpus.rounds import _distinct
from qwatt.stages.curation.dedup.corpus.sets import _read
from qwatt.stages.curation.dedup.corpus.shards import list_shards
from qwatt.stages.curation.dedup.corpus.workers import workers
from qwatt.stages.curation.dedup.leaders import stars
from qwatt.stages.curation.dedup.reasons import NEAR, SAME
from qwatt.stages.curation.dedup.shingles import shingle_kind, shingle_normalised
from qwatt.stages.curation.dedup.symbols import Block
from qwatt.stages.curation.dedup.text import normalise

SMALL_SHARDS = 20_000


def corpus(seed, count=120):
    """Documents with near duplicates of several strengths, copies, short and foreign texts."""
    rng = np.random.default_rng(seed)
    texts = [text for _, text in phrase_documents(count, seed)]
    for _ in range(count):
        words = texts[int(rng.integers(len(texts)))].split()
        for place in rng.integers(len(words), size=int(rng.integers(1, 12))):
            words[place] = f"w{rng.integers(90)}"
        texts.append(" ".join(words[: int(rng.integers(60, 130))]))
    texts += [texts[i].upper().replace(" ", "  ") for i in range(0, 40, 4)] + texts[5:9]
    texts += [
        "Émile a déjà relu la lettre à l’aube, près du canal gelé, sans dire un mot à qui que ce soit"
    ] * 2
    texts += [
        "short text",
        "Short  TEXT",
        "another",
        "東京都は日本の首都であり世界でも最大の都市の一つである",
    ]
    return [texts[i] for i in rng.permutation(len(texts))]


def write(path, texts):
    path.write_text("".join(json.dumps({"id": f"d{i}", "text": t}) + "\n" for i, t in enumerate(texts)))
    return str(path)


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def removed_of(out):
    return read(out.with_name(f"{out.name}.removed.jsonl"))


def in_memory(texts, kind, threshold):
    """Kept normalised texts and (removed, similarity), by the stars that the task's method uses."""
    plain = list(dict.fromkeys(normalise(text) for text in texts))
    data = [text.encode() for text in plain]
    content = [np.frombuffer(blake2b(d, digest_size=16).digest(), dtype="<u8").tolist() for d in data]
    order = sorted(range(len(plain)), key=lambda i: (-len(data[i]), content[i]))
    worth = np.empty(len(plain))
    worth[order] = -np.arange(len(plain), dtype=float)
    found = stars(shingle_normalised(plain, kind), worth, threshold, seed=0)
    kept = {text for i, text in enumerate(plain) if found.leader[i] == i}
    gone = {text: found.similarity[i] for i, text in enumerate(plain) if found.leader[i] != i}
    return kept, gone, found.capped


@pytest.mark.parametrize(
    ("kind", "threshold", "seed"),
    [("word5", 0.6, 0), ("word5", 0.3, 1), ("char5", 0.6, 2), ("word3", 0.8, 3)],
)
def test_what_is_kept_is_what_the_method_keeps_in_memory(tmp_path, kind, threshold, seed):
    texts = corpus(seed)
    out = tmp_path / "out.jsonl"
    outcome = deduplicate(
        [write(tmp_path / "in.jsonl", texts)], out, threshold, kind, shard_bytes=SMALL_SHARDS
    )
    kept, gone, capped = in_memory(texts, kind, threshold)
    rows = read(out)
    assert len(rows) == outcome.documents_kept == len(kept)
    assert {normalise(row["text"]) for row in rows} == kept
    assert outcome.buckets_capped == capped
    assert len(gone) > 20 or threshold > 0.6
    unit, width = shingle_kind(kind)
    for row in removed_of(out):
        first, second = (normalise(texts[int(row[key][1:])]) for key in ("id", "kept"))
        assert second in kept
        exact = slow_jaccard(slow_shingles(first, unit, width), slow_shingles(second, unit, width))
        assert row["similarity"] == exact == gone.get(first, 1.0)
        assert row["reason"] == (SAME if first == second else NEAR)
    assert outcome.removed_by_kind[NEAR] + outcome.removed_by_kind[SAME] == len(texts) - len(rows)


def test_neither_the_order_of_the_input_nor_that_of_its_files_matters(tmp_path):
    texts = corpus(7)
    kept = []
    for n, order in enumerate((np.arange(len(texts)), np.random.default_rng(0).permutation(len(texts)))):
        folder = tmp_path / f"in{n}"
        folder.mkdir()
        write(folder / "a.jsonl", [texts[i] for i in order[:100]])
        write(folder / "b.jsonl", [texts[i] for i in order[100:]])
        deduplicate([str(folder)], tmp_path / f"{n}.jsonl")
        kept.append(sorted(row["text"] for row in read(tmp_path / f"{n}.jsonl")))
    assert kept[0] == kept[1]


def test_two_processes_write_the_same_file_byte_for_byte(tmp_path):
    source = write(tmp_path / "in.jsonl", corpus(4))
    same_whoever_works(tmp_path, source, workers(2))


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_ray_cluster_of_two_workers_writes_the_same_file_byte_for_byte(tmp_path):
    pytest.importorskip("ray")
    source = write(tmp_path / "in.jsonl", corpus(4))
    same_whoever_works(tmp_path, source, workers(2, "local"))


def same_whoever_works(tmp_path, source, several):
    deduplicate([source], tmp_path / "serial.jsonl", shard_bytes=SMALL_SHARDS)
    with several as who:
        deduplicate([source], tmp_path / "several.jsonl", workers=who, shard_bytes=SMALL_SHARDS // 2)
    for name in ("jsonl", "jsonl.removed.jsonl"):
        one, other = (tmp_path / f"{who}.{name}" for who in ("serial", "several"))
        assert one.read_bytes() == other.read_bytes()


def test_what_was_killed_goes_on_where_it_was(tmp_path):
    texts = corpus(5, count=600)
    source = write(tmp_path / "in.jsonl", texts)
    whole = tmp_path / "whole.jsonl"
    deduplicate([source], whole, shard_bytes=SMALL_SHARDS)
    out = tmp_path / "out.jsonl"
    slow = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from qwatt.stages.curation.dedup.corpus.deduplicate import deduplicate\n"
        "def slowly(function, items):\n"
        "    for item in items:\n"
        "        yield function(item)\n"
        "        time.sleep(0.05)\n"
        f"deduplicate([{source!r}], Path({str(out)!r}), workers=slowly, shard_bytes={SMALL_SHARDS})\n"
    )
    work = out.with_name("out.jsonl.work")
    for awaited in ("000004.sketch.json", "000003.digests.npy", "000002.names.jsonl"):
        child = subprocess.Popen([sys.executable, "-c", slow])
        end = time.monotonic() + 60
        while not (work / awaited).exists() and child.poll() is None and time.monotonic() < end:
            time.sleep(0.002)
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        assert not out.exists()
    before = {path.name: path.stat().st_mtime_ns for path in work.iterdir() if ".part" not in path.name}
    seen = {}

    def watching(function, items):
        for item in items:
            yield function(item)
            seen.update({p.name: p.stat().st_mtime_ns for p in work.iterdir() if p.name in before})

    outcome = deduplicate([source], out, workers=watching, shard_bytes=SMALL_SHARDS)
    assert {"000002.names.jsonl", "leader.npy"} <= before.keys()
    assert seen == before  # nothing that was written was written again
    assert out.read_bytes() == whole.read_bytes()
    assert outcome.documents_in == len(texts)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("out")) == [
        "out.jsonl",
        "out.jsonl.removed.jsonl",
    ]


def test_what_was_stopped_after_any_file_goes_on_to_the_same(tmp_path, monkeypatch):
    source, out = write(tmp_path / "in.jsonl", corpus(6)), tmp_path / "out.jsonl"
    removed = tmp_path / "out.jsonl.removed.jsonl"
    written, stop_at, plainly = [], 0, WorkFolder.write

    def stopping(folder, name, fill):
        plainly(folder, name, fill)
        written.append(name)
        if len(written) == stop_at:
            raise KeyboardInterrupt

    monkeypatch.setattr(WorkFolder, "write", stopping)
    deduplicate([source], out)
    expected, total = (out.read_bytes(), removed.read_bytes()), len(written)
    for stop_at in range(1, total):
        out.unlink(), removed.unlink()
        written.clear()
        with pytest.raises(KeyboardInterrupt):
            deduplicate([source], out)
        deduplicate([source], out)
        assert (out.read_bytes(), removed.read_bytes()) == expected, written[stop_at - 1]


def test_nothing_is_left_of_a_file_that_was_being_written_when_it_was_killed(tmp_path):
    source, out = write(tmp_path / "in.jsonl", corpus(7)), tmp_path / "out.jsonl"
    killed = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from qwatt.stages.curation.dedup.corpus import writing\n"
        "from qwatt.stages.curation.dedup.corpus.deduplicate import deduplicate\n"
        "writing.to_json = lambda row: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"deduplicate([{source!r}], Path({str(out)!r}))\n"
    )
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -signal.SIGKILL
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl.work"]
    assert list((tmp_path / "out.jsonl.work").glob(".*.part"))
    deduplicate([source], out)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl", "out.jsonl.removed.jsonl"]


def test_buckets_that_an_older_version_wrote_in_64_bits_are_gone_on_from(tmp_path, monkeypatch):
    source, out = write(tmp_path / "in.jsonl", corpus(2)), tmp_path / "out.jsonl"
    deduplicate([source], tmp_path / "whole.jsonl", shard_bytes=SMALL_SHARDS)

    def broken(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("qwatt.stages.curation.dedup.corpus.deduplicate.keep", broken)
        deduplicate([source], out, shard_bytes=SMALL_SHARDS)
    parts = list(out.with_name("out.jsonl.work").glob("*.buckets.npy"))
    assert parts
    for part in parts:
        np.save(part, np.load(part).astype(np.int64))
    deduplicate([source], out, shard_bytes=SMALL_SHARDS)
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_slices_of_a_file_are_read_as_they_stand(tmp_path):
    numbers = np.arange(100, dtype=np.uint64) ** 3
    path = tmp_path / "values.bin"
    path.write_bytes(numbers.tobytes())
    for starts, ends in [([], []), ([3], [3]), ([0, 5, 9, 50], [5, 9, 12, 100]), ([7, 7, 99], [7, 8, 100])]:
        found = _read(path, np.uint64, np.array(starts, np.int64), np.array(ends, np.int64))
        assert found.tolist() == [n for a, b in zip(starts, ends, strict=True) for n in numbers[a:b].tolist()]
    with pytest.raises(OSError, match="lost its end"):
        _read(path, np.uint64, np.array([99]), np.array([101]))


def test_the_begun_output_of_another_input_is_refused(tmp_path):
    source = write(tmp_path / "in.jsonl", corpus(1, count=20))
    out = tmp_path / "out.jsonl"

    def broken(function, items):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deduplicate([source], out, workers=broken)
    with pytest.raises(QwattError, match="of other inputs or settings"):
        deduplicate([source], out, threshold=0.7)
    deduplicate([source], out)
    with pytest.raises(QwattError, match="is there already"):
        deduplicate([source], out)


def test_an_interruption_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("qwatt.stages.curation.dedup.corpus.deduplicate.deduplicate", interrupted)
    source = write(tmp_path / "in.jsonl", ["one"])
    monkeypatch.setattr(sys, "argv", ["qwatt", "dedup", source, "--out", str(tmp_path / "out.jsonl")])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 130
    assert "run the same command again" in capsys.readouterr().err


def test_a_begun_output_is_refused_when_a_file_of_its_folder_has_changed(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out.jsonl"
    folder.mkdir()
    (folder / "a.txt").write_text("one two three")

    def broken(function, items):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deduplicate([str(folder)], out, workers=broken)
    (folder / "a.txt").write_text("four five six seven")
    with pytest.raises(QwattError, match="the inputs have changed"):
        deduplicate([str(folder)], out)


def test_a_byte_order_mark_costs_no_row(tmp_path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b'\xef\xbb\xbf{"text": "one"}\n{"text": "two"}\n')
    outcome = deduplicate([str(source)], out)
    assert (outcome.documents_in, outcome.skipped) == (2, {})
    assert [row["text"] for row in read(out)] == ["one", "two"]


def test_a_copy_of_a_removed_document_follows_its_leader(tmp_path):
    words = phrase_documents(1, 3)[0][1].split()
    leader, follower = " ".join([*words, "and", "more"]), " ".join(words)
    out = tmp_path / "out.jsonl"
    outcome = deduplicate([write(tmp_path / "in.jsonl", [follower, leader, follower.upper()])], out)
    assert [row["id"] for row in read(out)] == ["d1"]
    assert {(row["id"], row["kept"], row["reason"]) for row in removed_of(out)} == {
        ("d0", "d1", NEAR),
        ("d2", "d1", NEAR),
    }
    assert outcome.removed_by_kind == {NEAR: 2}


def test_a_template_below_the_threshold_is_capped_as_in_memory_and_reported(tmp_path):
    rng = np.random.default_rng(0)
    frame = [f"frame{i}" for i in range(60)]
    texts = []
    for _ in range(300):
        words = frame.copy()
        words[30:30] = [f"own{rng.integers(10**6)}" for _ in range(33)]
        texts.append(" ".join(words))
    out = tmp_path / "out.jsonl"
    outcome = deduplicate([write(tmp_path / "in.jsonl", texts)], out, threshold=0.6, shingles="word5")
    kept, _, capped = in_memory(texts, "word5", 0.6)
    assert {row["text"] for row in read(out)} == kept
    assert outcome.buckets_capped == capped > 0
    assert outcome.pairs_verified < 300 * 299 / 2


def test_parquet_keeps_all_columns_and_is_the_same_set_as_from_lines(tmp_path):
    texts = corpus(6)
    table = pa.table({"text": texts, "id": [f"d{i}" for i in range(len(texts))], "n": range(len(texts))})
    source = tmp_path / "in.parquet"
    pq.write_table(table, source, row_group_size=50)
    deduplicate([str(source)], tmp_path / "out.parquet", shard_bytes=SMALL_SHARDS)
    deduplicate([str(source)], tmp_path / "out.jsonl")
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.schema.equals(table.schema)
    assert found.to_pylist() == read(tmp_path / "out.jsonl")
    lines = write(tmp_path / "in.jsonl", texts)
    deduplicate([lines], tmp_path / "lines.jsonl")
    assert found["id"].to_pylist() == [row["id"] for row in read(tmp_path / "lines.jsonl")]


def test_parquet_of_other_columns_is_refused_before_anything_is_written(tmp_path):
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    pq.write_table(pa.table({"text": ["one"]}), one)
    pq.write_table(pa.table({"text": ["two"], "n": [1]}), other)
    with pytest.raises(QwattError, match="not those of the first") as found:
        deduplicate([str(one), str(other)], tmp_path / "out.parquet")
    assert "other.parquet" in str(found.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.parquet", "other.parquet"]
    assert deduplicate([str(one), str(other)], tmp_path / "out.jsonl").documents_kept == 2


def test_packed_lines_tables_and_folders_of_texts_are_read(tmp_path):
    texts = [text for text in corpus(8, count=30) if len(text) > 20]
    lines = write(tmp_path / "in.jsonl", texts)
    deduplicate([lines], tmp_path / "plain.jsonl")
    expected = [row["text"] for row in read(tmp_path / "plain.jsonl")]
    packed = tmp_path / "in.jsonl.gz"
    packed.write_bytes(gzip.compress((tmp_path / "in.jsonl").read_bytes()))
    deduplicate([str(packed)], tmp_path / "out.jsonl.gz")
    assert (
        gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()) == (tmp_path / "plain.jsonl").read_bytes()
    )
    with (tmp_path / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["body"], *([text] for text in texts)])
    deduplicate([f"{tmp_path / 'in.csv'}#body"], tmp_path / "csv.jsonl")
    assert [row["body"] for row in read(tmp_path / "csv.jsonl")] == expected
    folder = tmp_path / "texts"
    folder.mkdir()
    for i, text in enumerate(texts):
        (folder / f"{i:03d}.txt").write_text(text)
    deduplicate([str(folder)], tmp_path / "txt.jsonl")
    assert [row["text"] for row in read(tmp_path / "txt.jsonl")] == expected


def test_lines_without_a_text_are_counted_and_places_name_rows(tmp_path):
    text = phrase_documents(1, 3)[0][1]
    rows = [
        "",
        "nonsense",
        "[1]",
        json.dumps({"text": text}),
        json.dumps({"text": " "}),
        json.dumps({"n": 1}),
    ]
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join([*rows, json.dumps({"text": text + " end"})]))
    out = tmp_path / "out.jsonl"
    outcome = deduplicate([str(source)], out)
    assert outcome.documents_in == 2
    assert sum(outcome.skipped.values()) == 4
    assert removed_of(out)[0] | {"similarity": 0} == {
        "id": "in.jsonl:3", "kept": "in.jsonl:6", "similarity": 0, "reason": NEAR,
    }  # fmt: skip
    source.write_text("nonsense\n")
    with pytest.raises(QwattError, match="no document is left"):
        deduplicate([str(source)], tmp_path / "none.jsonl")


def test_places_count_from_the_beginning_of_the_file_in_every_shard(tmp_path):
    texts = [text for text in corpus(9, count=80) if text.strip()]
    rows = [{"text": text} for text in [*texts, *texts]]
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    deduplicate([str(source)], out, shard_bytes=SMALL_SHARDS)
    gone = {int(row["id"].removeprefix("in.jsonl:")): row["kept"] for row in removed_of(out)}
    kept = [row["text"] for n, row in enumerate(rows, 1) if n not in gone]
    assert read(out) == [{"text": text} for text in kept]
    assert not {int(name.removeprefix("in.jsonl:")) for name in gone.values()} & gone.keys()


def test_pairs_of_many_documents_are_numbered_beyond_32_bits():
    one, other = np.array([99_999, 7], np.int32), np.array([99_998, 8], np.int32)
    first, second = _distinct(one, other, 100_000)
    assert (first.tolist(), second.tolist()) == ([7, 99_999], [8, 99_998])


@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
def test_many_texts_are_normalised_as_each_is(monkeypatch, piece):
    monkeypatch.setattr(plain, "_PIECE", piece)
    texts = [
        " A  b\tC ",
        "İß\u2003x",
        "e\u0301 É",
        "plain",
        "x\x1c\x1cy ",
        "中 文",
        "Καΐ \u1fb7",
        "\u1100\u1161\u212a",
    ]
    one, other = plain_block(texts), Block.of([normalise(text) for text in texts])
    assert one.utf8.tobytes() == other.utf8.tobytes()
    assert (one.starts == other.starts).all()
    assert (one.lengths == other.lengths).all()


@pytest.mark.nightly
def test_every_character_is_normalised_as_in_a_text_of_its_own():
    for start in range(0, 0x110000, 0x1000):
        texts = [f"a{chr(point)}b {chr(point)}" for point in range(start, start + 0x1000)]
        expected = [normalise(text).encode("utf-8", "surrogatepass") for text in texts]
        block = plain_block(texts)
        assert block.utf8.tobytes() == b" ".join([*expected, b""])
        assert block.lengths.tolist() == [len(text) for text in expected]


def test_every_line_that_is_written_is_json_that_any_reader_takes(tmp_path):
    lines = [
        b'{"text": "a page with a number that is none, as Python writes it", "n": NaN, "m": [-Infinity]}',
        b'{"text": "caf\xe9 and th\xe9 are written in a code page of Windows here"}',
        b'{"text": "half a character stands in another field of this row", "t": "\xed\xa0\x80"}',
        b'{"text": "an ordinary row stays  as  it was",   "id": 7}',
    ]
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    deduplicate([str(tmp_path / "x.jsonl")], tmp_path / "kept.jsonl")
    written = (tmp_path / "kept.jsonl").read_bytes().splitlines()
    rows = [json.loads(line.decode("utf-8"), parse_constant=pytest.fail) for line in written]
    assert written[3] == lines[3]
    assert (rows[0]["n"], rows[0]["m"], rows[2]["t"]) == ("NaN", ["-Infinity"], "\ud800")
    assert rows[1]["text"].startswith("café and thé")


def test_the_first_of_two_fields_of_one_name_is_the_text(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"text": "the first text of it", "text": ""}\n')
    assert deduplicate([str(tmp_path / "x.jsonl")], tmp_path / "kept.jsonl").documents_kept == 1


@pytest.mark.parametrize("places", [[], [0], [4], [0, 1, 2, 3, 4], [1, 2, 4]])
def test_some_rows_of_arrow_are_those_that_it_takes(tmp_path, places):
    table = pa.record_batch(
        {
            "text": ["a", None, "ccc", "d", "e"],
            "nested": [[{"x": 1}], [], None, [{"x": 4}, {"x": None}], [{"x": 5}]],
            "coded": pa.array(["u", "v", "u", None, "v"]).dictionary_encode(),
        }
    )
    [shard] = list_shards([write(tmp_path / "any.jsonl", ["a text"])])
    found = ArrowBatch(0, table, shard, "text").rows(np.array(places, dtype=np.int64))
    assert found.schema == table.schema
    assert found.to_pylist() == table.take(pa.array(places, pa.int64())).to_pylist()
