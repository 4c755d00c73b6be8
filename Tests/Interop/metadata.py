"""Prints the metadata of a stream's schema and of its batches: metadata.py STREAM"""

import sys

import pyarrow as pa


def pairs(metadata):
    items = (metadata or {}).items()
    return " ".join(f"{key.decode()}={value.decode()}" for key, value in items)


with open(sys.argv[1], "rb") as file:
    stream = pa.ipc.open_stream(file)
    print(pairs(stream.schema.metadata))
    while True:
        try:
            batch, metadata = stream.read_next_batch_with_custom_metadata()
        except StopIteration:
            break
        print(batch.num_rows, pairs(metadata))
