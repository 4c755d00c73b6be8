import Columnar

// MARK: - Offsets

extension Slots {
  /// Offsets of 32 bits, ascending from 0 or more.
  func offsets(_ buffer: BodyBuffer) throws(ArrowError) -> Buffer<Int32> {
    // A writer may leave the single offset of an empty column out.
    if count == 0 { return Buffer([0]) }
    let offsets = try values(Int32.self, buffer, count: count + 1)
    let span = offsets.span
    // The sign tells: of an offset, or of the distance between two that have none.
    var signs = span[0]
    for index in 1..<span.count { signs |= span[index] | (span[index] &- span[index - 1]) }
    guard signs >= 0 else { throw error("its offsets do not ascend") }
    return offsets
  }

  /// Offsets of 64 bits, narrowed.
  ///
  /// - Parameter base: what is subtracted; nil for the first offset itself.
  func largeOffsets(_ buffer: BodyBuffer, from base: Int64?) throws(ArrowError) -> Buffer<Int32> {
    if count == 0 { return Buffer([0]) }
    let offsets = try values(Int64.self, buffer, count: count + 1)
    let span = offsets.span
    var signs = span[0]
    for index in 1..<span.count { signs |= span[index] | (span[index] &- span[index - 1]) }
    guard signs >= 0 else { throw error("its offsets do not ascend") }
    let base = base ?? span[0]
    guard span[count] - base <= Int32.max else {
      throw error("more than 2 GiB in one batch are not read")
    }
    return Buffer(count: count + 1) { output in
      for index in span.indices { output.append(Int32(truncatingIfNeeded: span[index] - base)) }
    }
  }

  /// Offsets of values of one length.
  func evenOffsets(_ length: Int) throws(ArrowError) -> Buffer<Int32> {
    guard length == 0 || count <= Int(Int32.max) / length else {
      throw error("more than 2 GiB in one batch are not read")
    }
    return Buffer(count: count + 1) { output in
      for index in 0...count { output.append(Int32(index * length)) }
    }
  }
}

// MARK: - Strings of bytes

extension ColumnDecoder {
  mutating func byteStrings(_ plan: ColumnPlan, _ slots: Slots) throws(ArrowError) -> ByteStrings {
    switch plan.arrow {
    case .utf8(isLarge: true), .binary(isLarge: true): return try largeStrings(slots)
    case .utf8View, .binaryView: return try views(slots)
    case .fixedBinary(let length):
      let offsets = try slots.evenOffsets(length)
      let bytes = try slots.values(UInt8.self, nextBuffer(), count: slots.count * length)
      return ByteStrings(offsets: offsets, bytes: bytes)
    default:
      let offsets = try slots.offsets(nextBuffer())
      let bytes = try nextBuffer().bytes(from: 0)
      guard Int(offsets[slots.count]) <= bytes.count else { throw slots.passesEnd(bytes.count) }
      return ByteStrings(offsets: offsets, bytes: bytes)
    }
  }

  private mutating func largeStrings(_ slots: Slots) throws(ArrowError) -> ByteStrings {
    let wide = try nextBuffer()
    let offsets = try slots.largeOffsets(wide, from: nil)
    let data = try nextBuffer()
    // Narrowed offsets count from the first one.
    let first = slots.count == 0 ? 0 : Int(wide.values(Int64.self, 1)?[0] ?? 0)
    guard first <= data.count, Int(offsets[slots.count]) <= data.count - first else {
      throw slots.passesEnd(data.count)
    }
    return ByteStrings(offsets: offsets, bytes: data.bytes(from: first))
  }

  private mutating func views(_ slots: Slots) throws(ArrowError) -> ByteStrings {
    let views = try slots.values(UInt32.self, nextBuffer(), count: slots.count * 4)
    var data: [Buffer<UInt8>] = []
    for _ in 0..<(try nextVariadicCount()) { data.append(try nextBuffer().bytes(from: 0)) }
    return try StringViews(slots: slots, views: views, data: data).strings()
  }
}

/// Strings of up to 12 bytes stand in their view; of others the view tells in which of several
/// buffers they are, and where. Arrow columnar format, "Variable-size Binary View Layout".
private struct StringViews {
  let slots: Slots
  /// Four for each string.
  let views: Buffer<UInt32>
  let data: [Buffer<UInt8>]

  /// Like the offsets of its own form: a null has no bytes.
  func strings() throws(ArrowError) -> ByteStrings {
    let span = views.span
    var (total, wrong) = (0, Int?.none)
    let offsets = Buffer<Int32>(count: slots.count + 1) { output in
      output.append(0)
      for index in 0..<slots.count {
        if slots.isValid(index) {
          let length = Int(span[index * 4])
          if length > 12, !isInside(index, length) { wrong = wrong ?? index }
          total &+= length
        }
        output.append(Int32(truncatingIfNeeded: total))
      }
    }
    if let wrong { throw slots.error("row \(wrong): a view leads past the end of its data") }
    guard total <= Int32.max else { throw slots.error("its strings are longer than 2 GiB") }
    return ByteStrings(offsets: offsets, bytes: bytes(offsets, total))
  }

  private func isInside(_ index: Int, _ length: Int) -> Bool {
    let (number, start) = (Int(views[index * 4 + 2]), Int(views[index * 4 + 3]))
    return number < data.count && length <= data[number].count - start
  }

  private func bytes(_ offsets: Buffer<Int32>, _ total: Int) -> Buffer<UInt8> {
    var bytes = MutableBuffer<UInt8>(capacity: total)
    let span = offsets.span
    // SAFETY: `strings()` has checked every view of more than 12 bytes, and a view has 16.
    for index in 0..<slots.count {
      let length = Int(span[index + 1] - span[index])
      let view = unsafe UnsafeRawPointer(views.pointer + index * 4)
      if length <= 12 {
        unsafe bytes.append(from: (view + 4).assumingMemoryBound(to: UInt8.self), count: length)
      } else {
        let source = unsafe data[Int(views[unchecked: index * 4 + 2])].pointer
        let start = unsafe Int(views[unchecked: index * 4 + 3])
        unsafe bytes.append(from: source + start, count: length)
      }
    }
    return bytes.take()
  }
}

extension Slots {
  func passesEnd(_ byteCount: Int) -> ArrowError {
    error("its offsets pass the end of its \(byteCount) bytes")
  }

  /// The strings, if those that are not null are UTF-8.
  func checkingUTF8(_ strings: ByteStrings) throws(ArrowError) -> ByteStrings {
    let (first, last) = (Int(strings.offsets[0]), Int(strings.offsets[count]))
    if strings.areUTF8 { return strings }
    var cleaned = ByteStringsBuilder(capacity: count, byteCapacity: last - first)
    for index in 0..<count {
      if isValid(index) {
        guard strings.bytes[strings.range(index)].isUTF8 else {
          throw error("row \(index): the string is not valid UTF-8")
        }
        cleaned.bytes.append(contentsOf: strings[index])
      }
      // What stands under a null is anything: it is dropped.
      cleaned.closeValue()
    }
    return cleaned.take()
  }
}
