import Columnar
import Glibc

/// The buffers of a batch in the order of the format, and where they will stand in its body.
///
/// Nothing is copied but what a slice forces to be made anew: offsets that do not begin at 0.
/// The batch must live as long as its pointers are used.
@safe struct BodyLayout {
  /// Lengths and null counts in turn.
  private(set) var nodes: [Int64] = []
  /// One for each buffer of the format, without padding.
  private(set) var buffers: [UnsafeRawBufferPointer] = unsafe []
  /// Keep alive what was made anew.
  private var offsets: [Buffer<Int32>] = []
  private var columns: [Column] = []

  /// Whether there is anything to compress.
  var holdsBytes: Bool { unsafe buffers.contains { unsafe !$0.isEmpty } }

  mutating func reset() {
    nodes.removeAll(keepingCapacity: true)
    unsafe buffers.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    columns.removeAll(keepingCapacity: true)
  }

  mutating func append(_ column: Column) {
    nodes.append(Int64(column.count))
    nodes.append(Int64(column.nullCount))
    if case .void = column.storage { return }
    append(bits: column.validity)
    switch column.storage {
    case .void: break
    case .boolean(let bits): append(bits: bits)
    case .int8(let values): unsafe buffers.append(values.rawBytes)
    case .int16(let values): unsafe buffers.append(values.rawBytes)
    case .int32(let values): unsafe buffers.append(values.rawBytes)
    case .int64(let values): unsafe buffers.append(values.rawBytes)
    case .float(let values): unsafe buffers.append(values.rawBytes)
    case .double(let values): unsafe buffers.append(values.rawBytes)
    case .decimal(let values): unsafe buffers.append(values.rawBytes)
    case .bytes(let strings): append(strings)
    case .list(let offsets, let elements): append(offsets, elements)
    case .structure(let fields, _): for field in fields { append(field) }
    }
  }

  /// Exactly ceil(count / 8) bytes; none for a bitmap that is not there.
  private mutating func append(bits: Bitmap?) {
    guard let bits else {
      unsafe buffers.append(UnsafeRawBufferPointer(start: nil, count: 0))
      return
    }
    unsafe buffers.append(
      UnsafeRawBufferPointer(rebasing: bits.words.rawBytes[..<((bits.count + 7) / 8)]))
  }

  private mutating func append(_ strings: ByteStrings) {
    let first = Int(strings.offsets[0])
    append(offsets: strings.offsets)
    let bytes = strings.bytes[first..<first + strings.totalLength]
    unsafe buffers.append(bytes.rawBytes)
  }

  private mutating func append(_ offsets: Buffer<Int32>, _ elements: Column) {
    append(offsets: offsets)
    let range = Int(offsets[0])..<Int(offsets[offsets.count - 1])
    let part = elements[range]
    // A part's bitmaps may have been made for it.
    if range.count < elements.count { columns.append(part) }
    append(part)
  }

  private mutating func append(offsets source: Buffer<Int32>) {
    let first = source[0]
    if first == 0 {
      unsafe buffers.append(source.rawBytes)
      return
    }
    let span = source.span
    let rebased = Buffer<Int32>(count: source.count) { output in
      for index in span.indices { output.append(span[index] &- first) }
    }
    offsets.append(rebased)
    unsafe buffers.append(rebased.rawBytes)
  }
}
