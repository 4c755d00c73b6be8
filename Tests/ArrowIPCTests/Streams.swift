import ArrowIPC
import Columnar
import TestSupport

/// A schema of all the types, and one of their names each.
let everything = Schema(someTypes.enumerated().map { Field("c\($0) \($1)", $1) })

/// The bytes of a stream of these batches.
func stream(
  _ batches: [Batch], schema: Schema, compression: BodyCompression = .none,
  metadata: [KeyValue] = []
) throws -> Buffer<UInt8> {
  let sink = MemorySink()
  let writer = ArrowStreamWriter(sink)
  try writer.begin(schema, metadata: metadata)
  for (index, batch) in batches.enumerated() {
    try writer.write(batch, metadata: [KeyValue("n", String(index))], compression: compression)
  }
  try writer.end()
  return sink.take()
}

/// All batches of a stream, each column decoded.
func batches(_ bytes: Buffer<UInt8>, stepMax: Int = .max) throws -> [Batch] {
  let reader = try ArrowStreamReader(MemorySource(bytes, stepMax: stepMax))
  var batches: [Batch] = []
  while let batch = try reader.next() { batches.append(try batch.batch()) }
  return batches
}

func rows(_ batch: Batch) -> [[Value]] { (0..<batch.rowCount).map { batch.row($0) } }
