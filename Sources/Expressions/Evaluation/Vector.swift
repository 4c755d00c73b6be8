import Columnar

/// The value of a node for each row of a frame, or one value for all of them.
struct Vector: Sendable {
  /// One row when `isConstant`, else one for each row of the frame.
  let column: Column
  let isConstant: Bool

  init(_ column: Column, isConstant: Bool = false) {
    self.column = column
    self.isConstant = isConstant
  }

  var type: DataType { column.type }

  /// Whether this is one null for all rows.
  var isConstantNull: Bool { isConstant && column.isNull(0) }

  /// The slot of a row.
  @inline(__always)
  func slot(_ row: Int) -> Int { isConstant ? 0 : row }

  @inline(__always)
  func isNull(_ row: Int) -> Bool { column.isNull(slot(row)) }

  /// One value for each of `count` rows.
  func spread(over count: Int) -> Column {
    guard isConstant else { return column }
    return column.gathering(Buffer(repeating: 0, count: count))
  }

  static func constant(_ type: DataType, _ value: Value) -> Vector {
    Vector(Column(type, values: [value]), isConstant: true)
  }
}

// MARK: - The machine form of a column whose type is known

extension Column {
  private func wrongForm() -> Never { preconditionFailure("a column of \(type) was not expected") }

  var booleans: Bitmap {
    guard case .boolean(let bits) = storage else { wrongForm() }
    return bits
  }

  var int8s: Buffer<Int8> {
    guard case .int8(let values) = storage else { wrongForm() }
    return values
  }

  var int16s: Buffer<Int16> {
    guard case .int16(let values) = storage else { wrongForm() }
    return values
  }

  var int32s: Buffer<Int32> {
    guard case .int32(let values) = storage else { wrongForm() }
    return values
  }

  var int64s: Buffer<Int64> {
    guard case .int64(let values) = storage else { wrongForm() }
    return values
  }

  var floats: Buffer<Float> {
    guard case .float(let values) = storage else { wrongForm() }
    return values
  }

  var doubles: Buffer<Double> {
    guard case .double(let values) = storage else { wrongForm() }
    return values
  }

  var decimals: Buffer<Int128> {
    guard case .decimal(let values) = storage else { wrongForm() }
    return values
  }

  var strings: ByteStrings {
    guard case .bytes(let strings) = storage else { wrongForm() }
    return strings
  }

  var list: (offsets: Buffer<Int32>, elements: Column) {
    guard case .list(let offsets, let elements) = storage else { wrongForm() }
    return (offsets, elements)
  }

  var members: [Column] {
    guard case .structure(let columns, _) = storage else { wrongForm() }
    return columns
  }
}
