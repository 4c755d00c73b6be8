/// Rows of several columns as one string of bytes each, which are equal just when the rows are.
///
/// Nulls are equal to each other, -0.0 is 0.0 and NaN is itself. A key is a bit a column that tells
/// nulls, the values of fixed width, then the others; the length of the last need not be told.
package struct KeyEncoding: Sendable {
  package let types: [DataType]
  /// Where each column of fixed width stands in a key; nil for the others.
  private let fixedOffsets: [Int?]
  /// The columns of variable width, in their order.
  private let variable: [Int]
  /// The bytes in front of the first value of variable width.
  private let fixedWidth: Int

  package init(_ types: [DataType]) {
    self.types = types
    var offset = (types.count + 7) / 8
    fixedOffsets = types.map { type in
      guard let width = type.keyWidth else { return nil }
      defer { offset += width }
      return offset
    }
    fixedWidth = offset
    variable = types.indices.filter { types[$0].keyWidth == nil }
  }

  /// - Parameter columns: of the types of this encoding, each `rowCount` long.
  /// - Returns: a key for each row; nil when they have more than 1 GiB together.
  package func encode(_ columns: [Column], rowCount: Int) -> ByteStrings? {
    let texts = variable.map { columns[$0].keyBytes() }
    guard let offsets = offsets(texts, columns, rowCount) else { return nil }
    var bytes = MutableBuffer<UInt8>()
    bytes.append(repeating: 0, count: Int(offsets[rowCount]))
    for (index, column) in columns.enumerated() {
      unsafe markNulls(column, index, offsets, bytes.pointer)
      if let place = fixedOffsets[index] {
        unsafe writeFixed(column, at: place, offsets, bytes.pointer)
      }
    }
    if !variable.isEmpty { unsafe writeVariable(texts, columns, offsets, bytes.pointer) }
    return ByteStrings(offsets: offsets, bytes: bytes.take())
  }

  private static let byteCountMax = 1 << 30
}

extension DataType {
  /// The bytes of a value in a key; nil when that depends on the value.
  fileprivate var keyWidth: Int? {
    switch self {
    case .void: 0
    case .boolean, .tinyint: 1
    case .smallint: 2
    case .int, .date, .yearMonthInterval: 4
    case .bigint, .timestamp, .dayTimeInterval, .float, .double: 8
    case .decimal: 16
    case .string, .binary, .array, .map, .structure: nil
    }
  }
}

extension Column {
  /// What stands for the values of a column of variable width.
  fileprivate func keyBytes() -> ByteStrings {
    if case .bytes(let strings) = storage { return strings }
    return OrderedEncoding(normalizing: true).encode(self)
  }
}

// MARK: - Writing

// SAFETY of the pointers below: `offsets` leaves room for each key, and each column writes inside
// the places that `offsets(_:_:_:)` counted for it.

extension KeyEncoding {
  private func offsets(
    _ texts: [ByteStrings], _ columns: [Column], _ rowCount: Int
  ) -> Buffer<Int32>? {
    let bound = texts.reduce(fixedWidth * rowCount) { $0 + $1.totalLength + 5 * rowCount }
    guard bound <= KeyEncoding.byteCountMax else { return nil }
    return Buffer<Int32>(count: rowCount + 1) { output in
      var end = 0
      output.append(0)
      for row in 0..<rowCount {
        end &+= fixedWidth
        for (index, text) in texts.enumerated() where !columns[variable[index]].isNull(row) {
          let length = text.length(row)
          end &+= length
          if index < texts.count - 1 { end &+= KeyEncoding.lengthWidth(length) }
        }
        output.append(Int32(truncatingIfNeeded: end))
      }
    }
  }

  private static func lengthWidth(_ length: Int) -> Int { length < 255 ? 1 : 5 }

  @unsafe private func markNulls(
    _ column: Column, _ index: Int, _ offsets: Buffer<Int32>, _ bytes: UnsafeMutablePointer<UInt8>
  ) {
    guard column.validity != nil || column.type == .void else { return }
    for row in 0..<column.count where column.isNull(row) {
      unsafe bytes[Int(offsets[row]) + index / 8] |= 1 << UInt8(index % 8)
    }
  }

  @unsafe private func writeFixed(
    _ column: Column, at place: Int, _ offsets: Buffer<Int32>,
    _ bytes: UnsafeMutablePointer<UInt8>
  ) {
    if case .decimal(let values) = column.storage {
      return unsafe write(values.span, column, at: place, offsets, bytes) { $0 }
    }
    guard column.type != .void else { return }
    let words = column.equalityWords()
    switch column.type.keyWidth {
    case 1:
      unsafe write(words.span, column, at: place, offsets, bytes) { Int8(truncatingIfNeeded: $0) }
    case 2:
      unsafe write(words.span, column, at: place, offsets, bytes) { Int16(truncatingIfNeeded: $0) }
    case 4:
      unsafe write(words.span, column, at: place, offsets, bytes) { Int32(truncatingIfNeeded: $0) }
    default: unsafe write(words.span, column, at: place, offsets, bytes) { $0 }
    }
  }

