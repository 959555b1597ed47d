"""`qwatt watch-list`: its contract, and its memory of the last list."""

FEW = """
name = "few"
[model]
id = "smollm2-135m"
[training]
accelerator = "h100"
tokens = 1e9
[deployment]
accelerator = "h100"
requests_per_day = 1000
input_tokens = 100
output_tokens = 100
years = 1
[outlook]
draws = 100
"""


def test_json_keeps_its_contract_and_the_second_list_says_what_moved(qwatt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.toml").write_text(FEW)
    first = qwatt("watch-list few.toml --json")
    assert first.code == 0, first.err + first.out
    for row in first.record:
        assert row.keys() >= {"id", "trigger", "distance", "moved"}
        assert row["moved"] is None and row["limit"] != "by construction"
    assert (tmp_path / "runs" / "watch-list-few.json").is_file()
    again = qwatt("watch-list few.toml --json").record
    assert all(row["moved"]["distance"] in (0.0, None) and not row["moved"]["met_by"] for row in again)


def test_people_read_every_trigger_on_a_narrow_terminal(qwatt, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "few.toml").write_text(FEW)
    ran = qwatt(f"watch-list {tmp_path}/few.toml --state {tmp_path}/state.json")
    entries = [line for line in ran.out.splitlines() if line.startswith("10^") and "10^x:" not in line]
    assert len(entries) == 15 and ran.out.count("parity: ") == 1 + len(entries)
    assert all(len(line) <= 80 for line in ran.out.splitlines() if line.startswith("        "))


def test_a_file_that_is_no_list_is_refused(qwatt, tmp_path):
    (tmp_path / "few.toml").write_text(FEW)
    state = tmp_path / "state.json"
    state.write_text("{}")
    ran = qwatt(f"watch-list {tmp_path}/few.toml --state {state}")
    assert ran.code == 2 and "no earlier watch list" in ran.err
