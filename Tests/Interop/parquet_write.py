"""Writes a Parquet file as other programs do, and the rows that must be read from it.

parquet_write.py CASE OUTPUT EXPECTED
"""

import datetime
import decimal
import random
import sys
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

import canonical

random.seed(7)
ROWS = 700


def nullable(values, share=0.2):
    return [None if random.random() < share else value for value in values]


def integers(kind, low, high):
    values = [random.randint(low, high) for _ in range(ROWS - 2)] + [low, high]
    return pa.array(nullable(values), kind)


def texts(count=ROWS):
    words = ["", "a", "é", "twelve bytes", "more than twelve bytes", "and more than sixteen " * 4]
    return nullable([random.choice(words) for _ in range(count)])


def ticks(kind):
    return pa.array(nullable([random.randint(-10**9, 10**9) for _ in range(ROWS)]), pa.int64()).cast(kind)


def numbers(kind):
    return pa.array(nullable([random.randint(-800, 800) / 8 for _ in range(ROWS)]), pa.float64()).cast(kind)


def decimals(kind):
    with decimal.localcontext(prec=76):
        values = [decimal.Decimal(random.randrange(-10**kind.precision + 1, 10**kind.precision)).scaleb(-kind.scale)
                  for _ in range(ROWS)]
        return pa.array(nullable(values), kind)


def flat():
    columns = {}
    for bits in (8, 16, 32, 64):
        columns[f"int{bits}"] = integers(f"int{bits}", -2 ** (bits - 1), 2 ** (bits - 1) - 1)
        columns[f"uint{bits}"] = integers(f"uint{bits}", 0, 2**bits - 1)
    columns["few"] = pa.array([index // 90 for index in range(ROWS)], pa.int64())
    columns["ascending"] = pa.array([index * 3 for index in range(ROWS)], pa.int64())
    for kind in ("float16", "float32", "float64"):
        columns[kind] = numbers(kind)
    for digits, scale in ((4, 2), (9, 0), (18, 6), (20, 3), (38, 10)):
        columns[f"decimal {digits} {scale}"] = decimals(pa.decimal128(digits, scale))
    for unit in ("ms", "us", "ns"):
        columns[f"timestamp {unit}"] = ticks(pa.timestamp(unit))
        columns[f"timestamp {unit} in a zone"] = ticks(pa.timestamp(unit, "UTC"))
    columns["date"] = pa.array(nullable(list(range(-300, ROWS - 300))), pa.int32()).cast(pa.date32())
    columns["text"] = pa.array(texts())
    columns["all texts"] = pa.array(["%d" % (index * 7919) for index in range(ROWS)])
    columns["bytes"] = pa.array([None if s is None else s.encode() for s in texts()], pa.binary())
    columns["fixed"] = pa.array(nullable([b"%05d" % i for i in range(ROWS)]), pa.binary(5))
    columns["bool"] = pa.array(nullable([i % 3 == 0 for i in range(ROWS)]))
    columns["true"] = pa.array([True] * ROWS)
    columns["null"] = pa.nulls(ROWS)
    columns["nulls"] = pa.nulls(ROWS, pa.int64())
    columns["nearly null"] = pa.array([None] * (ROWS - 1) + [5], pa.int32())
    columns["category"] = pa.array(texts()).dictionary_encode()
    return columns


def nested():
    struct = pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string())), ("c", pa.struct([("d", pa.float64())]))])
    values = [{"a": i, "b": nullable([None, "x" * (i % 9)]), "c": {"d": i / 4} if i % 5 else None} for i in range(ROWS)]
    deep = [nullable([nullable(["p", "q", ""][: j % 4]) for j in range(i % 4)]) for i in range(ROWS)]
    return {
        "list": pa.array(nullable([nullable([1, 2, 3][: i % 4]) for i in range(ROWS)]), pa.list_(pa.int64())),
        "list of lists": pa.array(nullable(deep), pa.list_(pa.list_(pa.string()))),
        "large list": pa.array(nullable([["a"] * (i % 3) for i in range(ROWS)]), pa.large_list(pa.string())),
        "fixed list": pa.array(nullable([[i, None, i * 2] for i in range(ROWS)]), pa.list_(pa.int32(), 3)),
        "struct": pa.array(nullable(values), struct),
        "list of structs": pa.array(nullable([[values[i], None][: i % 3] for i in range(ROWS)]), pa.list_(struct)),
        "map": pa.array(nullable([[("k%d" % j, j if j else None) for j in range(i % 3)] for i in range(ROWS)]),
                        pa.map_(pa.string(), pa.int16())),
        "map of lists": pa.array(nullable([[(j, ["v"] * j) for j in range(i % 4)] for i in range(ROWS)]),
                                 pa.map_(pa.int32(), pa.list_(pa.string()))),
        "required": pa.StructArray.from_arrays(
            [pa.array([[i] * (i % 2) for i in range(ROWS)], pa.list_(pa.field("element", pa.int64(), nullable=False)))],
            fields=[pa.field("l", pa.list_(pa.field("element", pa.int64(), nullable=False)), nullable=False)]),
    }


