/// Values of any type as bytes that compare, byte by byte, as ``Column/order(_:against:_:)`` does,
/// and from which the values can be read again.
///
/// Integers are big-endian with the sign turned, floating-point numbers have their bits turned so
/// that they ascend, strings end in two zeros (a zero within is followed by a one), members of a
/// struct and elements of a list follow one another, each behind a mark that tells whether it is
/// null.
package struct OrderedEncoding: Sendable {
  /// Whether -0.0 becomes 0.0, so that what is equal has the same bytes. NaN is always one.
  package let isNormalizing: Bool

  package init(normalizing: Bool) { isNormalizing = normalizing }

  private enum Mark {
    /// Less than all others, so that a list comes before those that it begins.
    static let end: UInt8 = 0
    static let null: UInt8 = 1
    static let value: UInt8 = 2
  }

  /// One string of bytes for each row; an empty one where the row is null.
  ///
  /// - Precondition: they have less than 2 GiB together.
  package func encode(_ column: Column) -> ByteStrings {
    var strings = ByteStringsBuilder(capacity: column.count)
    for row in 0..<column.count {
      if !column.isNull(row) { append(column, row, to: &strings.bytes) }
      strings.closeValue()
    }
    return strings.take()
  }

  /// - Precondition: the row has a value.
  package func append(_ column: Column, _ row: Int, to bytes: inout MutableBuffer<UInt8>) {
    switch column.storage {
    case .void: break
    case .boolean(let bits): bytes.append(bits[row] ? 1 : 0)
    case .int8(let values): append(values[row], to: &bytes)
    case .int16(let values): append(values[row], to: &bytes)
    case .int32(let values): append(values[row], to: &bytes)
    case .int64(let values): append(values[row], to: &bytes)
    case .float(let values): append(Double(values[row]), to: &bytes)
    case .double(let values): append(values[row], to: &bytes)
    case .decimal(let values): append(values[row], to: &bytes)
    case .bytes(let strings): append(strings[row], to: &bytes)
    case .list(let offsets, let elements):
      for element in Int(offsets[row])..<Int(offsets[row + 1]) {
        appendMember(elements, element, to: &bytes)
      }
      bytes.append(Mark.end)
    case .structure(let fields, _):
      for field in fields { appendMember(field, row, to: &bytes) }
    }
  }

  /// Null as well.
  package func appendMember(_ column: Column, _ row: Int, to bytes: inout MutableBuffer<UInt8>) {
    if column.isNull(row) { return bytes.append(Mark.null) }
    bytes.append(Mark.value)
    append(column, row, to: &bytes)
  }

  @inline(__always)
  private func append<Value: FixedWidthInteger & SignedInteger>(
    _ value: Value, to bytes: inout MutableBuffer<UInt8>
  ) {
    let turned = value ^ Value.min
    for byte in 1...MemoryLayout<Value>.size {
      bytes.append(UInt8(truncatingIfNeeded: turned >> (Value.bitWidth - 8 * byte)))
    }
  }

  private func append(_ value: Double, to bytes: inout MutableBuffer<UInt8>) {
    let number = isNormalizing ? value + 0.0 : value
    let bits = Int64(bitPattern: (number.isNaN ? Double.nan : number).bitPattern)
    // Negative numbers descend by their bits: turn all but the sign.
    append(bits ^ (bits >> 63 & .max), to: &bytes)
  }

  private func append(_ value: borrowing Span<UInt8>, to bytes: inout MutableBuffer<UInt8>) {
    for index in value.indices {
      bytes.append(value[index])
      if value[index] == 0 { bytes.append(1) }
    }
    bytes.append(0)
    bytes.append(0)
  }
}

// MARK: - Reading

extension OrderedEncoding {
  /// The values that ``encode(_:)`` was given.
  ///
  /// - Parameter validity: the rows that are not null; their bytes were made by this encoding.
  package func decode(_ strings: ByteStrings, as type: DataType, validity: Bitmap?) -> Column {
    let builder = ColumnBuilder(type)
    for row in 0..<strings.count {
      if let validity, !validity[row] {
        builder.appendNull()
      } else {
        var reader = OrderedReader(bytes: strings.bytes, offset: strings.range(row).lowerBound)
        reader.read(into: builder)
      }
    }
    return builder.take()
  }

  private struct OrderedReader {
    let bytes: Buffer<UInt8>
    var offset: Int

    mutating func next() -> UInt8 {
      defer { offset += 1 }
      return bytes[offset]
    }

    mutating func read(into builder: ColumnBuilder) {
      switch builder.type {
      case .void: builder.appendNull()
      case .boolean: builder.append(next() != 0)
      case .tinyint: builder.append(Int64(integer(Int8.self)))
      case .smallint: builder.append(Int64(integer(Int16.self)))
      case .int, .date, .yearMonthInterval: builder.append(Int64(integer(Int32.self)))
      case .bigint, .timestamp, .dayTimeInterval: builder.append(integer(Int64.self))
      case .float, .double:
        let bits = integer(Int64.self)
        builder.append(Double(bitPattern: UInt64(bitPattern: bits ^ (bits >> 63 & .max))))
      case .decimal: builder.append(integer(Int128.self))
      case .string, .binary: readString(into: builder)
      case .array, .map:
        while readMember(into: builder.children[0]) {}
        builder.closeList()
      case .structure:
        for child in builder.children { _ = readMember(into: child) }
        builder.closeStructure()
      }
    }

    /// - Returns: false at the end of a list.
    private mutating func readMember(into builder: ColumnBuilder) -> Bool {
      switch next() {
      case Mark.end: return false
      case Mark.null: builder.appendNull()
      default: read(into: builder)
      }
      return true
    }

    private mutating func integer<Value: FixedWidthInteger>(_: Value.Type) -> Value {
      var value: Value = 0
      for _ in 0..<MemoryLayout<Value>.size {
        value = value << 8 | Value(truncatingIfNeeded: next())
      }
      return value ^ Value.min
    }

    private mutating func readString(into builder: ColumnBuilder) {
      var value: [UInt8] = []
      while true {
        let byte = next()
        if byte == 0, next() == 0 { break }
        value.append(byte)
      }
      builder.append(value.span)
    }
  }
}
