"""Reads a Parquet file that we wrote and prints its rows: parquet_read.py pyarrow|polars|duckdb FILE"""

import sys

import canonical


def with_pyarrow(path):
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path, page_checksum_verification=True)
    table.validate(full=True)
    metadata = pyarrow.parquet.read_metadata(path)
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            assert chunk.statistics is not None and chunk.statistics.null_count is not None
    return table


def with_polars(path):
    import polars

    return polars.read_parquet(path).to_arrow()


def with_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.sql(f"SELECT * FROM '{path}'").to_arrow_table()


def main():
    reader, path = sys.argv[1:]
    table = globals()["with_" + reader](path)
    print("\n".join(canonical.lines(table)))


main()