def types():
    return pa.table({**flat(), **nested()})


def pyarrow(path, table=None, **options):
    table = types() if table is None else table
    pq.write_table(table, path, **options)
    return table


def case_plain(path):
    return pyarrow(path, use_dictionary=False, compression="none")


def case_dictionary(path):
    return pyarrow(path, compression="none")


def case_codec(path, codec):
    return pyarrow(path, compression=codec, use_dictionary=False, write_page_checksum=True)


def case_v2(path):
    return pyarrow(path, data_page_version="2.0", compression="snappy")


def case_pages(path, version):
    return pyarrow(path, data_page_version=version, data_page_size=200, write_batch_size=16, dictionary_pagesize_limit=500,
                   write_page_index=True)


def case_groups(path):
    return pyarrow(path, row_group_size=64, version="2.6")


def case_old(path):
    names = [name for name in types().column_names if not name.startswith("timestamp ns")]
    return pyarrow(path, types().select(names), version="1.0", use_compliant_nested_type=False)


def case_int96(path):
    times = {name: column for name, column in flat().items() if name.startswith("timestamp")}
    return pyarrow(path, pa.table(times), use_deprecated_int96_timestamps=True)


def case_short_decimals(path):
    table = pa.table({name: column for name, column in flat().items() if name.startswith("decimal")})
    return pyarrow(path, table, store_decimal_as_integer=True)


def case_encoding(path, encoding, version="1.0"):
    kinds = {
        "DELTA_BINARY_PACKED": lambda t: pa.types.is_integer(t) or pa.types.is_timestamp(t) or pa.types.is_date(t),
        "DELTA_LENGTH_BYTE_ARRAY": lambda t: t in (pa.string(), pa.binary()),
        "DELTA_BYTE_ARRAY": lambda t: t in (pa.string(), pa.binary(), pa.binary(5)),
        "BYTE_STREAM_SPLIT": lambda t: t in (pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.binary(5), pa.float16()),
        "RLE": lambda t: t == pa.bool_(),
    }
    flats = {n: c for n, c in flat().items() if kinds[encoding](c.type)}
    lists = {"list of " + n: pa.array([column[i * 3:i * 3 + i % 4].to_pylist() if i % 9 else None for i in range(200)],
                                      pa.list_(column.type))
             for n, column in list(flats.items())[:2] if column.type != pa.float16()}
    table = pa.table(flats)
    lists = pa.table(lists)
    encodings = {name: encoding for name in flats}
    if encoding == "RLE":
        return pyarrow(path, table, use_dictionary=False, data_page_version=version, column_encoding=encodings)
    whole = pa.table({**flats, **{n: pa.concat_arrays([c.combine_chunks(), pa.nulls(ROWS - 200, c.type)])
                                  for n, c in zip(lists.column_names, lists.columns)}})
    encodings |= {f"{name}.list.element": encoding for name in lists.column_names}
    return pyarrow(path, whole, use_dictionary=False, data_page_version=version, column_encoding=encodings)


def case_empty(path):
    return pyarrow(path, types().slice(0, 0))


