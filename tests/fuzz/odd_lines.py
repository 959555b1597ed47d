"""Odd JSON lines and tables of text: each writer fills a folder and returns what to read."""

import json

TEXTS = [f"a plain text number {i} about {i * 7 % 13} things" for i in range(60)]
ROWS = [{"text": text, "label": i % 2} for i, text in enumerate(TEXTS)]
LINES = [json.dumps(row) for row in ROWS]
TABLE = "\n".join(f"{row['text']},{row['label']}" for row in ROWS)
ENCODINGS = (
    "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-7", "cp037", "shift_jis",
    "gb18030", "cp1251", "iso2022_jp", "big5", "hz", "punycode",
)  # fmt: skip

_JSON_TEXTS = {
    "numbers": [i * 1.5 for i in range(60)],
    "empty": [""] * 60,
    "blank of other planes": ["\u200b\u2060\ufeff \u3000"] * 60,
    "controls": ["\x00\x01\x1b\x7f" * 5 + str(i) for i in range(60)],
    "many accents on one letter": ["a" + "\u0301" * 20_000 + str(i) for i in range(6)],
    "ligatures of eighteen letters": ["\ufdfa" * 5_000 + str(i) for i in range(20)],
    "letters whose lower case is longer": ["İ" * 1_000 + "ß" * 1_000 + str(i) for i in range(20)],
    "joined emoji": ["👩\u200d👩\u200d👧" * 1_000 + str(i) for i in range(20)],
    "one word each": ["x" * 30_000 + str(i) for i in range(20)],
    "all the same": ["the same words"] * 60,
}
_JSON_FIELDS = {
    "labels of four types": {"label": [True, 1, 1.0, "1"]},
    "labels that are lists": {"label": [["a"], ["a", "b"], [], {"a": 1}]},
    "labels that are huge": {"label": [10**400, 10**401]},
    "ids all the same": {"id": ["x"]},
    "ids that lead out": {"id": ["../../../../evil"]},
    "ids that are places": {"id": [f"x.jsonl:{(i * 7) % 60}" for i in range(60)]},
    "ids with controls": {"id": ["\n\r\x1b]0;own\x07"]},
    "keys with controls": {"\x1b[31m\u202e\x07": [1]},
    "long keys": {"k" * 50_000: [1]},
}
_RAW = {
    "keys twice": ['{"text": "a", "text": null, "label": {}, "label": 1}'],
    "no numbers": ['{"text": "a", "label": NaN, "n": [Infinity, -Infinity]}'],
    "numbers beyond": ['{"text": "a", "label": 1e999, "n": -1e-999}'],
    "numbers of 5,000 digits": [*LINES, '{"text": "x", "n": ' + "9" * 5000 + "}"],
    "halves of pairs, escaped": ['{"text": "a \\ud800", "id": "\\udc00"}'],
    "halves of pairs as keys": [*LINES, '{"text": "a", "\\udfff": "\\ud800"}'],
    "lists 100,000 deep": [*LINES, '{"text": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}"],
    "tables 900 deep": [*LINES, '{"text": "x", "a": ' + '{"a":' * 900 + "1" + "}" * 900 + "}"],
    "texts 300 deep": ['{"text": ' + "[" * 300 + '"x"' + "]" * 300 + "}"] * 60,
    "a row of 30,000 fields": [*LINES, json.dumps({"text": "x"} | {f"k{i}": i for i in range(30_000)})],
    "one row": LINES[:1],
    "junk between": [*LINES, "x", "[]", "null", "1", '"x"', "{", "}", "\0"],
}
_TABLES = {
    "NUL in a field": "text,label\n" + TABLE.replace("plain", "pl\0ain"),
    "NUL in the header": "te\0xt,label\n" + TABLE,
    "ragged": "text,label\n" + "\n".join(f"words {i}" + ",1" * (i % 5) for i in range(60)),
    "quotes inside": "text,label\n" + "\n".join(f'a "quoted" {i}",1"' for i in range(60)),
    "quote unclosed": 'text,label\n"' + TABLE * 50,
    "header alone": "text,label\n",
    "columns twice": "text,text,label,label\n" + "\n".join(f"a {i},b,0,{i % 2}" for i in range(60)),
    "columns without names": ",,,\n" + "\n".join(f"a {i},b,0,{i % 2}" for i in range(60)),
    "long fields": "text,label\n" + "\n".join(f"{'w ' * 80_000}{i},{i % 2}" for i in range(6)),
    "20,000 columns": ",".join(["text", *(f"c{i}" for i in range(20_000))]) + "\n" + TABLE,
    "formulas": "text,label\n" + "\n".join(f"=cmd|' /C calc'!A{i},@SUM({i % 2})" for i in range(60)),
    "returns alone": ("text,label\n" + TABLE).replace("\n", "\r"),
    "a header of lines": '"te\nxt","la\x1b[31mbel"\n' + TABLE,
    "semicolons": ("text,label\n" + TABLE).replace(",", ";"),
    "a line that names the separator": "sep=,\ntext,label\n" + TABLE,
    "no numbers": "a,b,label\n" + "nan,1,0\ninf,1,1\n٣,1,0\n,1,1\n" * 15,
    "numbers beyond": "a,b,label\n" + "\n".join(f"{'9' * (300 + i)},{i}e300,{i % 2}" for i in range(60)),
    "numbers that are one": "a,b,label\n" + "\n".join(f"1,2,{i % 2}" for i in range(60)),
    "numbers of 10,000 digits": "a,b,label\n" + "\n".join(f"{'1' * 10_000},2,{i % 2}" for i in range(60)),
}  # fmt: skip


def _file(name, data):
    def write(folder):
        (folder / name).write_bytes(data)
        return folder / name

    return write


def _rows(texts, **fields):
    rows = [
        {"text": text, "label": i % 2} | {name: values[i % len(values)] for name, values in fields.items()}
        for i, text in enumerate(texts)
    ]
    return _file("x.jsonl", "\n".join(map(json.dumps, rows)).encode())


def odd_lines():
    """Return writers by name."""
    found = {f"jsonl, texts {name}": _rows(texts) for name, texts in _JSON_TEXTS.items()}
    found |= {f"jsonl, {name}": _rows(TEXTS, **fields) for name, fields in _JSON_FIELDS.items()}
    found |= {f"jsonl, {name}": _file("x.jsonl", "\n".join(lines).encode()) for name, lines in _RAW.items()}
    found |= {f"csv, {name}": _file("x.csv", text.encode()) for name, text in _TABLES.items()}
    for encoding in ENCODINGS:
        lines = "\n".join(json.dumps(row | {"more": "世é"}, ensure_ascii=False) for row in ROWS)
        found[f"jsonl in {encoding}"] = _file("x.jsonl", lines.encode(encoding, "replace"))
        table = "text,label\n" + "\n".join(f"{row['text']} 世é,{row['label']}" for row in ROWS)
        found[f"csv in {encoding}"] = _file("x.csv", table.encode(encoding, "replace"))
    found["jsonl, halves of pairs as bytes"] = _file("x.jsonl", b'{"text": "a \xed\xa0\x80 word"}\n' * 3)
    found["jsonl, every other line in latin-1"] = _file(
        "x.jsonl", b'{"text": "\xe9"}\n{"text": "\xc3\xa9"}\n' * 9
    )
    found["jsonl, lines without ends"] = _file("x.jsonl", "".join(LINES).encode())
    found["jsonl, lines that end in U+2028"] = _file("x.jsonl", "\u2028".join(LINES).encode())
    return found
