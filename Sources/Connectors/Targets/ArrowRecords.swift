internal import ArrowIPC
package import Columnar
internal import Diagnostics
internal import Formats

/// An Arrow IPC stream, for the programs of others: batches alone, without epochs.
package struct ArrowRecords: RecordWriter {
  private let sink: MemorySink
  private let stream: ArrowStreamWriter
  private let compression: BodyCompression
  private let continuesStream: Bool

  /// - Parameters:
  ///   - isCompressed: with zstd, as files should be.
  ///   - continuesStream: batches go behind those of a stream that has begun and not ended.
  package init(isCompressed: Bool, continuesStream: Bool = false) {
    self.continuesStream = continuesStream
    sink = MemorySink()
    stream = ArrowStreamWriter(sink)
    compression = isCompressed ? .zstd(level: 1) : .none
  }

  package mutating func begin(_ schema: Schema, into bytes: inout MutableBuffer<UInt8>) {
    // Memory takes everything: there is nothing to fail.
    try? stream.begin(schema)
    if continuesStream { _ = sink.take() } else { drain(into: &bytes) }
  }

  package mutating func write(_ batch: Batch, into bytes: inout MutableBuffer<UInt8>) throws {
    do throws(ArrowError) {
      try stream.write(batch, compression: compression)
    } catch {
      throw StreamError(.usage, error.message)
    }
    drain(into: &bytes)
  }

  package mutating func end(into bytes: inout MutableBuffer<UInt8>) {
    try? stream.end()
    drain(into: &bytes)
  }

  private func drain(into bytes: inout MutableBuffer<UInt8>) {
    bytes.append(contentsOf: sink.take().span)
  }
}
