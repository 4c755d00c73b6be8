import Columnar
import Diagnostics

extension Binder {
  /// Arithmetic with dates, timestamps and intervals; nil when neither operand is one.
  func temporal(
    _ sign: BinaryOperator, _ left: Node, _ right: Node, _ range: Range<Int>
  ) throws -> Node? {
    if let sum = try CalendarIntervals.bind(sign, left, right, self, range) { return sum }
    let isTemporal = left.type.isTemporal || right.type.isTemporal
    guard isTemporal else { return nil }
    switch sign {
    case .add:
      if let sum = try moved(left, by: right, .add, range) { return sum }
      if let sum = try moved(right, by: left, .add, range) { return sum }
      if let sum = try combined(.add, left, right, range) { return sum }
    case .subtract:
      if let sum = try moved(left, by: right, .subtract, range) { return sum }
      if let difference = try distance(left, right, range) { return difference }
      if let difference = try combined(.subtract, left, right, range) { return difference }
    case .multiply:
      if let product = try scaled(left, by: right, Intervals.multiply, range) { return product }
      if let product = try scaled(right, by: left, Intervals.multiply, range) { return product }
    case .divide:
      if let quotient = try scaled(left, by: right, Intervals.divide, range) { return quotient }
    default: break
    }
    throw mismatch(sign, left, right, range, hint: temporalHint(left, right))
  }

  private func temporalHint(_ left: Node, _ right: Node) -> String? {
    let types = [left.type, right.type]
    if types.contains(.timestamp), types.contains(where: \.isNumeric) {
      return "write an interval: \(source(left.range)) + INTERVAL 1 HOUR"
    }
    if types.contains(.date), types.contains(.bigint) {
      let node = left.type == .bigint ? left : right
      return "days are an int: cast(\(source(node.range)) AS int)"
    }
    return nil
  }

  /// A date or a timestamp and a number of days or an interval.
  private func moved(
    _ point: Node, by step: Node, _ operation: IntegerArithmetic, _ range: Range<Int>
  ) throws -> Node? {
    let isAdding = operation == .add
    switch (point.type, step.type) {
    case (.date, .tinyint), (.date, .smallint), (.date, .int):
      let days = try converted(step, to: .int)
      return call(TimeMath.addDays(isAdding: isAdding), [point, days], .date, range)
    case (.date, .void) where isAdding:
      return Node.null(.date, range: range)
    case (.date, .yearMonthInterval):
      return call(TimeMath.addMonths(isAdding: isAdding), [point, step], .date, range)
    case (.date, .dayTimeInterval):
      if step.annotation == .interval(IntervalFields(.day, .day)) {
        return call(TimeMath.addWholeDays(isAdding: isAdding), [point, step], .date, range)
      }
      let start = try converted(point, to: .timestamp)
      return call(TimeMath.addMicroseconds(isAdding: isAdding), [start, step], .timestamp, range)
    case (.timestamp, .yearMonthInterval):
      return call(
        TimeMath.addMonthsToTimestamp(isAdding: isAdding), [point, step], .timestamp,
        annotation: point.annotation, range)
    case (.timestamp, .dayTimeInterval):
      return call(
        TimeMath.addMicroseconds(isAdding: isAdding), [point, step], .timestamp,
        annotation: point.annotation, range)
    case (.string, .yearMonthInterval), (.string, .dayTimeInterval):
      return try moved(converted(point, to: .timestamp), by: step, operation, range)
    default: return nil
    }
  }

  private func distance(_ left: Node, _ right: Node, _ range: Range<Int>) throws -> Node? {
    let types = [left.type, right.type]
    let isDated = types.contains(.date) || types.contains(.timestamp)
    guard isDated, types.allSatisfy({ $0 == .date || $0 == .timestamp || $0 == .string }) else {
      return nil
    }
    if !types.contains(.timestamp) {
      let operands = [try converted(left, to: .date), try converted(right, to: .date)]
      let days = TypeAnnotation.interval(IntervalFields(.day, .day))
      return call(TimeMath.daysBetween, operands, .dayTimeInterval, annotation: days, range)
    }
    let operands = [try converted(left, to: .timestamp), try converted(right, to: .timestamp)]
    return call(
      IntegerArithmetic.subtract.kernel(), operands, .dayTimeInterval,
      annotation: .interval(.dayToSecond), range)
  }

  /// Two intervals of one kind.
  private func combined(
    _ operation: IntegerArithmetic, _ left: Node, _ right: Node, _ range: Range<Int>
  ) throws -> Node? {
    let type = left.type.isInterval ? left.type : right.type
    guard type.isInterval, let first = try coerced(left, to: type),
      let second = try coerced(right, to: type)
    else { return nil }
    var annotation = first.annotation ?? second.annotation
    if case .interval(let fields) = first.annotation, case .interval(let others) = second.annotation
    {
      annotation = .interval(fields.union(others))
    }
    return call(operation.kernel(), [first, second], type, annotation: annotation, range)
  }

  private func scaled(
    _ interval: Node, by factor: Node, _ kernel: (DataType) -> Kernel, _ range: Range<Int>
  ) throws -> Node? {
    guard interval.type.isInterval,
      factor.type.isNumeric || factor.type == .void || factor.type == .string
    else { return nil }
    let number =
      factor.type.isInteger || factor.type.isDecimal ? factor : try converted(factor, to: .double)
    let fields: IntervalFields = interval.type == .yearMonthInterval ? .yearToMonth : .dayToSecond
    return call(
      kernel(number.type), [interval, number], interval.type, annotation: .interval(fields), range)
  }
}

extension DataType {
  var isInterval: Bool { self == .dayTimeInterval || self == .yearMonthInterval }

  var isTemporal: Bool { isInterval || self == .date || self == .timestamp }
}
