"""Reads Parquet files with pyarrow on one thread, and makes those files.

  parquet.py make FILE CODEC | read FILE COLUMN…     read prints the best seconds of three
"""
import os
import sys
import time

ROWS = 4_000_000
COLUMNS = ["id", "few", "any", "maybe", "f", "ts", "word", "text", "b", "list", "struct"]


def make(path, codec):
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(7)
    words = pa.array([f"word{i}" for i in range(5000)])
    lengths = np.arange(ROWS) % 4
    table = pa.table({
        "id": np.arange(ROWS),
        "few": random.integers(0, 1000, ROWS),
        "any": random.integers(0, 2**60, ROWS),
        "maybe": pa.array(random.integers(0, 2**60, ROWS), mask=random.random(ROWS) < 0.1),
        "f": random.random(ROWS),
        "ts": pa.array(random.integers(0, 2**50, ROWS)).cast(pa.timestamp("us")),
        "word": words.take(pa.array(random.integers(0, 5000, ROWS))),
        "text": pa.array([f"some text {i}" for i in random.integers(0, 2**40, ROWS)]),
        "b": random.random(ROWS) < 0.5,
        "list": pa.ListArray.from_arrays(np.concatenate([[0], np.cumsum(lengths)]).astype("int32"),
                                         random.integers(0, 2**40, int(lengths.sum()))),
        "struct": pa.StructArray.from_arrays([pa.array(random.random(ROWS)), words.take(
            pa.array(random.integers(0, 5000, ROWS)))], ["x", "y"]),
    })
    pq.write_table(table, path + ".new", compression=codec)
    os.rename(path + ".new", path)


def read(path, *columns):
    import pyarrow.parquet as pq

    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for batch in pq.ParquetFile(path).iter_batches(16_384, columns=list(columns) or None, use_threads=False):
            pass
        best = min(best, time.process_time() - start)
    print(best)


globals()[sys.argv[1]](*sys.argv[2:])
