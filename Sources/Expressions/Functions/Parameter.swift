import Columnar

/// What a function takes at one place, and what is converted to it without a word.
enum Parameter: Sendable {
  case text
  case binary
  /// Either as it is; numbers and the like become text.
  case textOrBinary
  case boolean
  case int
  case bigint
  case double
  case date
  case timestamp
  /// Any integer type as it is.
  case integer
  /// Any numeric type as it is; a text becomes a double.
  case number
  case array
  case map
  case any

  var phrase: String {
    switch self {
    case .text: "a string"
    case .binary: "a binary"
    case .textOrBinary: "a string or a binary"
    case .boolean: "a boolean"
    case .int, .bigint, .integer: "an integer"
    case .double, .number: "a number"
    case .date: "a date"
    case .timestamp: "a timestamp"
    case .array: "an array"
    case .map: "a map"
    case .any: "a value"
    }
  }

  /// The one type that it stands for; nil when it stands for several.
  private var type: DataType? {
    switch self {
    case .text: .string
    case .binary: .binary
    case .boolean: .boolean
    case .int: .int
    case .bigint: .bigint
    case .double: .double
    case .date: .date
    case .timestamp: .timestamp
    case .textOrBinary, .integer, .number, .array, .map, .any: nil
    }
  }

  /// - Returns: the argument in the form that the kernel takes; nil when it does not fit.
  func fit(_ node: Node, _ binder: Binder) throws -> Node? {
    if let type {
      if self == .boolean, node.type == .string, !node.isConstant { return nil }
      return try binder.coerced(node, to: type)
    }
    switch self {
    case .textOrBinary: return node.type == .binary ? node : try binder.coerced(node, to: .string)
    case .integer:
      if node.type.isInteger { return node }
      return node.type == .string || node.type == .void
        ? try binder.converted(node, to: .bigint) : nil
    case .number:
      if node.type.isNumeric { return node }
      return node.type == .string || node.type == .void
        ? try binder.converted(node, to: .double) : nil
    case .array:
      if case .array = node.type { return node }
      return node.type == .void ? try binder.converted(node, to: .array(.void)) : nil
    case .map:
      if case .map = node.type { return node }
      return nil
    default: return node
    }
  }
}
