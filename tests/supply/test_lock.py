"""The lock pins what constraints.txt pins, and every file of it by its hash."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LEFT_OUT = re.compile(r"torch|triton|nvidia-.*|cuda-.*")


def name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def locked() -> dict[str, tuple[str, int]]:
    """Return version and number of hashes by package."""
    whole = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    lines = [line for line in whole.splitlines() if line.strip() and not line.startswith("#")]
    found = [(re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)", line), line) for line in lines]
    assert all(match for match, _ in found)
    return {name(m[1]): (m[2], line.count("--hash=sha256:")) for m, line in found if m}


def test_every_file_has_a_hash_and_torch_is_left_out() -> None:
    pins = locked()
    assert len(pins) > 100
    assert min(hashes for _, hashes in pins.values()) >= 1
    assert not [one for one in pins if LEFT_OUT.fullmatch(one)]
    assert {"numpy", "scipy", "pennylane", "transformers", "pytest", "typer"} <= set(pins)


def test_it_agrees_with_the_constraints() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    stated = [line.split("#")[0].strip().split("==") for line in lines if "==" in line.split("#")[0]]
    pins = locked()
    wrong = {name(n): (v, pins[name(n)][0]) for n, v in stated if name(n) in pins and pins[name(n)][0] != v}
    assert wrong == {}, "run `make lock`"


def script(name: str) -> Any:
    """Return a module of supply/."""
    spec = spec_from_file_location(name, ROOT / "supply" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_list_of_what_is_installed_tells_no_folder() -> None:
    local, public = {"type": "distribution", "url": "file:///home/me/qwatt"}, {"url": "https://pypi.org/"}
    found = {
        "metadata": {"component": {"externalReferences": [local, public]}},
        "components": [{"n": [local]}],
    }
    kept = {"metadata": {"component": {"externalReferences": [public]}}, "components": [{"n": []}]}
    assert script("without_paths").without_paths(found) == kept


def test_an_audit_says_what_it_could_not_look_up() -> None:
    audit = script("audit")
    clean, blind = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not on PyPI"}
    flaw = {"name": "c", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
    assert audit.verdict({"dependencies": [clean, blind]}) == (
        0,
        ["1 of 2 packages looked up, 0 advisories", "not looked up: b"],
    )
    code, lines = audit.verdict({"dependencies": [blind]})
    assert code == 0
    assert "nothing was audited" in lines[-1]
    code, lines = audit.verdict({"dependencies": [clean, flaw]})
    assert (code, lines[0]) == (1, "c 2: CVE-1, mended in 2.1")
