package import Columnar

extension ParquetFile {
  /// The row groups that may have rows for which the condition is true, as far as their statistics
  /// tell.
  package func groups(where condition: RowCondition) -> [Int] {
    rowGroups.indices.filter { rowGroups[$0].mayHold(condition) }
  }
}

extension RowGroup {
  /// Whether there may be a row for which the condition is true. Where nobody knows, there may.
  package func mayHold(_ condition: RowCondition) -> Bool {
    var known: [[String]: ColumnBounds?] = [:]
    return mayHold(condition, &known)
  }

  /// - Parameter known: bounds that were looked up already: a list may compare one column with many
  ///   values.
  private func mayHold(_ condition: RowCondition, _ known: inout [[String]: ColumnBounds?]) -> Bool
  {
    switch condition {
    case .all(let conditions): return conditions.allSatisfy { mayHold($0, &known) }
    case .any(let conditions): return conditions.contains { mayHold($0, &known) }
    case .column(let condition):
      let bounds = known[condition.path] ?? self.bounds(of: condition.path)
      known[condition.path] = .some(bounds)
      return bounds?.mayHold(condition) ?? true
    }
  }
}

extension ColumnBounds {
  fileprivate func mayHold(_ condition: ColumnCondition) -> Bool {
    switch condition.comparison {
    case .isNull: return nullCount != 0
    case .isNotNull: return nullCount != valueCount
    default: break
    }
    if condition.value == .null || nullCount == valueCount { return false }
    let low = min.flatMap { ordering($0, condition.value) }
    let high = max.flatMap { ordering($0, condition.value) }
    // NaN is larger than all numbers, and not within the bounds.
    let mayPassMax: Bool
    if case .double = condition.value { mayPassMax = true } else { mayPassMax = false }
    switch condition.comparison {
    case .less: return low.map { $0 < 0 } ?? true
    case .lessOrEqual: return low.map { $0 <= 0 } ?? true
    case .greater: return mayPassMax || (high.map { $0 > 0 } ?? true)
    case .greaterOrEqual: return mayPassMax || (high.map { $0 >= 0 } ?? true)
    case .equal:
      if case .double(let double) = condition.value, double.isNaN { return true }
      return (low.map { $0 <= 0 } ?? true) && (high.map { $0 >= 0 } ?? true)
    case .startsWith: return mayStart(with: condition.value)
    case .isNull, .isNotNull: return true
    }
  }

  private func mayStart(with prefix: Value) -> Bool {
    guard case .string(let prefix) = prefix else { return true }
    let bytes = Array(prefix.utf8)
    if case .string(let min)? = min {
      // Of the bounds, what is as long as the prefix counts.
      if bytes.lexicographicallyPrecedes(min.utf8.prefix(bytes.count)) { return false }
    }
    if case .string(let max)? = max, max.utf8.lexicographicallyPrecedes(bytes) { return false }
    return true
  }

  /// - Returns: negative, zero or positive; nil for values that have no order.
  private func ordering(_ left: Value, _ right: Value) -> Int? {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): return sign(left, right)
    case (.decimal(let left), .decimal(let right)): return sign(left, right)
    case (.double(let left), .double(let right)):
      return left.isNaN || right.isNaN ? nil : sign(left, right)
    case (.boolean(let left), .boolean(let right)): return sign(left ? 1 : 0, right ? 1 : 0)
    case (.string(let left), .string(let right)): return sign(Array(left.utf8), Array(right.utf8))
    case (.binary(let left), .binary(let right)): return sign(left, right)
    default: return nil
    }
  }

  private func sign<Number: Comparable>(_ left: Number, _ right: Number) -> Int {
    left == right ? 0 : left < right ? -1 : 1
  }

  private func sign(_ left: [UInt8], _ right: [UInt8]) -> Int {
    left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
  }
}
