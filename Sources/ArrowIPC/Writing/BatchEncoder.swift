import Columnar
import Glibc

/// Turns batches into messages, whose memory is used again for the next.
@safe final class BatchEncoder {
  private var layout = BodyLayout()
  private var writer = FlatWriter()
  private lazy var zstd = ZstdEncoder()
  /// Offsets and lengths in turn.
  private var places: [Int64] = []
  private var body: [iovec] = unsafe []
  private(set) var bodyLength = 0
  /// Small bodies are gathered here, so that a message is one run of bytes.
  private var gathered = MutableBuffer<UInt8>(capacity: BatchEncoder.gatheredByteCount)

  private static let gatheredByteCount = 1 << 14
  private static let alignment = 64
  private static let padding = Buffer<UInt8>(repeating: 0, count: alignment)

  /// Calls `write` with the pieces of the batch's message.
  ///
  /// - Throws: what `write` throws; `.malformed` when a single message cannot hold the batch.
  func encode(
    _ batch: Batch, metadata: [KeyValue], compression: BodyCompression,
    _ write: (Int, [iovec]) throws(ArrowError) -> Void
  ) throws(ArrowError) {
    layout.reset()
    for column in batch.columns { layout.append(column) }
    let isCompressed = place(batch.rowCount == 0 ? .none : compression)
    guard bodyLength <= MessageHeader.maxBodyLength else {
      throw .malformed("a batch of \(bodyLength) bytes is too large for one message")
    }
    let description = BatchDescription(
      rowCount: batch.rowCount, nodes: layout.nodes, buffers: places,
      codec: isCompressed ? .zstd : .none, bodyLength: bodyLength, metadata: metadata)
    writer.write(description)
    try unsafe emit(write)
    withExtendedLifetime(batch) {}
  }

  /// Gives every buffer its place in the body.
  ///
  /// - Returns: whether the body is compressed.
  private func place(_ compression: BodyCompression) -> Bool {
    places.removeAll(keepingCapacity: true)
    unsafe body.removeAll(keepingCapacity: true)
    bodyLength = 0
    if case .zstd(let level) = compression, layout.holdsBytes {
      compress(level)
      return true
    }
    for index in unsafe layout.buffers.indices {
      let buffer = unsafe layout.buffers[index]
      let length = buffer.count
      places.append(Int64(bodyLength))
      places.append(Int64(length))
      unsafe appendPiece(buffer)
      let gap = -length & (BatchEncoder.alignment - 1)
      unsafe appendPiece(
        UnsafeRawBufferPointer(rebasing: BatchEncoder.padding.rawBytes[..<gap]))
      bodyLength += length + gap
    }
    return false
  }

  private func compress(_ level: Int) {
    zstd.removeAll()
    for index in unsafe layout.buffers.indices {
      let buffer = unsafe layout.buffers[index]
      places.append(Int64(zstd.bytes.count))
      places.append(Int64(unsafe zstd.append(buffer, level: level)))
      zstd.pad(to: BatchEncoder.alignment)
    }
    bodyLength = zstd.bytes.count
    unsafe appendPiece(UnsafeRawBufferPointer(start: zstd.bytes.pointer, count: bodyLength))
  }

  @unsafe
  private func appendPiece(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    unsafe body.append(
      iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count))
  }

  /// Hands the head and the body over.
  private func emit(
    _ write: (Int, [iovec]) throws(ArrowError) -> Void
  ) throws(ArrowError) {
    let head = MessagePrefix.bytes(metadataLength: writer.bytes.count)
    gathered.removeAll()
    gathered.append(contentsOf: head.span)
    gathered.append(contentsOf: writer.bytes.span)
    let isSmall = bodyLength <= BatchEncoder.gatheredByteCount
    if isSmall { unsafe gathered.append(contentsOf: body) }
    var pieces = unsafe [iovec(iov_base: gathered.pointer, iov_len: gathered.count)]
    if !isSmall { unsafe pieces.append(contentsOf: body) }
    let total = gathered.count + (isSmall ? 0 : bodyLength)
    unsafe try write(total, pieces)
  }
}

/// What stands before a message's metadata.
enum MessagePrefix {
  /// A mark and the length.
  static func bytes(metadataLength: Int) -> [UInt8] {
    [0xFF, 0xFF, 0xFF, 0xFF]
      + (0..<4).map { UInt8(truncatingIfNeeded: metadataLength >> (8 * $0)) }
  }

  static let endOfStream = bytes(metadataLength: 0)
}

/// What the metadata of a batch's message say.
struct BatchDescription {
  let rowCount: Int
  /// Lengths and null counts in turn.
  let nodes: [Int64]
  /// Offsets and lengths in turn.
  let buffers: [Int64]
  let codec: BatchBody.Codec
  let bodyLength: Int
  let metadata: [KeyValue]
}

extension FlatWriter {
  /// The table `Message` over `RecordBatch`, padded.
  mutating func write(_ batch: BatchDescription) {
    reset()
    let root = root()
    let parts = table(
      [
        .int64(3, Int64(batch.bodyLength)), .reference(2), .reference(4),
        .int16(0, MessageHeader.version), .int8(1, MessageKind.recordBatch),
      ], for: root)
    var members: [Member] = [.int64(0, Int64(batch.rowCount)), .reference(1), .reference(2)]
    if batch.codec != .none { members.append(.reference(3)) }
    let vectors = table(members, for: parts[0])
    structs(batch.nodes, count: batch.nodes.count / 2, for: vectors[0])
    structs(batch.buffers, count: batch.buffers.count / 2, for: vectors[1])
    if batch.codec != .none {
      _ = table([.int8(0, batch.codec == .lz4 ? 0 : 1)], for: vectors[2])
    }
    write(batch.metadata, for: parts[1])
    align(to: 8)
  }
}
