package import Columnar

/// Spark's implicit conversions in ANSI mode.
enum Coercion {
  /// The type that values of two types are brought to where they meet, as in `coalesce`, CASE and
  /// comparisons.
  ///
  /// - Parameter readsText: whether a string becomes what the other one is: `i = '1'`.
  /// - Returns: nil when they do not go together.
  static func common(_ left: DataType, _ right: DataType, readsText: Bool = true) -> DataType? {
    if left == right { return left }
    switch (left, right) {
    case (.void, _): return right
    case (_, .void): return left
    case (.string, _) where readsText: return textMeets(right)
    case (_, .string) where readsText: return textMeets(left)
    case (.date, .timestamp), (.timestamp, .date): return .timestamp
    case (.array(let first), .array(let second)):
      return common(first, second, readsText: readsText).map { .array($0) }
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      guard let keys = common(key, otherKey, readsText: readsText),
        let values = common(value, otherValue, readsText: readsText)
      else { return nil }
      return .map(key: keys, value: values)
    case (.structure(let first), .structure(let second)):
      return common(first, second, readsText: readsText)
    default: return left.isNumeric && right.isNumeric ? commonNumber(left, right) : nil
    }
  }

  private static func common(_ left: [Field], _ right: [Field], readsText: Bool) -> DataType? {
    guard left.count == right.count else { return nil }
    var fields: [Field] = []
    for (first, second) in Swift.zip(left, right) {
      guard first.name.lowercased() == second.name.lowercased(),
        let type = common(first.type, second.type, readsText: readsText)
      else { return nil }
      fields.append(Field(first.name, type))
    }
    return .structure(fields)
  }

  /// What a string is read as when it meets another type.
  private static func textMeets(_ other: DataType) -> DataType? {
    switch other {
    case .tinyint, .smallint, .int, .bigint: .bigint
    case .float, .double, .decimal: .double
    case .boolean, .date, .timestamp, .binary, .dayTimeInterval, .yearMonthInterval: other
    default: nil
    }
  }

  static func commonNumber(_ left: DataType, _ right: DataType) -> DataType {
    if left == right { return left }
    if left.isInteger, right.isInteger { return rank(left) > rank(right) ? left : right }
    if left == .double || right == .double { return .double }
    // A float holds neither every int nor every decimal.
    if left == .float || right == .float { return .double }
    return DecimalTypes.wider(left, right) ?? .double
  }

  private static func rank(_ type: DataType) -> Int {
    switch type {
    case .tinyint: 0
    case .smallint: 1
    case .int: 2
    default: 3
    }
  }

  static func common(_ types: [DataType], readsText: Bool = true) -> DataType? {
    // Strings last: they follow what the others agree on.
    let ordered = types.filter { $0 != .string } + types.filter { $0 == .string }
    guard var type = ordered.first else { return nil }
    for other in ordered.dropFirst() {
      guard let both = common(type, other, readsText: readsText) else { return nil }
      type = both
    }
    return type
  }

  /// Whether a function that wants `target` takes a value of type `source` without a cast.
  static func accepts(_ source: DataType, as target: DataType) -> Bool {
    if source == target { return true }
    switch (source, target) {
    case (.void, _): return true
    case (.string, _): return !target.isNested && target != .void
    case (_, .string): return !source.isNested && source != .binary
    case (.date, .timestamp), (.timestamp, .date): return true
    case (.array(let from), .array(let to)): return accepts(from, as: to)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      return accepts(key, as: otherKey) && accepts(value, as: otherValue)
    case (.structure(let from), .structure(let to)):
      return from.count == to.count
        && Swift.zip(from, to).allSatisfy { accepts($0.type, as: $1.type) }
    default: return source.isNumeric && target.isNumeric
    }
  }
}

extension DataType {
  /// The type that values of both are brought to where they meet; strings stay strings.
  ///
  /// - Returns: nil when they do not go together.
  package static func common(_ left: DataType, _ right: DataType) -> DataType? {
    Coercion.common(left, right, readsText: false)
  }
}
