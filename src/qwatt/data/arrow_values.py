"""From one Arrow column to Python values, whatever it holds: far dates, unknown time zones, bytes for text.

What Python cannot hold is kept in another form and said, never raised: a column beside the text costs no row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qwatt.data.names import shown
from qwatt.data.report import ReadReport


class Damaged(ValueError):
    """A batch whose offsets, lengths or indices lead outside of its memory."""


@dataclass(frozen=True)
class Column:
    """A column that passed Arrow's full validation.

    Args:
        values: the Arrow array.
        as_bytes: whether its text, some of which is not UTF-8, is held as bytes.
    """

    values: Any
    as_bytes: bool = False


def checked(column: Any) -> Column:
    """Validate a column in full before anything else touches it; text that is not UTF-8 is no damage.

    Raises:
        Damaged: offsets, lengths or indices lead outside of the column's memory.
    """
    import pyarrow as pa

    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    try:
        column.validate(full=True)
    except pa.ArrowException as error:
        plain = _viewed(column, _bytes_for_text(column.type))
        if plain.type == column.type:
            raise Damaged(str(error)) from error
        try:
            plain.validate(full=True)
        except pa.ArrowException as again:
            raise Damaged(str(again)) from again
        return Column(plain, as_bytes=True)
    return Column(column)


def values_of(column: Column, name: str, file: str, report: ReadReport) -> list[Any]:
    """Return a column's Python values; text that is not UTF-8 comes as bytes.

    Times that Python cannot hold come as numbers in the column's unit, and a column of which nothing can be
    made as None; both are said in the report.
    """
    array, shown_name = column.values, shown(name, 60)
    numbers = _viewed(array, _numbers_for_times(array.type))
    for attempt in (array, numbers):
        try:
            values: list[Any] = attempt.to_pylist()
        except Exception:  # any of a dozen kinds: pyarrow's own, zone info, overflow
            continue
        if attempt is not array:
            kind = shown(str(array.type), 60)
            report.note(f"{file}: Python cannot hold all of column {shown_name} ({kind}); kept as numbers")
        if column.as_bytes:
            values = [_text(value) for value in values]
        return _shared(values)
    report.note(f"{file}: column {shown_name} ({shown(str(array.type), 60)}) cannot be read and is left out")
    return [None] * len(array)


def _shared(values: list[Any]) -> list[Any]:
    """Return the values with equal texts as one object, so that repeated rows cost little memory."""
    if not any(isinstance(value, str) for value in values[:2]):
        return values
    known: dict[Any, Any] = {}
    return [known.setdefault(value, value) if isinstance(value, str) else value for value in values]


def _viewed(column: Any, kind: Any) -> Any:
    """Return the same memory under another type, without a look at it.

    Raises:
        Damaged: Arrow finds no such view, as the column's parts do not fit its type.
    """
    import pyarrow as pa

    if kind == column.type:
        return column
    try:
        if pa.types.is_dictionary(column.type):
            words = _viewed(column.dictionary, kind.value_type)
            return pa.DictionaryArray.from_arrays(column.indices, words, safe=False)
        return column.view(kind)
    except pa.ArrowException as error:
        raise Damaged(str(error)) from error


def _bytes_for_text(kind: Any) -> Any:
    import pyarrow as pa

    text = {
        pa.string(): pa.binary(),
        pa.large_string(): pa.large_binary(),
        pa.string_view(): pa.binary_view(),
    }
    return _replaced(kind, lambda leaf: text.get(leaf, leaf))


def _numbers_for_times(kind: Any) -> Any:
    import pyarrow as pa

    def number(leaf: Any) -> Any:
        if pa.types.is_date32(leaf) or pa.types.is_time32(leaf):
            return pa.int32()
        times = (pa.types.is_timestamp, pa.types.is_date64, pa.types.is_time64, pa.types.is_duration)
        return pa.int64() if any(is_kind(leaf) for is_kind in times) else leaf

    return _replaced(kind, number)


def _replaced(kind: Any, leaf: Any) -> Any:
    """Return a type with its leaves replaced, through lists, structs and dictionaries."""
    import pyarrow as pa

    def again(field: Any) -> Any:
        return field.with_type(_replaced(field.type, leaf))

    builders: dict[Callable[[Any], bool], Callable[[], Any]] = {
        pa.types.is_struct: lambda: pa.struct([again(kind.field(i)) for i in range(kind.num_fields)]),
        pa.types.is_list: lambda: pa.list_(again(kind.value_field)),
        pa.types.is_large_list: lambda: pa.large_list(again(kind.value_field)),
        pa.types.is_fixed_size_list: lambda: pa.list_(again(kind.value_field), kind.list_size),
        pa.types.is_map: lambda: pa.map_(again(kind.key_field), again(kind.item_field)),
        pa.types.is_dictionary: lambda: pa.dictionary(
            kind.index_type, _replaced(kind.value_type, leaf), kind.ordered
        ),
    }
    build = next((build for is_kind, build in builders.items() if is_kind(kind)), None)
    return build() if build else leaf(kind)


def _text(value: Any) -> Any:
    """Return bytes as the text they are, when they are; within lists and structs too."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value
    if isinstance(value, list):
        return [_text(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_text(item) for item in value)
    if isinstance(value, dict):
        return {_text(key): _text(item) for key, item in value.items()}
    return value
