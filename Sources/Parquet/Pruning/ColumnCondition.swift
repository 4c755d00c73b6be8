package import Columnar

/// A condition on a column, by which row groups are passed over that cannot have a row for which it
/// is true.
package struct ColumnCondition: Sendable {
  package enum Comparison: Sendable, CaseIterable {
    case less
    case lessOrEqual
    case equal
    case greaterOrEqual
    case greater
    case isNull
    case isNotNull
  }

  /// Names, from the column on.
  package let path: [String]
  package let comparison: Comparison
  /// In the column's own type; a null makes no comparison true.
  package let value: Value

  package init(_ path: [String], _ comparison: Comparison, _ value: Value = .null) {
    self.path = path
    self.comparison = comparison
    self.value = value
  }
}

extension ParquetFile {
  /// The row groups that may have rows for which all conditions are true, as far as their
  /// statistics tell.
  package func groups(where conditions: [ColumnCondition]) -> [Int] {
    rowGroups.indices.filter { index in
      conditions.allSatisfy { rowGroups[index].mayHold($0) }
    }
  }
}

extension RowGroup {
  /// Whether there may be a row for which the condition is true. Where nobody knows, there may.
  package func mayHold(_ condition: ColumnCondition) -> Bool {
    guard let bounds = bounds(of: condition.path) else { return true }
    switch condition.comparison {
    case .isNull: return bounds.nullCount != 0
    case .isNotNull: return bounds.nullCount != bounds.valueCount
    default: break
    }
    if condition.value == .null || bounds.nullCount == bounds.valueCount { return false }
    return mayHold(condition, bounds)
  }

  private func mayHold(_ condition: ColumnCondition, _ bounds: ColumnBounds) -> Bool {
    let low = bounds.min.flatMap { ordering($0, condition.value) }
    let high = bounds.max.flatMap { ordering($0, condition.value) }
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
    case .isNull, .isNotNull: return true
    }
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
