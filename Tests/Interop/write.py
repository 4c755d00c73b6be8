"""Writes a stream or a file as other programs do, and the rows that must be read from it.

write.py CASE OUTPUT EXPECTED
"""

import datetime
import decimal
import random
import sys

import pyarrow as pa

import canonical

random.seed(7)
ROWS = 70


def nullable(values):
    return [None if random.random() < 0.2 else value for value in values]


def integers(kind, low, high):
    values = [random.randint(low, high) for _ in range(ROWS - 2)] + [low, high]
    return pa.array(nullable(values), kind)


def texts():
    return nullable([random.choice(["", "a", "é", "twelve bytes", "more than twelve bytes"])
                     for _ in range(ROWS)])


def ticks(kind):
    return pa.array(nullable([random.randint(-10**9, 10**9) for _ in range(ROWS)]), pa.int64()).cast(kind)


def numbers(kind):
    return pa.array(nullable([random.randint(-800, 800) / 8 for _ in range(ROWS)]), pa.float64()).cast(kind)


def decimals(kind):
    digits = min(kind.precision, 38)
    with decimal.localcontext(prec=76):
        values = [decimal.Decimal(random.randrange(-10**digits + 1, 10**digits)).scaleb(-kind.scale)
                  for _ in range(ROWS)]
        return pa.array(nullable(values), kind)


def nested():
    struct = pa.struct([("a", pa.int32()), ("b", pa.large_list(pa.string_view()))])
    values = [{"a": index, "b": [None, "x" * index]} for index in range(ROWS)]
    return {
        "list": pa.array(nullable([[1, None, 3][: i % 4] for i in range(ROWS)]), pa.list_(pa.int64())),
        "large list": pa.array(nullable([["a"] * (i % 3) for i in range(ROWS)]), pa.large_list(pa.large_string())),
        "fixed list": pa.array(nullable([[i, None, i * 2] for i in range(ROWS)]), pa.list_(pa.uint16(), 3)),
        "struct": pa.array(nullable(values), struct),
        "map": pa.array(nullable([[("k%d" % j, j) for j in range(i % 3)] for i in range(ROWS)]),
                        pa.map_(pa.string(), pa.uint8())),
        "list of dictionaries": pa.array(nullable([["x", "y", None][: i % 4] for i in range(ROWS)]),
                                         pa.list_(pa.string())).cast(pa.list_(pa.dictionary(pa.int8(), pa.string()))),
    }


def flat():
    columns = {}
    for bits in (8, 16, 32, 64):
        columns[f"int{bits}"] = integers(f"int{bits}", -2 ** (bits - 1), 2 ** (bits - 1) - 1)
        columns[f"uint{bits}"] = integers(f"uint{bits}", 0, 2**bits - 1)
    for kind in ("float16", "float32", "float64"):
        columns[kind] = numbers(kind)
    for kind in (pa.decimal32(9, 2), pa.decimal64(18, 0), pa.decimal128(38, 10), pa.decimal256(50, 3)):
        columns[str(kind)] = decimals(kind)
    for unit in ("s", "ms", "us", "ns"):
        columns[f"timestamp {unit}"] = ticks(pa.timestamp(unit))
        columns[f"timestamp {unit} in a zone"] = ticks(pa.timestamp(unit, "Europe/Paris"))
        columns[f"duration {unit}"] = ticks(pa.duration(unit))
    columns["date32"] = pa.array(nullable(list(range(-30, ROWS - 30))), pa.int32()).cast(pa.date32())
    columns["date64"] = columns["date32"].cast(pa.date64())
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        columns[str(kind)] = pa.array(texts(), kind)
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        columns[str(kind)] = pa.array([None if s is None else s.encode() for s in texts()], kind)
    columns["fixed binary"] = pa.array(nullable([b"%05d" % i for i in range(ROWS)]), pa.binary(5))
    columns["bool"] = pa.array(nullable([i % 3 == 0 for i in range(ROWS)]))
    columns["null"] = pa.nulls(ROWS)
    for index in ("int8", "uint16", "int32", "uint64"):
        columns[f"dictionary {index}"] = pa.array(texts()).dictionary_encode().cast(
            pa.dictionary(index, pa.string()))
    columns["dictionary of integers"] = integers("int32", 1, 9).dictionary_encode()
    columns["dictionary with a null"] = pa.DictionaryArray.from_arrays(
        pa.array([i % 3 for i in range(ROWS)], pa.int8()), pa.array(["a", None, "c"]))
    return columns


def types():
    return pa.table({**flat(), **nested()})


