"""`qwatt watch`: what goes in, what is set aside, what comes out."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from watching import printed, run_watch, scores, write_rows

from qwatt.core.errors import QwattError
from qwatt.stages.monitoring.drift.watch.fast import parse_numbers
from qwatt.stages.monitoring.drift.watch.form import Form, find_form
from qwatt.stages.monitoring.drift.watch.lines import MOST_LINE_BYTES, TOO_LONG, Lines
from qwatt.stages.monitoring.drift.watch.ranks import _distance, null_distances
from qwatt.stages.monitoring.drift.watch.row import BadRowError
from qwatt.stages.monitoring.drift.watch.watch import Options

SCORE = Form("numbers", ("score",), 1)


def stream(tmp_path, rows, name="stream.jsonl"):
    path = tmp_path / name
    path.write_bytes(
        b"".join(row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows)
    )
    return path


def test_windows_of_a_stream_that_drifts(tmp_path):
    reference = write_rows(tmp_path / "reference.jsonl", scores(1, 1_000))
    rows = stream(tmp_path, [*scores(2, 500), *scores(3, 330, power=2.0)])
    outcome = run_watch(tmp_path, reference, rows, window=100)
    found = printed(tmp_path / "out.jsonl")
    assert [row["window"] for row in found] == list(range(1, 9))
    assert [(row["first_line"], row["last_line"]) for row in found] == [
        (100 * i + 1, 100 * i + 100) for i in range(8)
    ]
    assert [row["alert"] for row in found] == [row["p_value"] <= 0.05 for row in found]
    assert all(row["alert"] for row in found[5:]) and sum(row["alert"] for row in found[:5]) <= 2
    assert found[-1]["alerts"] == outcome.progress.alerts == sum(row["alert"] for row in found)
    assert outcome.unwatched == 30 and outcome.progress.rows == 800
    energies = [json.loads(line)["energy_j"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert energies == sorted(energies) and (energies[0] is None or energies[0] > 0)


BAD = {
    b"garbage\n": "not JSON",
    b'{"score": 1\n': "not JSON",
    b'{"score": NaN}\n': "not finite, or beyond 1e+150",
    b'{"score": 1e999}\n': "not finite, or beyond 1e+150",
    b'{"score": ' + b"9" * 400 + b"}\n": "not finite, or beyond 1e+150",
    b'{"score": ' + b"9" * 5000 + b"}\n": "not JSON",
    b'{"score": "0.5"}\n': "not a number",
    b'{"score": true}\n': "not a number",
    b'{"score": null}\n': "not a number",
    b'{"points": 1}\n': "no field 'score'",
    b"[0.5]\n": "no JSON object",
    b'{"score": 1}, {"score": 2}\n': "not JSON",
    b"\xff\xfe{\n": "not UTF-8",
    b"[" * 100_000 + b"\n": "not JSON",
}


def test_bad_rows_are_set_aside_with_their_lines_and_nothing_else(tmp_path):
    reference = write_rows(tmp_path / "reference.jsonl", scores(1, 200))
    good = [json.dumps(row).encode() + b"\n" for row in scores(2, 100)]
    rows = [*good[:13], b"\n", *BAD, b"  \r\n", *good[13:]]
    outcome = run_watch(tmp_path, reference, stream(tmp_path, rows), window=50)
    aside = [json.loads(line) for line in (tmp_path / "state/bad_rows.jsonl").read_text().splitlines()]
    assert [(row["line"], row["reason"]) for row in aside] == list(enumerate(BAD.values(), 15))
    assert aside[0]["row"] == "garbage" and aside[-1]["cut"] is True
    first, second = printed(tmp_path / "out.jsonl")
    assert first["bad_rows"] == len(BAD) == sum(outcome.progress.bad.values()) and second["bad_rows"] == 0
    assert second["last_line"] == 100 + len(BAD) + 2
    clean = tmp_path / "clean"
    clean.mkdir()
    run_watch(clean, reference, stream(clean, good), window=50)
    assert [row["statistic"] for row in printed(clean / "out.jsonl")] == [
        first["statistic"],
        second["statistic"],
    ]


NUMBERS = st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.text(max_size=3))
ROWS = st.one_of(
    st.fixed_dictionaries({"score": NUMBERS}).map(json.dumps),
    st.fixed_dictionaries({"score": st.floats(-9, 9)}).map(json.dumps),
    st.text('{}[],:"score1 ', min_size=1, max_size=14),
    st.sampled_from(
        [
            '{"score":1},{"score":2}',
            '{"score":[{"score":3}',
            '{"score":2}]}',
            '{"a}',
            '{"}',
            "1,2",
            "[3",
            "4]",
        ]
    ),
)


@given(st.lists(ROWS, min_size=1, max_size=6), st.booleans())
@settings(max_examples=80, deadline=None)
def test_the_fast_path_never_takes_what_the_slow_one_refuses(texts, named):
    form = SCORE if named else Form("numbers", (), 1)
    lines = [line for text in texts if (line := text.encode("utf-8", "replace")) and not line.isspace()]
    if not lines or (found := parse_numbers(lines, form)) is None:
        return
    assert found.tolist() == [form.parse(line) for line in lines]


def test_the_fast_path_takes_plain_rows():
    assert parse_numbers([b'{"score": 1}', b'{"id": "a", "score": 2.5}'], SCORE).tolist() == [[1], [2.5]]
    assert parse_numbers([b"1", b" 2.5 "], Form("numbers", (), 1)).tolist() == [[1], [2.5]]


@pytest.mark.parametrize(
    ("row", "field", "kind", "fields", "width"),
    [
        ({"id": 1, "text": "a", "score": 2}, "", "text", ("text",), 0),
        ({"id": 1, "text": "a", "score": 2}, "score", "numbers", ("score",), 1),
        ({"embedding": [1, 2.5]}, "", "vector", ("embedding",), 2),
        ({"id": 7, "a": 1, "b": 2.0, "c": True}, "", "numbers", ("a", "b"), 2),
        ({"a": 1, "b": 2.0}, "b,a", "numbers", ("b", "a"), 2),
        ([1, 2, 3], "", "vector", (), 3),
        (0.5, "", "numbers", (), 1),
        ("a text", "", "text", (), 0),
    ],
)
def test_the_form_is_that_of_the_references_first_row(row, field, kind, fields, width):
    assert find_form(row, field, "here") == Form(kind, fields, width)


@pytest.mark.parametrize(
    ("row", "field"), [({"a": "x"}, ""), ({"a": 1}, "b"), ({"a": "x", "b": "y"}, "a,b"), ([], ""), (None, "")]
)
def test_what_cannot_be_watched_is_refused(row, field):
    with pytest.raises(QwattError):
        find_form(row, field, "here")


def test_texts_and_vectors_and_plain_lines(tmp_path):
    texts = [f"parcel {i % 17} is late, order {i}" for i in range(400)]
    (tmp_path / "reference.txt").write_text("\n".join(texts), "utf-8")
    (tmp_path / "stream.txt").write_text(
        "\n".join([*texts[:100], *(f"refund my card {i} twice" for i in range(100))])
    )
    run_watch(tmp_path, str(tmp_path / "reference.txt"), tmp_path / "stream.txt", window=100, detector="mmd")
    assert [row["alert"] for row in printed(tmp_path / "out.jsonl")] == [False, True]
    rng = np.random.default_rng(5)
    for name, shift in (("vectors", 0.0), ("later", 3.0)):
        write_rows(
            tmp_path / f"{name}.jsonl", ({"vector": v.tolist()} for v in rng.normal(shift, 1, (400, 12)))
        )
    other = tmp_path / "of_vectors"
    other.mkdir()
    run_watch(
        other,
        str(tmp_path / "vectors.jsonl"),
        tmp_path / "later.jsonl",
        window=200,
        detector="fidelity-mmd",
        shots=100,
    )
    assert [row["alert"] for row in printed(other / "out.jsonl")] == [True, True]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_lines_of_a_table_after_a_reference_that_is_one(tmp_path, delimiter):
    """They give what the same numbers give as JSON; headers, also those of further files, are no rows."""
    rng = np.random.default_rng(6)
    known, seen = ([(f"h{i}", *pair) for i, pair in enumerate(rng.random((n, 2)))] for n in (300, 100))
    text = "".join(f"{delimiter.join(map(str, row))}\n" for row in known)
    header = delimiter.join(("host", "load", "wait")) + "\n"
    table = tmp_path / ("reference.tsv" if delimiter == "\t" else "reference.csv")
    table.write_text(header + text)
    lines = [f"{delimiter.join(map(str, row))}\n".encode() for row in seen]
    bad = [b"h1" + delimiter.encode() + b"2\n", f'"h1{delimiter}2{delimiter}3\n'.encode()]
    bad.append(f"h1{delimiter}2{delimiter}slow\n".encode())
    rows = stream(tmp_path, [header.encode(), *lines[:60], header.encode(), *bad, *lines[60:]])
    outcome = run_watch(tmp_path, str(table), rows, window=50)
    assert outcome.progress.bad == {
        "not 3 cells, as the reference has": 1,
        "a quote is not closed, or not doubled": 1,
        "not a number": 1,
    }
    other = tmp_path / "json"
    other.mkdir()
    reference = write_rows(other / "reference.jsonl", [{"load": a, "wait": b} for _, a, b in known])
    run_watch(other, reference, stream(other, [{"load": a, "wait": b} for _, a, b in seen]), window=50)
    assert [row["statistic"] for row in printed(tmp_path / "out.jsonl")] == [
        row["statistic"] for row in printed(other / "out.jsonl")
    ]


def test_columns_in_another_order_are_refused(tmp_path):
    (tmp_path / "reference.csv").write_text("a,b\n" + "1,2\n" * 100)
    rows = stream(tmp_path, [b"b,a\n", b"1,2\n"])
    with pytest.raises(QwattError, match="another order than the reference's: b, a") as refused:
        run_watch(tmp_path, str(tmp_path / "reference.csv"), rows, window=10)
    assert "give them as a, b" in refused.value.mend


def test_columns_in_another_order_later_lose_nothing_before_them(tmp_path):
    (tmp_path / "reference.csv").write_text("a,b\n" + "1,2\n" * 100)
    lines = [b"1,2\n"] * 25
    rows = stream(tmp_path, [*lines, b"b,a\n", *lines])
    with pytest.raises(QwattError, match="another order"):
        run_watch(tmp_path, str(tmp_path / "reference.csv"), rows, window=10)
    assert [row["last_line"] for row in printed(tmp_path / "out.jsonl")] == [10, 20]
    again = stream(tmp_path, lines * 2)
    outcome = run_watch(tmp_path, str(tmp_path / "reference.csv"), again, window=10, resume=True)
    assert (outcome.resumed_from, outcome.progress.rows, outcome.progress.bad) == (20, 50, {})
    assert [row["last_line"] for row in printed(tmp_path / "out.jsonl")] == [10, 20, 30, 40, 50]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("text,n\n" + "in {here},1,\n" * 60, False),  # cells beyond the names, all empty
        ("text,n\n" + "{user} in,1\n" * 60, False),  # no JSON object, though it begins with a brace
        ("\ufefftext,n\n" + "in,1\n" * 30 + "\ufefftext,n\n" + "in,1\n" * 30, False),  # two files, one stream
        ("out of a plain log, {here}\n" * 60, True),
    ],
)
def test_lines_of_texts_after_a_table(tmp_path, text, plain):
    (tmp_path / "reference.csv").write_text(
        "text,n\n" + "".join(f"{{user}} in {i % 7},1\n" for i in range(200))
    )
    (tmp_path / "rows").write_text(text, "utf-8")
    outcome = run_watch(
        tmp_path, str(tmp_path / "reference.csv"), str(tmp_path / "rows"), window=20, plain=plain
    )
    assert (outcome.progress.bad, outcome.progress.rows) == ({}, 60)


def test_numbers_of_a_table_are_no_plain_texts(tmp_path):
    (tmp_path / "reference.csv").write_text("a,b\n" + "1,2\n" * 100)
    with pytest.raises(QwattError, match="numbers of the fields a, b are no plain texts"):
        run_watch(tmp_path, str(tmp_path / "reference.csv"), stream(tmp_path, [b"1,2\n"]), plain=True)


def test_a_counter_among_the_fields_is_pointed_at(tmp_path):
    rng = np.random.default_rng(8)
    rows = [{"at": 1.7e9 + i, "load": x} for i, x in enumerate(rng.random(400))]
    reference = write_rows(tmp_path / "reference.jsonl", rows[:300])
    found = []
    for name, field in (("all", ""), ("one", "#load")):
        place = tmp_path / name
        place.mkdir()
        found.append(run_watch(place, reference + field, stream(place, rows[300:]), window=50).notes)
    assert "name the others, as in FILE#a,b" in " ".join(found[0]) and not found[1]


def test_a_text_that_is_not_watched_is_told_of(tmp_path):
    rows, told = [{"prompt": "how are you", "user": i % 7} for i in range(200)], []
    reference = write_rows(tmp_path / "reference.jsonl", rows)
    run_watch(tmp_path, reference, stream(tmp_path, rows[:50]), window=50, tell=told.append)
    assert told == ["numbers of the field user are watched, and not prompt: FILE#prompt names one"]
    for field in ("#user", "#prompt"):
        place = tmp_path / field
        place.mkdir()
        run_watch(place, reference + field, stream(tmp_path, rows[:50]), window=50, tell=told.append)
    assert len(told) == 1


def test_texts_less_their_numbers(tmp_path):
    form = Form("text", plain=True, masked=True)
    assert form.parse(b"12:03 user7 took 0xdeadbe3f, face it") == "0:0 user0 took 0, face it"
    lines = [f"12:{i // 60:02d}:{i % 60:02d} worker {i % 3} served {i:06d}" for i in range(800)]
    (tmp_path / "reference.log").write_text("\n".join(lines[:600]))
    rows = stream(tmp_path, [f"{line}\n".encode() for line in lines[600:]])
    outcomes = []
    for masked in (False, True):
        place = tmp_path / str(masked)
        place.mkdir()
        reference = str(tmp_path / "reference.log")
        outcomes.append(run_watch(place, reference, rows, window=100, masked=masked))
    assert [outcome.progress.alerts for outcome in outcomes] == [2, 0]
    assert ["--masked" in " ".join(outcome.notes) for outcome in outcomes] == [True, False]


@pytest.mark.parametrize("detector", ["ks", "psi"])
def test_texts_that_come_often_are_no_drift(tmp_path, detector):
    """Lines of a log repeat: the same text has the same features in a window and in the reference."""
    rng = np.random.default_rng(11)
    kinds = [
        f"{verb} {thing} done" for verb in ("open", "close", "read", "drop") for thing in ("a", "b", "c")
    ]
    shares = rng.dirichlet(np.ones(len(kinds)))
    (tmp_path / "reference.log").write_text("\n".join(rng.choice(kinds, 600, p=shares)))
    rows = stream(tmp_path, [f"{line}\n".encode() for line in rng.choice(kinds, 1_200, p=shares)])
    outcome = run_watch(
        tmp_path, str(tmp_path / "reference.log"), rows, window=30, detector=detector, alpha=0.05
    )
    assert outcome.progress.windows == 40
    assert outcome.progress.alerts <= stats.binom.ppf(0.999, 40, 0.05)


def test_an_input_of_which_no_row_can_be_used_is_refused_and_holds_no_state(tmp_path):
    reference, told = write_rows(tmp_path / "reference.jsonl", scores(1, 200)), []
    with pytest.raises(QwattError, match="no row can be used: 250 not JSON, 1 no field 'score'") as refused:
        run_watch(
            tmp_path, reference, stream(tmp_path, [b"x\n"] * 250 + [{"a": 1}]), window=50, tell=told.append
        )
    assert "numbers of the field score as JSON" in refused.value.mend and len(told) == 1
    assert (tmp_path / "state/bad_rows.jsonl").read_text().count("\n") == 251
    outcome = run_watch(tmp_path, reference, stream(tmp_path, scores(2, 100)), window=50)
    assert outcome.progress.windows == 2 and not (tmp_path / "state/bad_rows.jsonl").read_text()


def test_rows_that_become_bad_are_told_of_once(tmp_path):
    reference, told = write_rows(tmp_path / "reference.jsonl", scores(1, 200)), []
    rows = [*scores(2, 60), *[b"x\n"] * 300, *scores(3, 60), *[b"x\n"] * 99]
    run_watch(tmp_path, reference, stream(tmp_path, rows), window=50, tell=told.append)
    assert len(told) == 1 and "rows one after another cannot be used" in told[0]


def test_the_distance_is_scipys():
    rng = np.random.default_rng(3)
    for digits in (1, 9):
        known, column = (np.round(rng.random(n), digits) for n in (70, 40))
        assert _distance(np.sort(known), column) == pytest.approx(
            stats.ks_2samp(known, column).statistic, abs=1e-12
        )


def test_null_distances_have_scipys_distribution():
    found = null_distances(60, 40, 4_000, np.random.default_rng(0))
    for level in (0.1,):
        threshold = np.quantile(found, 1 - level)
        exact = stats.ks_2samp(*_with_distance(60, 40, threshold), method="exact").pvalue
        assert stats.binomtest(int((found >= threshold - 1e-9).sum()), 4_000, exact).pvalue > 1e-4


def _with_distance(n, m, distance):
    """Return samples whose distance is the given one, which is a multiple of 1 / (n m)."""
    x = np.arange(n) / n
    y = np.arange(m) / m
    for shift in np.arange(0, 1, 1 / (4 * n * m)):
        if abs(stats.ks_2samp(x, y + shift).statistic - distance) < 1e-9:
            return x, y + shift
    raise AssertionError


def test_lines_of_any_length_come_whole_in_bounded_memory():
    source, feed = os.pipe()
    wake, _ = os.pipe()
    lines = Lines(source, wake)
    assert not lines.wait(0.01)
    os.write(feed, b"\xef\xbb\xbfone\r\ntw")
    assert lines.wait(1) and lines.take(9) == [b"one"]
    os.write(feed, b"o\n\nlast")
    os.close(feed)
    assert lines.wait(1) and lines.take(1) == [b"two"] and lines.take(9) == [b""]
    assert lines.wait(1) and lines.take(9) == [b"last"]
    assert not lines.wait(1) and lines.ended


def test_a_line_without_end_is_dropped_as_it_comes(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(b"x" * (MOST_LINE_BYTES + 5) + b"\nnext\n" + b"y" * (MOST_LINE_BYTES + 1))
    with path.open("rb") as file:
        lines = Lines(file.fileno(), os.pipe()[0])
        found = []
        while lines.wait(None):
            found += lines.take(5)
            assert len(lines._rest) <= MOST_LINE_BYTES
    assert [line is TOO_LONG for line in found] == [True, False, True] and found[1] == b"next"
    with pytest.raises(BadRowError):
        Form("text", plain=True).parse(TOO_LONG)


def test_a_short_reference_and_an_impossible_level_are_refused(tmp_path):
    few = write_rows(tmp_path / "few.jsonl", scores(1, 40))
    rows = stream(tmp_path, scores(2, 50))
    with pytest.raises(QwattError, match="40 rows are too few for windows of 50") as refused:
        run_watch(tmp_path, few, rows, window=50)
    assert "--window 30" in refused.value.mend
    many = write_rows(tmp_path / "many.jsonl", ({f"f{i}": float(i) for i in range(600)} for _ in range(80)))
    with pytest.raises(QwattError, match="cannot be shared by 600 features"):
        run_watch(tmp_path, many, rows, window=20, alpha=1e-3)
    with pytest.raises(QwattError, match="unknown detector 'kz'"):
        run_watch(tmp_path, few, rows, detector="kz")


def test_a_sampled_reference_is_bounded_and_the_same_again(tmp_path):
    from qwatt.stages.monitoring.drift.watch.reference import read_reference

    path = write_rows(tmp_path / "reference.jsonl", scores(1, 3_000))
    first, second = (read_reference(path, False, 500, 7) for _ in range(2))
    assert len(first.values) == 500 and first.rows == 3_000 and first.digest == second.digest
    assert stats.kstest(first.values[:, 0], "uniform").pvalue > 1e-3
    assert read_reference(path, False, 500, 8).digest != first.digest


def test_as_a_command(tmp_path):
    reference = write_rows(tmp_path / "reference.jsonl", scores(1, 300))
    rows = stream(tmp_path, [*scores(2, 100), b"oops\n"])
    words = [sys.executable, "-m", "qwatt.cli", "watch", reference, "--window", "50"]
    with rows.open("rb") as source:
        done = subprocess.run(words, stdin=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    assert "1 row set aside: not JSON" in done.stderr and "Traceback" not in done.stderr


def test_options_have_the_command_lines_defaults():
    import inspect

    from qwatt.cli.watch import watch as verb

    defaults = {name: p.default for name, p in inspect.signature(verb).parameters.items()}
    named = ("detector", "alpha", "window", "encoder", "components", "plain", "masked", "backend", "shots")
    for name in (*named, "seed"):
        assert defaults[name] == getattr(Options(""), name)
