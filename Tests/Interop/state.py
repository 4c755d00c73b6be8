"""Prints what a file of a state holds, as any Arrow reader sees it.

Usage: state.py FILE
"""

import json
import sys

import pyarrow as pa

with open(sys.argv[1], "rb") as file:
    reader = pa.ipc.open_stream(file)
    print(json.dumps({k.decode(): v.decode() for k, v in sorted(reader.schema.metadata.items())}))
    while True:
        try:
            batch, metadata = reader.read_next_batch_with_custom_metadata()
        except StopIteration:
            break
        notes = {k.decode(): v.decode() for k, v in sorted(metadata.items())}
        if "stream.state.end" in notes:
            notes["stream.state.end"] = "rows: %d" % json.loads(notes["stream.state.end"])["rows"]
        print(json.dumps({"metadata": notes, "rows": batch.to_pylist()}, default=str))
