package import Columnar
import Glibc

/// Reads an Arrow IPC file, whose footer says where its batches are. Arrow columnar format, "IPC
/// File Format".
package final class ArrowFile {
  static let magic = Array("ARROW1".utf8)

  package var schema: Schema { plan.schema }
  /// The schema's own metadata.
  package let metadata: [KeyValue]
  package var batchCount: Int { blocks.count }
  package let byteCount: Int

  private let storage: FileStorage
  let plan: StreamPlan
  private let blocks: [Block]
  private var dictionaries = Dictionaries()

  /// Where a message stands.
  private struct Block {
    let offset: Int
    /// Of the length, the metadata and the padding.
    let metadataLength: Int
    let bodyLength: Int
  }

  /// - Parameter descriptor: of a regular file; stays the caller's.
  /// - Throws: `ArrowError.foreign` when it does not begin as an Arrow file does.
  package convenience init(descriptor: Int32) throws(ArrowError) {
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else { throw .system(errno: errno, "cannot seek: \(describe(errno))") }
    try self.init(.descriptor(descriptor), byteCount: end)
  }

  /// A file that is in memory.
  convenience init(_ bytes: Buffer<UInt8>) throws(ArrowError) {
    try self.init(.memory(bytes), byteCount: bytes.count)
  }

  private init(_ storage: FileStorage, byteCount: Int) throws(ArrowError) {
    self.storage = storage
    self.byteCount = byteCount
    let footer = try ArrowFile.footer(storage, byteCount: byteCount)
    guard let table = try footer.table(1) else { throw .malformed("its footer has no schema") }
    let decoder = try SchemaDecoder(table)
    metadata = decoder.metadata
    plan = StreamPlan(schema: decoder.schema, columns: decoder.columns)
    blocks = try ArrowFile.blocks(footer, slot: 3)
    let plans = decoder.dictionaries.mapValues { StreamPlan(dictionary: $0) }
    for block in try ArrowFile.blocks(footer, slot: 2) {
      try dictionaries.update(with: message(block), plans: plans)
    }
  }

  /// - Parameter index: in `0..<batchCount`.
  package func batch(_ index: Int) throws(ArrowError) -> ArrowBatch {
    let message = try message(blocks[index])
    guard message.header.kind == MessageKind.recordBatch else {
      throw .malformed("a block of the file is no batch")
    }
    return try ArrowBatch(message, plan: plan, dictionaries: dictionaries)
  }

  /// At the end stand the footer, its length in 4 bytes, and the magic bytes.
  private static func footer(
    _ storage: FileStorage, byteCount: Int
  ) throws(ArrowError) -> FlatTable {
    let start = try storage.read(0..<min(8, byteCount))
    guard start.elements.starts(with: magic) else { throw .foreign(start.elements) }
    guard byteCount >= 18 else { throw .truncated("no footer") }
    let tail = try storage.read(byteCount - 10..<byteCount)
    guard tail.elements.suffix(6) == magic[...] else { throw .truncated("no footer") }
    let length = Int(try tail.load(Int32.self, at: 0))
    guard length > 0, length <= byteCount - 18 else {
      throw .malformed("its footer claims to have \(length) bytes")
    }
    return try FlatTable(root: storage.read(byteCount - 10 - length..<byteCount - 10))
  }

  private static func blocks(_ footer: FlatTable, slot: Int) throws(ArrowError) -> [Block] {
    guard let vector = try footer.vector(slot, stride: 24) else { return [] }
    var blocks: [Block] = []
    for index in 0..<vector.count {
      let offset: Int64 = try vector.scalar(index)
      let metadata: Int32 = try vector.scalar(index, at: 8)
      let body: Int64 = try vector.scalar(index, at: 16)
      guard offset >= 0, offset <= Int64.max / 4, metadata >= 8, body >= 0,
        body <= MessageHeader.maxBodyLength
      else { throw .malformed("its footer places a block outside of the file") }
      blocks.append(
        Block(offset: Int(offset), metadataLength: Int(metadata), bodyLength: Int(body)))
    }
    return blocks
  }

  private func message(_ block: Block) throws(ArrowError) -> Message {
    let bodyStart = block.offset + block.metadataLength
    guard bodyStart + block.bodyLength <= byteCount else {
      throw .malformed("its footer places a block outside of the file")
    }
    let head = try storage.read(block.offset..<bodyStart)
    let length = Int(try head.load(UInt32.self, at: 4))
    guard try head.load(UInt32.self, at: 0) == .max, length <= block.metadataLength - 8 else {
      throw .malformed("a block of the file does not begin with a message")
    }
    let metadata = head[8..<8 + length]
    let header = try MessageHeader(metadata)
    guard header.bodyLength <= block.bodyLength else {
      throw .malformed("a block of the file is shorter than its message")
    }
    let body = try storage.read(bodyStart..<bodyStart + header.bodyLength)
    return Message(header: header, metadata: metadata, body: body)
  }
}

/// What an Arrow file is read from.
private enum FileStorage {
  case descriptor(Int32)
  case memory(Buffer<UInt8>)

  /// - Parameter range: inside the file, as long as nobody cuts it off.
  func read(_ range: Range<Int>) throws(ArrowError) -> Buffer<UInt8> {
    switch self {
    case .memory(let bytes): return bytes[range]
    case .descriptor(let descriptor): return try FileStorage.read(descriptor, range)
    }
  }

  private static func read(
    _ descriptor: Int32, _ range: Range<Int>
  ) throws(ArrowError) -> Buffer<UInt8> {
    let memory = Memory(byteCount: range.count)
    var filled = 0
    while filled < range.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.mutableBytes[filled...])
      let count = unsafe pread(
        descriptor, rest.baseAddress, rest.count, range.lowerBound + filled)
      let code = errno
      if count < 0, code != EINTR {
        throw .system(errno: code, "cannot read: \(describe(code))")
      }
      if count == 0 { throw .truncated("the file has become shorter") }
      filled += max(0, count)
    }
    return memory.bytes
  }
}
