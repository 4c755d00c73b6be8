import Columnar

/// `split(text, delimiter[, limit])` at a literal text.
///
/// A limit above 0 bounds the parts; the last one takes the rest.
enum Split {
  static func kernel(at delimiter: [UInt8]) -> Kernel {
    Kernel { arguments in
      let texts = arguments.strings(0)
      let valid = arguments.validity
      if delimiter.count == 1, arguments.count == 1, !arguments[0].isConstant {
        let (offsets, parts) = texts.strings.split(at: delimiter[0], validity: valid)
        let elements = Column(.string, .bytes(parts))
        return Column(arguments.type, .list(offsets: offsets, elements: elements), validity: valid)
      }
      let limits = arguments.count > 1 ? arguments.int32s(1) : nil
      var parts = ByteStringsBuilder(
        capacity: arguments.rowCount * 4, byteCapacity: texts.strings.totalLength)
      let offsets = RowTarget<Int32>(count: arguments.rowCount + 1)
      offsets[0] = 0
      _ = try arguments.eachRow { row in
        append(texts[row], delimiter, limits.map { Int($0[row]) } ?? -1, to: &parts)
        guard parts.byteCount <= Int(Int32.max) else { throw RowFailure(row: row, .tooLarge) }
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

  static func append(
    _ text: Span<UInt8>, _ delimiter: [UInt8], _ limit: Int, to parts: inout ByteStringsBuilder
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
    _ text: Span<UInt8>, _ limit: Int, to parts: inout ByteStringsBuilder
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