def write_stream(table, path, **options):
    with pa.OSFile(path, "wb") as file:
        with pa.ipc.new_stream(file, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as stream:
            stream.write_table(table)


def case_stream(path):
    table = types()
    write_stream(table, path)
    return table


def case_zstd(path):
    table = types()
    write_stream(table, path, compression="zstd")
    return table


def case_lz4(path):
    table = types()
    write_stream(table, path, compression="lz4")
    return table


def case_slices(path):
    table = types()
    parts = [table.slice(3, 20), table.slice(63, 5), table.slice(0, 0), table.slice(11)]
    with pa.OSFile(path, "wb") as file:
        with pa.ipc.new_stream(file, table.schema,
                               options=pa.ipc.IpcWriteOptions(unify_dictionaries=False)) as out:
            for part in parts:
                out.write_table(part)
    return pa.concat_tables(parts)


def dictionaries(path, deltas):
    words = ["a", "b", "c", "d", "e", "f"]
    chunks = []
    for count in (2, 4, 6):
        values = words[:count] if deltas else words[6 - count:]
        chunks.append(pa.DictionaryArray.from_arrays(
            pa.array([i % count for i in range(10)] + [None], pa.int8()), pa.array(values)))
    table = pa.table({"d": pa.chunked_array(chunks)})
    write_stream(table, path, emit_dictionary_deltas=deltas)
    return table


def case_replaced_dictionaries(path):
    return dictionaries(path, deltas=False)


def case_delta_dictionaries(path):
    return dictionaries(path, deltas=True)


def case_file(path):
    table = types()
    table = table.replace_schema_metadata({"a": "b"})
    with pa.OSFile(path, "wb") as file:
        with pa.ipc.new_file(file, table.schema) as out:
            out.write_table(table, max_chunksize=32)
    return table


def case_feather(path):
    import pyarrow.feather

    table = pa.table(flat())
    pyarrow.feather.write_feather(table, path)
    return table


def polars_frame():
    import polars as pl

    count = range(ROWS)
    return pl.DataFrame({
        "text": texts(),
        "category": pl.Series(texts(), dtype=pl.Categorical),
        "enum": pl.Series(nullable(["x", "y"] * (ROWS // 2)), dtype=pl.Enum(["x", "y", "z"])),
        "bytes": [b"%d" % i * (i % 5) for i in count],
        "u8": pl.Series(nullable([i for i in count]), dtype=pl.UInt8),
        "u64": pl.Series(nullable([2**64 - 1 - i for i in count]), dtype=pl.UInt64),
        "f32": pl.Series(nullable([i / 8 for i in count]), dtype=pl.Float32),
        "bool": nullable([i % 2 == 0 for i in count]),
        "null": [None for _ in count],
        "date": [datetime.date(1969, 12, 1) + datetime.timedelta(days=i) for i in count],
        "time": pl.Series([i * 10**9 for i in count], dtype=pl.Int64).cast(pl.Datetime("ns")),
        "zoned": pl.Series([i * 10**9 for i in count], dtype=pl.Int64).cast(pl.Datetime("ms", "Asia/Tokyo")),
        "duration": pl.Series([-i for i in count], dtype=pl.Int64).cast(pl.Duration("ms")),
        "decimal": pl.Series(nullable([decimal.Decimal(i) / 4 for i in count]), dtype=pl.Decimal(20, 2)),
        "list": [["more than twelve bytes", None, "x"][: i % 4] for i in count],
        "array": pl.Series([[i, -i] for i in count], dtype=pl.Array(pl.Int16, 2)),
        "struct": [{"a": i, "b": {"c": str(i)}} for i in count],
    })


def case_polars(path):
    frame = polars_frame()
    frame.write_ipc_stream(path)
    return frame.to_arrow()


def case_polars_zstd(path):
    frame = polars_frame()
    frame.write_ipc_stream(path, compression="zstd")
    return frame.to_arrow()


def case_polars_file(path):
    frame = polars_frame()
    frame.write_ipc(path, compression="lz4")
    return frame.to_arrow()


def case_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')")
    table = connection.execute("""
        SELECT i, i::UTINYINT AS u8, i::UBIGINT AS u64, (i / 8)::DOUBLE AS d, 'row ' || i AS s,
          ['sad', 'ok', 'happy'][i % 3 + 1]::mood AS m, i::DECIMAL(9, 2) AS p,
          TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS t, TIMESTAMPTZ '2024-01-01' AS z,
          DATE '1960-01-01' + i::INTEGER AS day, [i, NULL] AS l, {'a': i, 'b': 'x'} AS st,
          MAP {'k': i} AS mp, encode('b' || i) AS b, i % 2 = 0 AS even
        FROM range(70) t(i)""").to_arrow_table()
    write_stream(table, path)
    return table


def case_pandas_metadata(path):
    table = pa.table({"a": [1, 2]}).replace_schema_metadata({"pandas": "{}"})
    write_stream(table, path)
    return table


UNREAD = {
    "time": pa.array([1], pa.time64("us")),
    "interval": pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
    "runs": pa.RunEndEncodedArray.from_arrays([1], ["a"]),
    "union": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
    "list view": pa.array([[1]], pa.list_view(pa.int8())),
    "dictionary of lists": pa.DictionaryArray.from_arrays(pa.array([0]), pa.array([[1]])),
}


def case_unread(path, name):
    table = pa.table({"good": [1], "bad": UNREAD[name]})
    write_stream(table, path)
    return table.select(["good"])


def main():
    case, path, expected = sys.argv[1:]
    name, _, argument = case.partition(":")
    table = globals()["case_" + name](path, *([argument] if argument else []))
    with open(expected, "w") as file:
        file.write("\n".join(canonical.lines(table)))


main()
