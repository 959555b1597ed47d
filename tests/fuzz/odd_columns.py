"""Columns of every type that Arrow has, as texts and beside them, in Parquet, Arrow and Feather files."""

import decimal
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from odd_lines import TEXTS

_ROWS = len(TEXTS)


def _columns():
    ten = decimal.Decimal(10)
    bytes_of = [text.encode() for text in TEXTS]
    sixteen = pa.array([b"0" * 16] * _ROWS, pa.binary(16))
    halves = pa.array([i % 2 for i in range(_ROWS)], pa.int8())
    return {
        "lists": pa.array([[text] for text in TEXTS]),
        "lists five deep": pa.array([[[[[text]]]] for text in TEXTS]),
        "large lists": pa.array([[text] for text in TEXTS], pa.large_list(pa.string())),
        "lists of no length": pa.array([[]] * _ROWS, pa.list_(pa.int8(), 0)),
        "tables": pa.array([{"a": text} for text in TEXTS]),
        "maps": pa.array([[("k", text)] for text in TEXTS], pa.map_(pa.string(), pa.string())),
        "a dictionary": pa.array(TEXTS).dictionary_encode(),
        "a dictionary of lists": pa.DictionaryArray.from_arrays(halves, pa.array([["a"], ["b"]])),
        "nulls": pa.nulls(_ROWS),
        "bytes that are no text": pa.array([b"\xff\xfe%d" % i for i in range(_ROWS)]),
        "large bytes": pa.array(bytes_of, pa.large_binary()),
        "views of text": pa.array(TEXTS, pa.string_view()),
        "views of bytes": pa.array(bytes_of, pa.binary_view()),
        "bytes of one length": pa.array([b"abcd"] * _ROWS, pa.binary(4)),
        "decimals": pa.array([ten**70] * _ROWS, pa.decimal256(76)),
        "half floats": pa.array(np.ones(_ROWS, np.float16)),
        "large integers": pa.array([2**64 - 1] * _ROWS, pa.uint64()),
        "durations": pa.array(range(_ROWS), pa.duration("ns")),
        "intervals": pa.array([pa.MonthDayNano([1, 2, 3])] * _ROWS),
        "dates beyond": pa.array([2**31 - 1] * _ROWS, pa.date32()),
        "times beyond": pa.array([10**9] * _ROWS, pa.time32("s")),
        "instants beyond": pa.array([2**62] * _ROWS, pa.timestamp("s")),
        "a time zone of Mars": pa.array([10**15] * _ROWS, pa.timestamp("us", "Mars/Olympus")),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([30, 60], pa.int32()), pa.array(["a b", "c d"])),
        "a union": pa.UnionArray.from_sparse(halves, [pa.array(TEXTS), pa.array(range(_ROWS))]),
        "identifiers": pa.ExtensionArray.from_storage(pa.uuid(), sixteen),
        "tensors": pa.FixedShapeTensorArray.from_numpy_ndarray(np.zeros((_ROWS, 2, 2))),
    }  # fmt: skip


def _parquet(table):
    def write(folder):
        pq.write_table(table, folder / "x.parquet")
        return folder / "x.parquet"

    return write


def _arrow(table, name, new):
    def write(folder):
        with new(str(folder / name), table.schema) as file:
            file.write_table(table)
        return folder / name

    return write


def _bytes(name, change):
    def write(folder):
        path = _parquet(pa.table({"text": TEXTS}))(folder)
        data = bytearray(path.read_bytes())
        path.unlink()
        (folder / name).write_bytes(bytes(change(data)))
        return folder / name

    return write


def _saved(state):
    def write(folder):
        _arrow(pa.table({"text": TEXTS}), "data.arrow", pa.ipc.new_stream)(folder)
        (folder / "state.json").write_text(state if isinstance(state, str) else json.dumps(state))
        return folder

    return write


_STATES = [
    {"_data_files": [{"filename": name}]}
    for name in ("../../etc/passwd", "/dev/zero", "gone.arrow", "data.arrow\0", ".", "", "x" * 9999, 5, None)
] + [
    {"_data_files": {}}, {"_data_files": [1, None, "x"]}, {"_data_files": []}, [], None, 1, "", "[" * 9000,
    {"_data_files": [{"filename": "data.arrow"}] * 300},
    {"_data_files": [{"filename": "data.arrow"}], "_indices_data_files": [{"filename": "data.arrow"}]},
    {"_data_files": [{"filename": "data.arrow"}], "_indices_data_files": 5},
]  # fmt: skip


def odd_columns():
    """Return writers by name."""
    label = pa.array([i % 2 for i in range(_ROWS)])
    found = {}
    for name, column in _columns().items():
        as_text = pa.table({"text": column, "label": label})
        beside = pa.table({"text": TEXTS, "label": column})
        found[f"arrow, {name} as text"] = _arrow(as_text, "x.arrow", pa.ipc.new_file)
        found[f"feather, {name} as label"] = _arrow(beside, "x.feather", pa.ipc.new_stream)
        if not isinstance(column, pa.RunEndEncodedArray | pa.UnionArray) and name not in (
            "intervals", "instants beyond", "durations", "half floats", "lists of no length",
            "a dictionary of lists",
        ):  # fmt: skip
            found[f"parquet, {name} as text"] = _parquet(as_text)
            found[f"parquet, {name} beside"] = _parquet(beside)
    twice = pa.Table.from_arrays([pa.array(TEXTS), pa.array(TEXTS), label], ["text", "text", "label"])
    found |= {
        "parquet, text twice": _parquet(twice),
        "parquet, no columns": _parquet(pa.table({})),
        "parquet, no rows": _parquet(pa.table({"text": pa.array([], pa.string())})),
        "parquet, 17,000 columns": _parquet(
            pa.table({"text": ["x"]} | {f"c{i}": [1] for i in range(17_000)})
        ),
        "parquet, columns with controls": _parquet(twice.rename_columns(["text", "\x1b[31m\n", "label"])),
        "parquet, magic alone": _bytes("x.parquet", lambda data: b"PAR1PAR1"),
        "parquet, encrypted": _bytes("x.parquet", lambda data: data[:-4] + b"PARE"),
        "arrow that is Parquet": _bytes("x.arrow", lambda data: data),
        "feather of the first version": _bytes("x.feather", lambda data: b"FEA1" + bytes(100) + b"FEA1"),
    }
    for length in (b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\xff" * 4, b"\x05\0\0\0"):
        found[f"parquet, footer of {int.from_bytes(length, 'little'):,} bytes"] = _bytes(
            "x.parquet", lambda data, length=length: data[:-8] + length + data[-4:]
        )
    return found | {f"saved data set, state {n}": _saved(state) for n, state in enumerate(_STATES)}
