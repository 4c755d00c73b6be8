package import Columnar
import Glibc

/// Writes an Arrow IPC stream: little-endian, V5, buffers padded to 64 bytes, in the types that
/// every Arrow reader knows.
package final class ArrowStreamWriter {
  private let sink: any ByteSink
  private let encoder = BatchEncoder()
  private var schema = Schema([])
  /// What was written, in all.
  package private(set) var byteCount = 0

  package init(_ sink: any ByteSink) { self.sink = sink }

  /// Writes the schema; once, before everything else.
  package func begin(_ schema: Schema, metadata: [KeyValue] = []) throws(ArrowError) {
    self.schema = schema
    let message = SchemaEncoder.message(schema, metadata: metadata)
    try write(MessagePrefix.bytes(metadataLength: message.count) + message)
  }

  /// Writes rows; as several messages if one cannot hold them, each with the metadata.
  ///
  /// - Precondition: the batch has the schema of `begin`.
  package func write(
    _ batch: Batch, metadata: [KeyValue] = [], compression: BodyCompression = .none
  ) throws(ArrowError) {
    precondition(batch.schema == schema)
    if batch.byteCount > MessageHeader.maxBodyLength / 2, batch.rowCount > 1 {
      let middle = batch.rowCount / 2
      try write(batch[0..<middle], metadata: metadata, compression: compression)
      try write(batch[middle..<batch.rowCount], metadata: metadata, compression: compression)
      return
    }
    try unsafe encoder.encode(batch, metadata: metadata, compression: compression) {
      (total, pieces) throws(ArrowError) in
      unsafe try sink.write(pieces)
      byteCount += total
    }
  }

  /// Passes on what another stream sent, without a look at the values.
  ///
  /// - Parameter metadata: in place of the batch's own; nil to leave them as they are.
  /// - Returns: false, having written nothing, when its bytes are not in the form of this stream.
  package func pass(_ batch: ArrowBatch, metadata: [KeyValue]? = nil) throws(ArrowError) -> Bool {
    let body = batch.message.body
    guard batch.plan.isOurs, batch.body.codec != .lz4, batch.plan.schema == schema,
      body.count % 8 == 0
    else { return false }
    var head = batch.message.metadata
    if let metadata {
      var writer = FlatWriter()
      writer.write(try batch.body.description(metadata))
      head = Buffer(writer.bytes)
    }
    guard head.count % 8 == 0 else { return false }
    let prefix = Buffer(MessagePrefix.bytes(metadataLength: head.count))
    unsafe try sink.write([prefix, head, body].map { unsafe iovec($0) })
    withExtendedLifetime((prefix, head, body)) {}
    byteCount += prefix.count + head.count + body.count
    return true
  }

  /// Writes the end-of-stream mark.
  package func end() throws(ArrowError) { try write(MessagePrefix.endOfStream) }

  private func write(_ bytes: [UInt8]) throws(ArrowError) {
    let buffer = Buffer(bytes)
    unsafe try sink.write([iovec(buffer)])
    withExtendedLifetime(buffer) {}
    byteCount += bytes.count
  }
}

extension iovec {
  /// Valid while the buffer lives.
  @unsafe
  fileprivate init(_ buffer: Buffer<UInt8>) {
    unsafe self.init(
      iov_base: UnsafeMutableRawPointer(mutating: buffer.pointer), iov_len: buffer.count)
  }
}

extension BatchBody {
  /// What describes this body, with other metadata.
  fileprivate func description(_ metadata: [KeyValue]) throws(ArrowError) -> BatchDescription {
    BatchDescription(
      rowCount: rowCount, nodes: try nodes.words(), buffers: try buffers.words(), codec: codec,
      bodyLength: bytes.count, metadata: metadata)
  }
}

extension FlatVector {
  /// The pairs of 64-bit integers that it consists of.
  fileprivate func words() throws(ArrowError) -> [Int64] {
    var words: [Int64] = []
    for index in 0..<count {
      words.append(try scalar(index))
      words.append(try scalar(index, at: 8))
    }
    return words
  }
}
