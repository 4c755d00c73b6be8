import Diagnostics

extension Parser {
  /// The literal at the word INTERVAL, consumed; nil when the word is a name here.
  mutating func intervalLiteral() throws -> Literal? {
    let isLiteral =
      switch token(ahead: 1).kind {
      case .number, .string, .symbol(.minus), .symbol(.plus): true
      default: false
      }
    guard isLiteral else {
      if token(ahead: 1).kind == .word {
        throw failure(
          "an INTERVAL is a constant", token(ahead: 1).range,
          hint: "make_dt_interval(days, hours, minutes, seconds) takes columns")
      }
      return nil
    }
    let start = advance().range.lowerBound
    if case .string(let inner) = current.kind, intervalUnit(ahead: 1) == nil {
      return try intervalText(inner)
    }
    var total = IntervalSum()
    repeat {
      let valueStart = current.range.lowerBound
      let value = try intervalValue()
      let unit = try unit()
      if accept(word: "TO") {
        let end = try unitBehindTo()
        let range = valueStart..<tokens[position - 1].range.upperBound
        return try interval(value, from: unit, to: end, range)
      }
      let range = valueStart..<tokens[position - 1].range.upperBound
      guard total.add(value, unit) else { throw invalid(value, unit, range) }
    } while isIntervalValue
    return try literal(total, start..<tokens[position - 1].range.upperBound)
  }

  /// `INTERVAL '1 day 2 hours'`.
  private mutating func intervalText(_ inner: String) throws -> Literal {
    let range = advance().range
    let bare = inner.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let words = bare.lowercased().hasPrefix("interval ") ? String(bare.dropFirst(9)) : bare
    let problem = failure(
      "'\(inner)' is not an interval", range, hint: "INTERVAL '1 day 2 hours', INTERVAL 10 MINUTES")
    guard var parser = try? Parser(words) else { throw problem }
    var total = IntervalSum()
    repeat {
      guard let value = try? parser.intervalValue(), let unit = try? parser.unit(),
        total.add(value, unit)
      else { throw problem }
    } while parser.current.kind != .end
    return try literal(total, range)
  }

  private func literal(_ total: IntervalSum, _ range: Range<Int>) throws -> Literal {
    guard let literal = total.literal else {
      throw failure(
        "an interval has years and months, or days and times, but not both", range,
        hint: "add two intervals one after the other: d + INTERVAL 1 MONTH + INTERVAL 2 DAYS")
    }
    return literal
  }

  private func invalid(_ value: String, _ unit: IntervalUnit, _ range: Range<Int>) -> StreamError {
    failure("'\(value)' is not a number of \(unit.rawValue)s that an interval can hold", range)
  }

  /// Whether another number and unit follow.
  private var isIntervalValue: Bool {
    switch current.kind {
    case .number, .string: intervalUnit(ahead: 1) != nil
    case .symbol(.minus), .symbol(.plus):
      // `INTERVAL 1 DAY - 2 …` subtracts; a sign belongs to the interval only before a unit.
      false
    default: false
    }
  }

  private func intervalUnit(ahead count: Int) -> IntervalUnit? {
    keyword(ahead: count).flatMap(IntervalUnit.init(word:))
  }

  /// A number as text, with its signs resolved.
  private mutating func intervalValue() throws -> String {
    var isNegative = false
    if accept(.minus) { isNegative = true } else { _ = accept(.plus) }
    var value: String
    switch current.kind {
    case .number(let form) where form.suffix == nil && !form.hasExponent: value = form.digits
    case .string(let text): value = String(text.trimmed)
    default: throw expected("a number and a unit such as DAY")
    }
    position += 1
    if value.hasPrefix("+") { value.removeFirst() }
    guard isNegative else { return value }
    return value.hasPrefix("-") ? String(value.dropFirst()) : "-" + value
  }

  private mutating func unit() throws -> IntervalUnit {
    guard let unit = intervalUnit(ahead: 0) else {
      throw expected("a unit: YEAR, MONTH, WEEK, DAY, HOUR, MINUTE or SECOND")
    }
    position += 1
    return unit
  }

  private mutating func unitBehindTo() throws -> IntervalUnit { try unit() }

  private func interval(
    _ value: String, from start: IntervalUnit, to end: IntervalUnit, _ range: Range<Int>
  ) throws -> Literal {
    guard let first = start.field, let last = end.field, first < last,
      first.isYearMonth == last.isYearMonth
    else {
      throw failure("an interval does not go from \(start.rawValue) to \(end.rawValue)", range)
    }
    let fields = IntervalFields(first, last)
    if first.isYearMonth, let months = IntervalText.months(value) {
      return .yearMonthInterval(months: months, fields)
    }
    if !first.isYearMonth, let microseconds = IntervalText.microseconds(value, fields) {
      return .dayTimeInterval(microseconds: microseconds, fields)
    }
    throw failure(
      "'\(value)' is not written as \(fields.description)", range,
      hint: "such as \(IntervalText.example(fields))")
  }
}

extension String {
  var trimmed: Substring {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return rest
  }
}
