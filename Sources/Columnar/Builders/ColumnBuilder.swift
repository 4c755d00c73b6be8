/// Collects the values of a column of any type, nested ones too.
///
/// The typed builders (``MutableBuffer``, ``ByteStringsBuilder``) are what hot loops use; this one
/// is for values that come one by one.
package final class ColumnBuilder {
  package let type: DataType
  package private(set) var count = 0
  /// One for the elements of a list (for a map: its entries), one for each field of a struct.
  package let children: [ColumnBuilder]

  private var validity = ValidityBuilder()
  /// Only the one that the type needs is ever filled; an empty one allocates nothing.
  private var booleans = BitmapBuilder()
  private var int8s = MutableBuffer<Int8>()
  private var int16s = MutableBuffer<Int16>()
  private var int32s = MutableBuffer<Int32>()
  private var int64s = MutableBuffer<Int64>()
  private var floats = MutableBuffer<Float>()
  private var doubles = MutableBuffer<Double>()
  private var decimals = MutableBuffer<Int128>()
  private var strings = ByteStringsBuilder()
  private var listOffsets = MutableBuffer<Int32>()

  package init(_ type: DataType) {
    self.type = type
    switch type {
    case .array(let element): children = [ColumnBuilder(element)]
    case .map(let key, let value):
      children = [ColumnBuilder(.mapEntry(key: key, value: value))]
    case .structure(let fields): children = fields.map { ColumnBuilder($0.type) }
    default: children = []
    }
    listOffsets.append(0)
  }

  /// The column so far, leaving an empty builder behind.
  package func take() -> Column {
    let taken = Column(type, takeStorage(), validity: takeValidity())
    count = 0
    return taken
  }

  private func takeValidity() -> Bitmap? {
    let bits = validity.take()
    return type == .void ? nil : bits
  }

  private func takeStorage() -> Storage {
    switch type {
    case .void: return .void(count: count)
    case .boolean: return .boolean(booleans.take())
    case .tinyint: return .int8(int8s.take())
    case .smallint: return .int16(int16s.take())
    case .int, .date, .yearMonthInterval: return .int32(int32s.take())
    case .bigint, .timestamp, .dayTimeInterval: return .int64(int64s.take())
    case .float: return .float(floats.take())
    case .double: return .double(doubles.take())
    case .decimal: return .decimal(decimals.take())
    case .string, .binary: return .bytes(strings.take())
    case .array, .map:
      let offsets = listOffsets.take()
      listOffsets.append(0)
      return .list(offsets: offsets, elements: children[0].take())
    case .structure: return .structure(children.map { $0.take() }, count: count)
    }
  }
}

// MARK: - Values

extension ColumnBuilder {
  /// - Precondition: the value is of the form that the type has, or null.
  package func append(_ value: Value) {
    switch value {
    case .null: appendNull()
    case .boolean(let bit): append(bit)
    case .integer(let integer): append(integer)
    case .double(let double): append(double)
    case .decimal(let decimal): append(decimal)
    case .string(let string): append(Array(string.utf8).span)
    case .binary(let bytes): append(bytes.span)
    case .list(let elements):
      for element in elements { children[0].append(element) }
      closeList()
    case .structure(let fields):
      for (child, field) in zip(children, fields) { child.append(field) }
      closeStructure()
    }
  }

  package func appendNull() {
    appendSlot(0)
    validity.appendNull()
    count += 1
  }

  package func append(_ bit: Bool) {
    booleans.append(bit)
    closeValue()
  }

  /// - Precondition: the value is in the range of the type.
  package func append(_ integer: Int64) {
    appendSlot(integer)
    closeValue()
  }

  package func append(_ double: Double) {
    if type == .float { floats.append(Float(double)) } else { doubles.append(double) }
    closeValue()
  }

  package func append(_ unscaled: Int128) {
    decimals.append(unscaled)
    closeValue()
  }

  /// A string or a binary.
  package func append(_ bytes: borrowing Span<UInt8>) {
    strings.append(bytes)
    closeValue()
  }

  /// Ends an array or a map whose elements were appended to the child.
  package func closeList() {
    listOffsets.append(Int32(children[0].count))
    closeValue()
  }

  /// Ends a struct each of whose children was given one value.
  package func closeStructure() { closeValue() }

  private func closeValue() {
    validity.appendValid()
    count += 1
  }

  /// Fills the slot of a null or of an integer.
  private func appendSlot(_ integer: Int64) {
    switch type {
    case .void: break
    case .boolean: booleans.append(false)
    case .tinyint: int8s.append(Int8(integer))
    case .smallint: int16s.append(Int16(integer))
    case .int, .date, .yearMonthInterval: int32s.append(Int32(integer))
    case .bigint, .timestamp, .dayTimeInterval: int64s.append(integer)
    case .float: floats.append(0)
    case .double: doubles.append(0)
    case .decimal: decimals.append(0)
    case .string, .binary: strings.closeValue()
    case .array, .map: listOffsets.append(Int32(children[0].count))
    case .structure: for child in children { child.appendNull() }
    }
  }
}
