import Columnar

/// How a column, or a part of one, stands in the messages of a stream, and what becomes of it.
///
/// Immutable, shared by all batches of a stream.
final class ColumnPlan: Sendable {
  /// For errors: `orders.price`.
  let path: String
  let name: String
  /// Of the index when the column is dictionary-encoded.
  let arrow: ArrowType
  let type: DataType
  let children: [ColumnPlan]
  let dictionary: DictionaryPlan?
  /// What the column and its children take of a message's nodes, buffers and counts of variadic
  /// buffers (those not among `bufferCount`).
  let nodeCount: Int
  let bufferCount: Int
  let variadicCount: Int

  init(
    path: String, name: String, arrow: ArrowType, type: DataType, children: [ColumnPlan],
    dictionary: DictionaryPlan? = nil
  ) {
    self.path = path
    self.name = name
    self.arrow = arrow
    self.type = type
    self.children = children
    self.dictionary = dictionary
    nodeCount = children.reduce(1) { $0 + $1.nodeCount }
    bufferCount = children.reduce(arrow.bufferCount) { $0 + $1.bufferCount }
    variadicCount = children.reduce(arrow.isView ? 1 : 0) { $0 + $1.variadicCount }
  }

  /// Whether what comes is, byte for byte, what ``SchemaEncoder`` and ``BatchEncoder`` would write.
  var isOurs: Bool {
    dictionary == nil && arrow == ArrowType(type) && children.allSatisfy(\.isOurs)
  }
}

/// The values of a dictionary-encoded column.
final class DictionaryPlan: Sendable {
  let id: Int64
  let values: ColumnPlan

  init(id: Int64, values: ColumnPlan) {
    self.id = id
    self.values = values
  }
}

extension ArrowType {
  /// Buffers of an array of this type itself, without those of its children.
  var bufferCount: Int {
    switch self {
    case .null: 0
    case .structure, .fixedList: 1
    case .utf8, .binary: 3
    default: 2
    }
  }

  var isView: Bool { self == .utf8View || self == .binaryView }

  /// What a type is on our own wire.
  init(_ type: DataType) {
    self =
      switch type {
      case .void: .null
      case .boolean: .boolean
      case .tinyint: .integer(bits: 8, isSigned: true)
      case .smallint: .integer(bits: 16, isSigned: true)
      case .int: .integer(bits: 32, isSigned: true)
      case .bigint: .integer(bits: 64, isSigned: true)
      case .float: .floatingPoint(bits: 32)
      case .double: .floatingPoint(bits: 64)
      case .decimal(let precision, let scale):
        .decimal(bits: 128, precision: precision, scale: scale)
      case .string: .utf8(isLarge: false)
      case .binary: .binary(isLarge: false)
      case .timestamp: .timestamp(.microsecond)
      case .date: .day
      case .dayTimeInterval: .duration(.microsecond)
      case .yearMonthInterval: .monthInterval
      case .array: .list(isLarge: false)
      case .map: .map
      case .structure: .structure
      }
  }
}
