/// What a column holds, in Spark SQL's words.
///
/// Each type has one machine form (``Storage``) and one Arrow type on the wire.
package indirect enum DataType: Hashable, Sendable {
  /// The type of a bare `NULL`.
  case void
  case boolean
  case tinyint
  case smallint
  case int
  case bigint
  case float
  case double
  /// `precision` digits in all (1...38), `scale` of them behind the point (0...precision).
  case decimal(precision: Int, scale: Int)
  case string
  case binary
  /// Microseconds since 1970-01-01T00:00:00Z.
  case timestamp
  /// Days since 1970-01-01.
  case date
  /// Microseconds.
  case dayTimeInterval
  /// Months.
  case yearMonthInterval
  case array(DataType)
  case map(key: DataType, value: DataType)
  case structure([Field])
}

extension DataType {
  package static let maxDecimalPrecision = 38

  package var isInteger: Bool {
    switch self {
    case .tinyint, .smallint, .int, .bigint: true
    default: false
    }
  }

  package var isFloatingPoint: Bool { self == .float || self == .double }

  package var isDecimal: Bool {
    if case .decimal = self { true } else { false }
  }

  package var isNumeric: Bool { isInteger || isFloatingPoint || isDecimal }

  package var isNested: Bool {
    switch self {
    case .array, .map, .structure: true
    default: false
    }
  }
}

extension DataType: CustomStringConvertible {
  /// As Spark writes it: `array<bigint>`, `struct<a:int,b:string>`, `decimal(10,2)`.
  package var description: String {
    switch self {
    case .void: "void"
    case .boolean: "boolean"
    case .tinyint: "tinyint"
    case .smallint: "smallint"
    case .int: "int"
    case .bigint: "bigint"
    case .float: "float"
    case .double: "double"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .string: "string"
    case .binary: "binary"
    case .timestamp: "timestamp"
    case .date: "date"
    case .dayTimeInterval: "interval day to second"
    case .yearMonthInterval: "interval year to month"
    case .array(let element): "array<\(element)>"
    case .map(let key, let value): "map<\(key),\(value)>"
    case .structure(let fields):
      "struct<\(fields.map { "\($0.name):\($0.type)" }.joined(separator: ","))>"
    }
  }
}