def case_large(path):
    count = 60_000
    table = pa.table({
        "n": pa.array(nullable(range(count))),
        "few": pa.array([index // 1000 for index in range(count)]),
        "text": pa.array(texts(count)),
        "list": pa.array(nullable([list(range(index % 5)) for index in range(count)]), pa.list_(pa.int32())),
        "struct": pa.array(nullable([{"a": i, "b": str(i)} for i in range(count)])),
    })
    return pyarrow(path, table, data_page_size=50_000, row_group_size=35_000, compression="zstd")


def case_repeated(path, count):
    table = pa.table({"n": pa.array([7], pa.int64())}).take(pa.array([0] * 1000))
    with pq.ParquetWriter(path, table.schema, compression="zstd", write_page_index=False) as writer:
        writer.write_table(pa.concat_tables([table] * (int(count) // 1000)).combine_chunks(), row_group_size=int(count))
    return table.slice(0, 1)


def case_long_strings(path):
    long, short = "long " * 20_000, ["s"] * 1500
    table = pa.table({"dictionary": pa.array([long] * 1500 + short), "n": pa.array(range(3000)),
                      "list": pa.array([[long]] * 1500 + [short[:2]] * 1500)})
    pq.write_table(table, path, compression="zstd")
    return table.slice(0, 0)


def case_logical(path):
    ids = [uuid.UUID(int=random.getrandbits(128)) for _ in range(5)]
    table = pa.table({"id": pa.array([i.bytes for i in ids], pa.uuid()),
                      "json": pa.array(['{"a":1}'] * 5, pa.json_())})
    pq.write_table(table, path)
    return pa.table({"id": [str(i) for i in ids], "json": ['{"a":1}'] * 5})


def polars_frame():
    import polars as pl

    count = range(ROWS)
    return pl.DataFrame({
        "text": texts(),
        "category": pl.Series(texts(), dtype=pl.Categorical),
        "enum": pl.Series(nullable(["x", "y"] * (ROWS // 2)), dtype=pl.Enum(["x", "y", "z"])),
        "bytes": [b"%d" % i * (i % 5) for i in count],
        "i8": pl.Series(nullable([i % 256 - 128 for i in count]), dtype=pl.Int8),
        "u8": pl.Series(nullable([i % 256 for i in count]), dtype=pl.UInt8),
        "u64": pl.Series(nullable([2**64 - 1 - i for i in count]), dtype=pl.UInt64),
        "f32": pl.Series(nullable([i / 8 for i in count]), dtype=pl.Float32),
        "f64": nullable([i / 8 for i in count]),
        "bool": nullable([i % 2 == 0 for i in count]),
        "date": [datetime.date(1969, 12, 1) + datetime.timedelta(days=i) for i in count],
        "time": pl.Series([i * 10**9 for i in count], dtype=pl.Int64).cast(pl.Datetime("ns")),
        "zoned": pl.Series([i * 10**9 for i in count], dtype=pl.Int64).cast(pl.Datetime("ms", "Asia/Tokyo")),
        "decimal": pl.Series(nullable([decimal.Decimal(i) / 4 for i in count]), dtype=pl.Decimal(20, 2)),
        "list": nullable([["more than twelve bytes", None, "x"][: i % 4] for i in count]),
        "lists": [[[i], []][: i % 3] for i in count],
        "array": pl.Series([[i, -i] for i in count], dtype=pl.Array(pl.Int16, 2)),
        "struct": [{"a": i, "b": {"c": str(i)}} for i in count],
        "structs": [[{"a": j, "b": None if j else "z"} for j in range(i % 3)] for i in count],
    })


def case_polars(path, codec="zstd"):
    frame = polars_frame()
    frame.write_parquet(path, compression=codec, row_group_size=300, data_page_size=1000)
    return frame.to_arrow()


def case_duckdb(path, options=""):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')")
    select = """
        SELECT i, i::UTINYINT AS u8, i::USMALLINT AS u16, i::UINTEGER AS u32, i::UBIGINT AS u64, (-i)::TINYINT AS i8,
          CASE WHEN i % 7 > 0 THEN (i / 8)::DOUBLE END AS d, (i / 8)::FLOAT AS f,
          CASE WHEN i % 3 > 0 THEN 'row ' || i END AS s, 'word ' || (i % 5) AS w, 'a constant' AS c,
          ['sad', 'ok', 'happy'][i % 3 + 1]::mood AS m, i::DECIMAL(4, 1) AS p4, i::DECIMAL(9, 2) AS p9,
          i::DECIMAL(18, 3) AS p18, (i::DECIMAL(38, 2) * 1000000000) AS p38,
          TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS t, TIMESTAMPTZ '2024-01-01' AS z,
          DATE '1960-01-01' + i::INTEGER AS day, [i, NULL] AS l, CASE WHEN i % 4 > 0 THEN {'a': i, 'b': 'x'} END AS st,
          MAP {'k': i} AS mp, [{'a': [i], 'b': NULL}] AS deep, encode('b' || i) AS b, i % 2 = 0 AS even
        FROM range(120) t(i)"""
    table = connection.sql(select).to_arrow_table()
    connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet {options})")
    return table


UNREAD = {
    "time": pa.array([1], pa.time64("us")),
    "time32": pa.array([1], pa.time32("ms")),
}


def case_unread(path, name):
    table = pa.table({"good": [1], "bad": UNREAD[name]})
    pq.write_table(table, path)
    return table.select(["good"])


def case_unread_codec(path, codec):
    table = pa.table({"a": [1]})
    pq.write_table(table, path, compression=codec)
    return table


def main():
    case, path, expected = sys.argv[1:]
    name, *arguments = case.split(":")
    table = globals()["case_" + name](path, *arguments)
    with open(expected, "w") as file:
        file.write("\n".join(canonical.lines(table)))


main()
