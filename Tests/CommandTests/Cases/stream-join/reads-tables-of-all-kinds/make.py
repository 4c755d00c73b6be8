import pyarrow as pa

table = pa.table({"name": pa.array(["one", "two"]).dictionary_encode(), "id": pa.array([1, 2], pa.int16())})
table = table.select(["id", "name"])
with pa.OSFile("t.arrow", "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
    writer.write_table(table)
