"""Evaluates expressions over Arrow batches with DuckDB on one thread, and makes these batches.

  expressions.py make FILE ROWS | run FILE WHERE SELECT     run prints the best CPU seconds of five
"""
import os
import sys
import time

BATCH = 16_384


def make(path, rows):
    import numpy as np
    import pyarrow as pa

    random, rows = np.random.default_rng(11), int(rows)
    words = pa.array([f"{a}{b}-{i % 97}" for i, (a, b) in enumerate(
        (a, b) for a in ("alpha", "beta", "gamma", "delta", "epsilon") for b in ("one", "two", "three", "four", "five") for _ in range(40))])
    sites = pa.array([f"https://example.org/shop/{i % 31}?page={i}&utm=mail{i % 7}&lang=en" if i % 3 else f"https://example.org/{i}"
                      for i in range(5000)])
    columns = {
        "a": pa.array(random.integers(-10**6, 10**6, rows)),
        "b": pa.array(random.integers(1, 1000, rows), mask=random.random(rows) < 0.05),
        "i": pa.array(random.integers(0, 10**5, rows).astype("int32")),
        "x": pa.array(random.random(rows) * 1000),
        "ts": pa.array(random.integers(1_700_000_000_000_000, 1_800_000_000_000_000, rows)).cast(pa.timestamp("us", "UTC")),
        "word": words.take(pa.array(random.integers(0, len(words), rows))),
        "url": sites.take(pa.array(random.integers(0, len(sites), rows))),
    }
    table = pa.table(columns)
    with pa.OSFile(path + ".new", "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table, max_chunksize=BATCH)
    os.rename(path + ".new", path)


def run(path, where, select):
    import duckdb
    import pyarrow as pa

    rows = pa.ipc.open_stream(pa.memory_map(path)).read_all()
    connection = duckdb.connect()
    connection.sql("SET threads = 1; SET TimeZone = 'UTC'")
    query = f"SELECT {select} FROM rows" + (f" WHERE {where}" if where else "")
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for batch in connection.sql(query).to_arrow_reader(BATCH):
            pass
        best = min(best, time.process_time() - start)
    print(best)


globals()[sys.argv[1]](*sys.argv[2:])
