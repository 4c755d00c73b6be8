import Columnar

/// The table `RecordBatch` and the body that it describes.
struct BatchBody: Sendable {
  enum Codec: Sendable {
    case none
    case lz4
    case zstd
  }

  let rowCount: Int
  let bytes: Buffer<UInt8>
  let codec: Codec
  /// Rows that a node may have: no more than its bytes can hold, if it takes any, so that a few
  /// bytes of metadata cannot ask for memory without end.
  let rowLimit: Int
  let nodes: FlatVector
  let buffers: FlatVector
  private let variadicCounts: FlatVector?

  /// Rows that may come without a byte behind them (of type void, or structs of nothing).
  static let bodilessRowLimit = 1 << 24

  /// - Parameter plan: of all columns together.
  init(
    _ table: FlatTable, body: Buffer<UInt8>, plan: StreamPlan
  ) throws(ArrowError) {
    let length = try table.scalar(0, default: Int64(0))
    guard let nodes = try table.vector(1, stride: 16), let buffers = try table.vector(2, stride: 16)
    else { throw .malformed("a batch does not describe its columns") }
    let variadic = try table.vector(4, stride: 8)
    (self.nodes, self.buffers, variadicCounts) = (nodes, buffers, variadic)
    bytes = body
    codec = try BatchBody.codec(table)
    guard nodes.count >= plan.nodeCount, buffers.count >= plan.bufferCount else {
      throw .malformed("a batch has fewer columns than its schema")
    }
    let rawByteCount =
      codec == .none ? body.count : try BatchBody.rawByteCount(buffers, codec, body)
    rowLimit = max(BatchBody.bodilessRowLimit, rawByteCount * 8)
    guard length >= 0, length <= rowLimit, length < Int32.max else {
      throw .malformed("a batch of \(body.count) bytes claims to have \(length) rows")
    }
    rowCount = Int(length)
  }

  private static func codec(_ table: FlatTable) throws(ArrowError) -> Codec {
    guard let compression = try table.table(3) else { return .none }
    guard try compression.scalar(1, default: Int8(0)) == 0 else {
      throw .malformed("a batch is compressed as a whole, which is not read")
    }
    switch try compression.scalar(0, default: Int8(0)) {
    case 0: return .lz4
    case 1: return .zstd
    default: throw .malformed("a batch is compressed in an unknown way")
    }
  }

  /// How many bytes the buffers have when they are decompressed, all together.
  private static func rawByteCount(
    _ buffers: FlatVector, _ codec: Codec, _ body: Buffer<UInt8>
  ) throws(ArrowError) -> Int {
    var total = 0
    for index in 0..<buffers.count {
      let offset: Int64 = try buffers.scalar(index)
      let length: Int64 = try buffers.scalar(index, at: 8)
      guard length > 0, offset >= 0, offset <= body.count else { continue }
      let raw = try body.load(Int64.self, at: Int(offset))
      guard raw >= -1, raw <= MessageHeader.maxBodyLength else {
        throw .malformed("a compressed buffer claims to hold \(raw) bytes")
      }
      total += raw == -1 ? Int(min(length, Int64(body.count))) : Int(raw)
      guard total <= MessageHeader.maxBodyLength else {
        throw .malformed("a compressed batch holds more than 2 GiB")
      }
    }
    return total
  }

  func node(_ index: Int) throws(ArrowError) -> (count: Int, nullCount: Int) {
    let length: Int64 = try nodes.scalar(index)
    let nulls: Int64 = try nodes.scalar(index, at: 8)
    guard length >= 0, length <= rowLimit, length < Int32.max else {
      throw .malformed("a batch of \(bytes.count) bytes claims to have \(length) values")
    }
    return (Int(length), Int(max(0, min(nulls, length))))
  }

  func variadicCount(_ index: Int) throws(ArrowError) -> Int {
    guard let variadicCounts, index < variadicCounts.count else {
      throw .malformed("a batch does not say how many buffers its views have")
    }
    let count: Int64 = try variadicCounts.scalar(index)
    guard count >= 0, count <= buffers.count else {
      throw .malformed("a batch says that a column has \(count) buffers")
    }
    return Int(count)
  }

  /// A buffer as it stands in the body, or decompressed.
  func buffer(_ index: Int, _ decompressor: Decompressor) throws(ArrowError) -> BodyBuffer {
    guard index < buffers.count else { throw .malformed("a batch lacks a buffer") }
    let offset: Int64 = try buffers.scalar(index)
    let length: Int64 = try buffers.scalar(index, at: 8)
    guard offset >= 0, length >= 0, offset <= bytes.count, length <= Int64(bytes.count) - offset
    else { throw .malformed("a buffer passes the end of its message") }
    let (start, count) = (Int(offset), Int(length))
    if codec == .none || count == 0 { return BodyBuffer(block: bytes, start: start, count: count) }
    let raw = try bytes.load(Int64.self, at: start)
    guard count >= 8 else { throw .malformed("a compressed buffer lacks its length") }
    if raw == -1 { return BodyBuffer(block: bytes, start: start + 8, count: count - 8) }
    let block = try decompressor.decompress(
      bytes[start + 8..<start + count], codec, rawByteCount: Int(raw))
    return BodyBuffer(block: block, start: 0, count: Int(raw))
  }
}

/// A part of a body, or of what was decompressed from it.
struct BodyBuffer {
  let block: Buffer<UInt8>
  let start: Int
  let count: Int

  /// The first `count` values.
  ///
  /// - Returns: nil when there are fewer.
  func values<Value: BitwiseCopyable>(_: Value.Type, _ count: Int) -> Buffer<Value>? {
    guard count <= self.count / MemoryLayout<Value>.stride else { return nil }
    return Buffer(block, byteOffset: start, count: count)
  }

  /// The first `count` bits.
  ///
  /// - Returns: nil when there are fewer.
  func bits(_ count: Int) -> Bitmap? {
    guard count <= self.count * 8 else { return nil }
    let wordCount = Bitmap.wordCount(count)
    if let words = Buffer<UInt64>(block, byteOffset: start, count: wordCount) {
      return Bitmap(words: words, count: count)
    }
    // The block ends within the last word.
    let bytes = block[start..<start + (count + 7) / 8].span
    let words = Buffer<UInt64>(count: wordCount) { output in
      for first in stride(from: 0, to: bytes.count, by: 8) {
        var word: UInt64 = 0
        for index in first..<min(first + 8, bytes.count) {
          word |= UInt64(bytes[index]) << UInt64(8 * (index - first))
        }
        output.append(word)
      }
    }
    return Bitmap(words: words, count: count)
  }

  /// Its bytes from an offset on.
  func bytes(from offset: Int) -> Buffer<UInt8> { block[start + offset..<start + count] }
}
