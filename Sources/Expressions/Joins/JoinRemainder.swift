import Columnar

/// What must be true for a pair besides the equalities, taken apart by what it depends on.
package struct JoinRemainder: Sendable {
  /// Over the columns of the left input.
  package let left: Predicate?
  /// Over the columns of the right input.
  package let right: Predicate?
  /// How much later the right row is than the left one.
  package let lag: TimeLag
  /// All else, over the columns of the left input, then those of the right one.
  package let joint: Predicate?
}

/// Bounds, in µs and both allowed, for the time of the right row less that of the left one.
package struct TimeLag: Sendable, Equatable {
  package var least: Int64?
  package var most: Int64?

  package init(least: Int64? = nil, most: Int64? = nil) {
    self.least = least
    self.most = most
  }

  package var isBounded: Bool { least != nil || most != nil }

  /// Bounds for the time of the left row less that of the right one.
  package var mirrored: TimeLag {
    TimeLag(least: most.map(TimeLag.negated), most: least.map(TimeLag.negated))
  }

  private static func negated(_ bound: Int64) -> Int64 { bound == .min ? .max : -bound }

  fileprivate mutating func narrow(_ other: TimeLag) {
    if let bound = other.least { least = max(least ?? bound, bound) }
    if let bound = other.most { most = min(most ?? bound, bound) }
  }
}

extension JoinCondition {
  /// - Parameter times: the event-time column of each input; nil when one has none.
  package func remainder(times: (left: Int, right: Int)?) throws -> JoinRemainder {
    var (left, right, joint): ([Syntax], [Syntax], [Syntax]) = ([], [], [])
    var lag = TimeLag()
    let reader = times.map { LagReader(sides: sides, times: $0) }
    for conjunct in conjuncts {
      let found = try reader?.lag(conjunct.syntax)
      if let found { lag.narrow(found.lag) }
      if conjunct.isEquality || found?.isWhole == true { continue }
      switch try sides.side(of: conjunct.syntax) {
      case .left: left.append(conjunct.syntax)
      case .right: right.append(conjunct.syntax)
      case nil: joint.append(conjunct.syntax)
      }
    }
    return JoinRemainder(
      left: try sides.predicate(allOf: left, on: .left),
      right: try sides.predicate(allOf: right, on: .right), lag: lag,
      joint: try sides.predicate(allOf: joint))
  }
}

/// Finds what a condition says about the time between two rows.
private struct LagReader {
  let sides: JoinSides
  let times: (left: Int, right: Int)

  /// A sum of the two times, each so many times, and a constant in µs.
  private struct Sum {
    var left = 0
    var right = 0
    var constant: Int64 = 0

    func adding(_ other: Sum, times factor: Int) -> Sum? {
      let scaled = other.constant.multipliedReportingOverflow(by: Int64(factor))
      let (sum, overflows) = constant.addingReportingOverflow(scaled.partialValue)
      if scaled.overflow || overflows { return nil }
      return Sum(
        left: left + factor * other.left, right: right + factor * other.right, constant: sum)
    }
  }

  /// - Returns: nil when it says nothing; else whether it says nothing besides.
  func lag(_ syntax: Syntax) throws -> (lag: TimeLag, isWhole: Bool)? {
    switch syntax.kind {
    case .binary(let comparison, let first, let second):
      return try lag(first, comparison, second).map { ($0, true) }
    case .between(let value, let low, let high):
      let bounds = [try lag(value, .greaterOrEqual, low), try lag(value, .lessOrEqual, high)]
        .compactMap { $0 }
      guard var lag = bounds.first else { return nil }
      lag.narrow(bounds[bounds.count - 1])
      return (lag, bounds.count == 2)
    default: return nil
    }
  }

  private func lag(
    _ first: Syntax, _ comparison: BinaryOperator, _ second: Syntax
  ) throws -> TimeLag? {
    guard comparison.isComparison, let one = try sum(first), let other = try sum(second),
      let difference = one.adding(other, times: -1)
    else { return nil }
    // right - left + constant, compared with zero; the other way round, zero with it.
    switch (difference.left, difference.right) {
    case (-1, 1): return bounds(comparison, below: 0, less: difference.constant)
    case (1, -1): return bounds(comparison.mirrored, below: difference.constant, less: 0)
    default: return nil
    }
  }

  /// What follows for x from `x comparison plus - minus`.
  private func bounds(
    _ comparison: BinaryOperator, below plus: Int64, less minus: Int64
  ) -> TimeLag? {
    let (bound, overflows) = plus.subtractingReportingOverflow(minus)
    guard !overflows, bound > .min, bound < .max else { return nil }
    switch comparison {
    case .less: return TimeLag(most: bound - 1)
    case .lessOrEqual: return TimeLag(most: bound)
    case .greater: return TimeLag(least: bound + 1)
    case .greaterOrEqual: return TimeLag(least: bound)
    case .equal: return TimeLag(least: bound, most: bound)
    default: return nil
    }
  }

  private func sum(_ syntax: Syntax) throws -> Sum? {
    switch syntax.kind {
    case .binary(.add, let first, let second):
      return try sum(first).flatMap { one in try sum(second).flatMap { one.adding($0, times: 1) } }
    case .binary(.subtract, let first, let second):
      return try sum(first).flatMap { one in try sum(second).flatMap { one.adding($0, times: -1) } }
    default: return try term(syntax)
    }
  }

  private func term(_ syntax: Syntax) throws -> Sum? {
    let bound = try sides.bind(syntax)
    if let column = bound.columnIndex {
      if column == times.left { return Sum(left: 1) }
      return column == sides.left.fields.count + times.right ? Sum(right: 1) : nil
    }
    guard bound.type == .dayTimeInterval, case .integer(let constant)? = bound.constant
    else { return nil }
    return Sum(constant: constant)
  }
}
