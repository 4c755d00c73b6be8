import Columnar

/// Makes the list that a footer holds of the columns of a schema, each of which may hold nulls.
struct SchemaEncoder {
  private(set) var elements: [SchemaElement] = []

  /// - Throws: `.unsupported` for a type that a Parquet file cannot hold.
  init(_ schema: Schema) throws(ParquetError) {
    var root = SchemaElement()
    root.name = "schema"
    root.childCount = schema.fields.count
    elements.append(root)
    for field in schema.fields { try append(field.name, field.type, path: field.name) }
  }

  private mutating func append(
    _ name: String, _ type: DataType, path: String, _ repetition: Repetition = .optional
  ) throws(ParquetError) {
    var element = SchemaElement()
    element.name = name
    element.repetition = repetition
    switch type {
    case .structure(let fields):
      guard !fields.isEmpty else {
        throw .unsupported(column: path, "is a struct without fields, which Parquet cannot hold")
      }
      element.childCount = fields.count
      elements.append(element)
      for field in fields {
        try append(field.name, field.type, path: "\(path).\(field.name)")
      }
    case .array(let inner):
      appendGroup(&element, .list, .list, repeated: "list", childCount: 1)
      try append("element", inner, path: "\(path).element")
    case .map(let key, let value):
      appendGroup(&element, .map, .map, repeated: "key_value", childCount: 2)
      try append("key", key, path: "\(path).key", .required)
      try append("value", value, path: "\(path).value")
    default:
      try SchemaEncoder.describe(type, path, &element)
      elements.append(element)
    }
  }

  private mutating func appendGroup(
    _ element: inout SchemaElement, _ logical: LogicalType, _ converted: ConvertedType,
    repeated name: String, childCount: Int
  ) {
    element.childCount = 1
    (element.logical, element.converted) = (logical, converted)
    elements.append(element)
    var repeated = SchemaElement()
    repeated.name = name
    repeated.repetition = .repeated
    repeated.childCount = childCount
    elements.append(repeated)
  }

  private static func describe(
    _ type: DataType, _ path: String, _ element: inout SchemaElement
  ) throws(ParquetError) {
    switch type {
    case .void: (element.physical, element.logical) = (.int32, .unknown)
    case .boolean: element.physical = .boolean
    case .tinyint:
      (element.physical, element.converted) = (.int32, .int8)
      element.logical = .integer(bits: 8, isSigned: true)
    case .smallint:
      (element.physical, element.converted) = (.int32, .int16)
      element.logical = .integer(bits: 16, isSigned: true)
    case .int: element.physical = .int32
    case .bigint: element.physical = .int64
    case .float: element.physical = .float
    case .double: element.physical = .double
    case .string:
      (element.physical, element.converted, element.logical) = (.byteArray, .utf8, .string)
    case .binary: element.physical = .byteArray
    case .date: (element.physical, element.converted, element.logical) = (.int32, .date, .date)
    case .timestamp:
      (element.physical, element.converted) = (.int64, .timestampMicroseconds)
      element.logical = .timestamp(.microseconds, isUTC: true)
    case .decimal(let precision, let scale):
      element.logical = .decimal(precision: precision, scale: scale)
      (element.converted, element.precision, element.scale) = (.decimal, precision, scale)
      if precision <= 9 {
        element.physical = .int32
      } else if precision <= 18 {
        element.physical = .int64
      } else {
        (element.physical, element.typeLength) = (.fixedByteArray, decimalByteCount(precision))
      }
    case .dayTimeInterval, .yearMonthInterval, .array, .map, .structure:
      throw .unsupported(column: path, "is an \(type), which Parquet cannot hold")
    }
  }
}

/// The least bytes that hold all decimals of so many digits, with their sign.
func decimalByteCount(_ precision: Int) -> Int {
  var bound: Int128 = 1
  for _ in 0..<precision { bound *= 10 }
  // One bit is the sign's.
  return (128 - (bound - 1).leadingZeroBitCount) / 8 + 1
}
