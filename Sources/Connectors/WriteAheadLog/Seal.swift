internal import ArrowIPC
internal import Columnar

/// The empty batch behind a run of batches, whose metadata holds the checksum of the head and of the
/// run: what it follows is whole. To be one it has to be so to the byte.
final class Seal {
  static let key = "stream.seal"

  private let sink = MemorySink()
  private let stream: ArrowStreamWriter
  private let empty: Batch

  init(_ schema: Schema) throws(ArrowError) {
    stream = ArrowStreamWriter(sink)
    empty = Batch(empty: schema)
    try stream.begin(schema)
    _ = sink.take()
  }

  func bytes(_ sum: String) throws(ArrowError) -> Buffer<UInt8> {
    try stream.write(empty, metadata: [KeyValue(Seal.key, sum)])
    return sink.take()
  }
}
