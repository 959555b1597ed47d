from pathlib import Path

import pytest

from qwatt.core.shipped import find_shipped, shipped_folders


def test_the_default_study_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_shipped(Path("studies/default.toml")).is_file()
    assert any(list(folder.glob("*.toml")) for folder in shipped_folders("scenarios"))


def test_the_users_own_file_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "studies" / "default.toml"
    own.parent.mkdir()
    own.write_text("")
    assert find_shipped(Path("studies/default.toml")).resolve() == own


def test_what_is_nowhere_stays_as_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_shipped(Path("studies/none.toml")) == Path("studies/none.toml")
    assert find_shipped(Path("none.toml")) == Path("none.toml")
