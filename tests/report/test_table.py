import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from qwatt.report.table import print_table

words = st.text(st.sampled_from("abcdé漢字🙂[]/"), min_size=1, max_size=9)
names = st.lists(words, min_size=1, max_size=5, unique=True)
cells = st.lists(words, max_size=6).map(" ".join) | st.integers() | st.none()


def printed(columns, rows, width, **options):
    out = io.StringIO()
    hidden = print_table("a title", columns, rows, out=Console(file=out, width=width), **options)
    return hidden, out.getvalue().splitlines()


@given(names, st.data(), st.integers(70, 160))
def test_a_table_fits_and_shows_the_first_column_whole(columns, data, width):
    rows = data.draw(st.lists(st.tuples(words, *[cells] * (len(columns) - 1)), max_size=5))
    hidden, lines = printed(columns, rows, width)
    assert all(cell_len(line) <= width for line in lines)
    assert columns[0] not in hidden
    for row in rows:
        assert any(row[0] in line for line in lines)


def test_columns_go_in_the_given_order_and_then_from_the_right():
    columns = ["name", "second", "third", "fourth"]
    rows = [["x" * 20, "y" * 20, "z" * 20, "w" * 20]]
    assert printed(columns, rows, 89)[0] == []
    assert printed(columns, rows, 88)[0] == ["fourth"]
    assert printed(columns, rows, 88, drop=["second"])[0] == ["second"]
    assert printed(columns, rows, 45, drop=["second"])[0] == ["second", "fourth"]
    assert printed(columns, rows, 10)[0] == columns[1:]


def test_whole_columns_are_not_wrapped():
    rows = [["a", "one two three four five six", "seven eight nine ten " * 6]]
    _, lines = printed(["x", "kept", "wrapped"], rows, 60, whole=["kept"])
    assert any("one two three four five six" in line for line in lines)
    assert len(lines) > 4


def test_numbers_stand_right_and_nothing_is_markup():
    _, lines = printed(["name", "n"], [["[red]a[/red]", 7], ["b", 1234]], 80)
    assert any("[red]a[/red]" in line for line in lines)
    ends = [line.rstrip() for line in lines[-2:]]
    assert len(ends[0]) == len(ends[1])
