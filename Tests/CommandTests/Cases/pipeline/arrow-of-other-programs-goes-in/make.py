import sys
import pyarrow as pa

table = pa.table({
    "small": pa.array([1, None, 3], pa.int8()),
    "text": pa.array(["a", "b", None], pa.large_string()),
    "word": pa.array(["x", "y", "x"]).dictionary_encode(),
    "list": pa.array([[1, 2], [], None]),
    "when": pa.array([0, 1, None], pa.timestamp("s")),
    "flag": pa.array([True, False, None]),
})
with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as writer:
    writer.write_table(table)
