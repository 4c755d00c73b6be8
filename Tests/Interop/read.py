"""Reads a stream that we wrote and prints its rows: read.py pyarrow|polars|duckdb STREAM"""

import sys

import pyarrow as pa

import canonical


def with_pyarrow(path):
    table = pa.ipc.open_stream(path).read_all()
    table.validate(full=True)
    return table


def with_polars(path):
    import polars

    return polars.read_ipc_stream(path).to_arrow()


def with_duckdb(path):
    import duckdb

    rows = pa.ipc.open_stream(path)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.execute("SELECT * FROM rows").to_arrow_table()


def main():
    reader, path = sys.argv[1:]
    table = globals()["with_" + reader](path)
    print("\n".join(canonical.lines(table)))


main()