  @inline(__always)
  @unsafe private func write<Value, Stored>(
    _ values: borrowing Span<Value>, _ column: Column, at place: Int, _ offsets: Buffer<Int32>,
    _ bytes: UnsafeMutablePointer<UInt8>, _ stored: (Value) -> Stored
  ) {
    let target = UnsafeMutableRawPointer(bytes)
    let offsets = offsets.span
    for row in values.indices where column.validity.map({ $0[row] }) ?? true {
      unsafe target.storeBytes(
        of: stored(values[row]), toByteOffset: Int(offsets[row]) &+ place, as: Stored.self)
    }
  }

  @unsafe private func writeVariable(
    _ texts: [ByteStrings], _ columns: [Column], _ offsets: Buffer<Int32>,
    _ bytes: UnsafeMutablePointer<UInt8>
  ) {
    for row in 0..<offsets.count - 1 {
      var target = unsafe bytes + Int(offsets[row]) + fixedWidth
      for (index, text) in texts.enumerated() where !columns[variable[index]].isNull(row) {
        let range = text.range(row)
        if index < texts.count - 1 { unsafe KeyEncoding.writeLength(range.count, &target) }
        unsafe target.update(from: text.bytes.pointer + range.lowerBound, count: range.count)
        unsafe target += range.count
      }
    }
  }

  @unsafe private static func writeLength(
    _ length: Int, _ target: inout UnsafeMutablePointer<UInt8>
  ) {
    unsafe target[0] = UInt8(min(length, 255))
    unsafe target += 1
    guard length >= 255 else { return }
    unsafe UnsafeMutableRawPointer(target).storeBytes(of: Int32(length), as: Int32.self)
    unsafe target += 4
  }
}

// MARK: - Reading

extension KeyEncoding {
  /// The columns that were encoded: what came in, but for normalised numbers.
  ///
  /// - Precondition: `keys` were made by this encoding.
  package func decode(_ keys: ByteStrings) -> [Column] {
    let parts = variableParts(keys)
    return types.indices.map { index in
      let nulls = validity(keys, index)
      if let place = fixedOffsets[index] { return readFixed(keys, types[index], place, nulls) }
      let strings = parts[variable.firstIndex(of: index) ?? 0]
      if types[index] == .string || types[index] == .binary {
        return Column(types[index], .bytes(strings), validity: nulls)
      }
      return OrderedEncoding(normalizing: true).decode(strings, as: types[index], validity: nulls)
    }
  }

  private func validity(_ keys: ByteStrings, _ index: Int) -> Bitmap? {
    var validity = ValidityBuilder()
    for row in 0..<keys.count {
      validity.append(keys[row][index / 8] & 1 << UInt8(index % 8) == 0)
    }
    return validity.take()
  }

  private func readFixed(
    _ keys: ByteStrings, _ type: DataType, _ place: Int, _ validity: Bitmap?
  ) -> Column {
    func values<Stored: BitwiseCopyable>(_: Stored.Type) -> Buffer<Stored> {
      Buffer(count: keys.count) { output in
        for row in 0..<keys.count {
          // SAFETY: `place` and the width behind it lie in every key of this encoding.
          let start = unsafe UnsafeRawPointer(keys.bytes.pointer) + keys.range(row).lowerBound
          unsafe output.append(start.loadUnaligned(fromByteOffset: place, as: Stored.self))
        }
      }
    }
    func column<Stored: BitwiseCopyable & BinaryInteger>(_: Stored.Type) -> Column {
      let stored = values(Stored.self).span
      let words = Buffer<Int64>(count: stored.count) { output in
        for row in stored.indices { output.append(Int64(truncatingIfNeeded: stored[row])) }
      }
      return Column(type, words: words, validity: validity)
    }
    switch type.keyWidth {
    case 0: return Column(.void, .void(count: keys.count))
    case 1: return column(Int8.self)
    case 2: return column(Int16.self)
    case 4: return column(Int32.self)
    case 8: return Column(type, words: values(Int64.self), validity: validity)
    default: return Column(type, .decimal(values(Int128.self)), validity: validity)
    }
  }

  private func variableParts(_ keys: ByteStrings) -> [ByteStrings] {
    guard !variable.isEmpty else { return [] }
    let parts = variable.map { _ in MutableStrings() }
    for row in 0..<keys.count {
      let range = keys.range(row)
      var start = range.lowerBound + fixedWidth
      for (position, index) in variable.enumerated() {
        let isNull = keys[row][index / 8] & 1 << UInt8(index % 8) != 0
        var length = 0
        if !isNull {
          let isLast = position == variable.count - 1
          length = isLast ? range.upperBound - start : readLength(keys.bytes, &start)
        }
        parts[position].append(keys.bytes[start..<start + length])
        start += length
      }
    }
    return parts.map { $0.take() }
  }

  private func readLength(_ bytes: Buffer<UInt8>, _ start: inout Int) -> Int {
    let first = Int(bytes[start])
    start += 1
    guard first == 255 else { return first }
    defer { start += 4 }
    return (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
  }
}

/// A builder that an array can hold.
private final class MutableStrings {
  private var builder = ByteStringsBuilder()

  func append(_ bytes: Buffer<UInt8>) { builder.append(bytes.span) }

  func take() -> ByteStrings { builder.take() }
}
