"""Prints Tests/FuzzTargets/ParquetSeeds+Generated.swift: small files in encodings that we do not write."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

TABLE = pa.table({
    "i": pa.array([1, None, 3, 100000], pa.int32()),
    "l": pa.array([[10, 11], [], None, [12]], pa.list_(pa.int64())),
    "s": pa.array(["prefix one", "prefix two", None, "prefix"]),
    "f": pa.array([0.5, None, 2.0, -1.0], pa.float64()),
    "b": pa.array([True, None, False, True]),
})
FILES = [
    dict(use_dictionary=False, data_page_version="1.0", compression="none", column_encoding={
        "i": "DELTA_BINARY_PACKED", "l.list.element": "DELTA_BINARY_PACKED", "s": "DELTA_BYTE_ARRAY",
        "f": "BYTE_STREAM_SPLIT", "b": "RLE"}),
    dict(use_dictionary=False, data_page_version="2.0", compression="lz4", column_encoding={
        "i": "BYTE_STREAM_SPLIT", "s": "DELTA_LENGTH_BYTE_ARRAY"}),
    dict(data_page_version="2.0", compression="snappy"),
    dict(use_dictionary=["i"], compression="gzip"),
]


def literal(options):
    file = io.BytesIO()
    pq.write_table(TABLE, file, write_statistics=False, store_schema=False, **options)
    text = file.getvalue().hex()
    parts = [text[start:start + 90] for start in range(0, len(text), 90)]
    return '  """\n  ' + "\n  ".join(parts) + '\n  """,'


print("// Made by Tests/Interop/parquet_seeds.py.\n")
print("/// Parquet files, in hexadecimal digits.")
print("let parquetSeedTexts = [")
print("\n".join(literal(options) for options in FILES))
print("]")
