"""Makes the Parquet files beside it and expected.json: what pyarrow reads from them (pip install pyarrow==22.*)."""

import datetime
import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
rows = [
    {"prompt": f"question {i} é 日本 😀", "completion": "" if i == 3 else f"answer {i}" * (i % 4 + 1), "n": 2**53 + i if i % 2 else i}
    for i in range(40)
]
schema = pa.schema([("prompt", pa.string()), ("completion", pa.string()), ("n", pa.int64())])
table = pa.Table.from_pylist(rows, schema)
for codec in ("none", "snappy", "gzip", "zstd", "brotli", "lz4"):
    pq.write_table(table, here / f"{codec}.parquet", compression=codec, row_group_size=16)
pq.write_table(table, here / "plain.parquet", compression="none", use_dictionary=False, data_page_version="2.0", row_group_size=7)

mixed = pa.Table.from_pylist(
    [
        {
            "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello 1"}],
            "refs": ["a", "b"],
            "when": datetime.datetime(2026, 1, 2, 3, 4, 5),
            "ok": True,
            "meta": {"id": 1, "tags": {"a": 1}},
            "deep": [["x"]],
            "pairs": [("k", "v")],
        },
        {"messages": None, "refs": [], "when": None, "ok": None, "meta": None, "deep": None, "pairs": None},
    ],
    pa.schema(
        [
            ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
            ("refs", pa.list_(pa.string())),
            ("when", pa.timestamp("us")),
            ("ok", pa.bool_()),
            ("meta", pa.struct([("id", pa.int64()), ("tags", pa.struct([("a", pa.int64())]))])),
            ("deep", pa.list_(pa.list_(pa.string()))),
            ("pairs", pa.map_(pa.string(), pa.string())),
        ]
    ),
)
pq.write_table(mixed, here / "nested.parquet", compression="zstd")
bad = pa.table({"text": pa.array([b"sound", b"\xff\xfe broken", b"also sound"], pa.binary()).cast(pa.binary())})
pq.write_table(bad.cast(pa.schema([("text", pa.binary())])), here / "bytes.parquet", compression="none")
pq.write_table(pa.table({"only": mixed["meta"]}), here / "only-nested.parquet", compression="none")
(here / "expected.json").write_text(json.dumps(rows, ensure_ascii=True) + "\n", "utf8")
