/// One value, in a form that costs an allocation: for literals, tests, state keys that are shown
/// to people, and other places where speed does not count.
package indirect enum Value: Sendable, Hashable {
  case null
  case boolean(Bool)
  /// All integer types; dates (days), timestamps (µs) and intervals too.
  case integer(Int64)
  /// `float` and `double`.
  case double(Double)
  /// Unscaled; the scale is the type's.
  case decimal(Int128)
  case string(String)
  case binary([UInt8])
  /// The elements of an array; for a map its entries, each a structure of key and value.
  case list([Value])
  case structure([Value])
}

extension Column {
  /// - Returns: the value at `index`, null where it is.
  package func value(_ index: Int) -> Value {
    if isNull(index) { return .null }
    switch storage {
    case .void: return .null
    case .boolean(let bits): return .boolean(bits[index])
    case .int8(let values): return .integer(Int64(values[index]))
    case .int16(let values): return .integer(Int64(values[index]))
    case .int32(let values): return .integer(Int64(values[index]))
    case .int64(let values): return .integer(values[index])
    case .float(let values): return .double(Double(values[index]))
    case .double(let values): return .double(values[index])
    case .decimal(let values): return .decimal(values[index])
    case .bytes(let strings):
      if type == .string { return .string(strings.string(index)) }
      return .binary(strings.bytes[strings.range(index)].elements)
    case .list(let offsets, let elements):
      return .list((Int(offsets[index])..<Int(offsets[index + 1])).map { elements.value($0) })
    case .structure(let columns, _): return .structure(columns.map { $0.value(index) })
    }
  }

  package var values: [Value] { (0..<count).map { value($0) } }

  /// - Precondition: each value is of the form that `type` has, or null.
  package init(_ type: DataType, values: [Value]) {
    let builder = ColumnBuilder(type)
    for value in values { builder.append(value) }
    self = builder.take()
  }

  /// `count` times the same value.
  package init(_ type: DataType, repeating value: Value, count: Int) {
    let one = Column(type, values: [value])
    self = one.gathering(Buffer(repeating: 0, count: count))
  }

  package static func empty(_ type: DataType) -> Column { ColumnBuilder(type).take() }

  package static func nulls(_ type: DataType, count: Int) -> Column {
    Column(type, repeating: .null, count: count)
  }
}
