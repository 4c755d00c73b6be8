import CKernels
import Columnar

/// `split(text, delimiter[, limit])` at a literal text.
///
/// A limit above 0 bounds the parts; the last one takes the rest.
enum Split {
  static func kernel(at delimiter: [UInt8]) -> Kernel {
    Kernel { arguments in
      let texts = arguments.strings(0)
      let limits = arguments.count > 1 ? arguments.int32s(1) : nil
      let length = arguments[0].isConstant ? texts.length(0) : texts.strings.totalLength
      var parts = PartsBuilder(byteCapacity: length, rowCapacity: arguments.rowCount)
      let offsets = RowTarget<Int32>(count: arguments.rowCount + 1)
      offsets[0] = 0
      let valid = try arguments.eachRow { row in
        let text = texts[row]
        let limit = limits.map { Int($0[row]) } ?? -1
        if limit > 0 || delimiter.count != 1 {
          append(text, delimiter, limit, to: &parts)
        } else {
          parts.append(text, splitAt: delimiter[0])
        }
        guard parts.bytes.count <= Int(Int32.max) else { throw RowFailure(row: row, .tooLarge) }
        offsets[row + 1] = Int32(truncatingIfNeeded: parts.count)
        return true
      } null: { row in
        offsets[row + 1] = Int32(truncatingIfNeeded: parts.count)
      }
      let elements = Column(.string, .bytes(parts.take()))
      return Column(
        arguments.type, .list(offsets: offsets.buffer, elements: elements), validity: valid)
    }
  }

  private static func append(
    _ text: Span<UInt8>, _ delimiter: [UInt8], _ limit: Int, to parts: inout PartsBuilder
  ) {
    if delimiter.isEmpty { return appendCharacters(text, limit, to: &parts) }
    var start = 0
    var count = 1
    while count != limit, let next = text.offset(of: delimiter.span, from: start) {
      parts.append(text.extracting(start..<next))
      start = next + delimiter.count
      count += 1
    }
    parts.append(text.extracting(start..<text.count))
  }

  /// An empty delimiter parts all characters.
  private static func appendCharacters(
    _ text: Span<UInt8>, _ limit: Int, to parts: inout PartsBuilder
  ) {
    var start = 0
    var count = 1
    while start < text.count {
      var end = start + 1
      while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
      if count == limit { end = text.count }
      parts.append(text.extracting(start..<end))
      start = end
      count += 1
    }
    if text.count == 0 { parts.append(text) }
  }
}

/// The parts of all texts, one after the other, without what stood between them.
private struct PartsBuilder: ~Copyable {
  var bytes: MutableBuffer<UInt8>
  private var offsets: MutableBuffer<Int32>

  init(byteCapacity: Int, rowCapacity: Int) {
    bytes = MutableBuffer(capacity: byteCapacity)
    offsets = MutableBuffer(capacity: max(rowCapacity * 4, byteCapacity / 8) + 1)
    offsets.append(0)
  }

  var count: Int { offsets.count - 1 }

  mutating func append(_ part: Span<UInt8>) {
    bytes.append(short: part)
    offsets.append(Int32(truncatingIfNeeded: bytes.count))
  }

  /// 64 bytes at a time: a mask says where the delimiters are.
  @inline(__always)
  mutating func append(_ text: Span<UInt8>, splitAt delimiter: UInt8) {
    let count = text.count
    bytes.reserve(count)
    unsafe text.withUnsafeBytes { source in
      guard let raw = source.baseAddress else { return }
      // SAFETY: 64 bytes behind a column's bytes may be read, and written behind a buffer's
      // capacity (`Memory.slack`); all parts together are no longer than the text.
      let from = unsafe raw.assumingMemoryBound(to: UInt8.self)
      let target = unsafe bytes.pointer
      var end = bytes.count
      var start = 0
      for block in stride(from: 0, to: count, by: 64) {
        var mask = unsafe kernel_mask_equal_64(from + block, delimiter)
        if count &- block < 64 { mask &= 1 &<< UInt64(truncatingIfNeeded: count &- block) &- 1 }
        offsets.reserve(64)
        while mask != 0 {
          let place = block &+ mask.trailingZeroBitCount
          unsafe PartsBuilder.copy(from + start, target + end, place &- start)
          end &+= place &- start
          unsafe offsets.appendUnchecked(Int32(truncatingIfNeeded: end))
          start = place &+ 1
          mask &= mask &- 1
        }
      }
      unsafe PartsBuilder.copy(from + start, target + end, count &- start)
      unsafe bytes.setCount(end &+ count &- start)
    }
    offsets.append(Int32(truncatingIfNeeded: bytes.count))
  }

  @inline(__always)
  private static func copy(
    _ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    let (from, to) = unsafe (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
    if count <= 16 {
      let chunk = unsafe from.loadUnaligned(as: SIMD16<UInt8>.self)
      unsafe to.storeBytes(of: chunk, as: SIMD16<UInt8>.self)
    } else {
      unsafe to.copyMemory(from: from, byteCount: count)
    }
  }

  mutating func take() -> ByteStrings {
    ByteStrings(offsets: offsets.take(), bytes: bytes.take())
  }
}
