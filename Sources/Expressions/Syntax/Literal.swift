/// A constant as it was written.
package enum Literal: Sendable, Hashable {
  case null
  case boolean(Bool)
  case tinyint(Int8)
  case smallint(Int16)
  case int(Int32)
  case bigint(Int64)
  case decimal(Int128, precision: Int, scale: Int)
  case float(Float)
  case double(Double)
  case string(String)
  case binary([UInt8])
  /// `DATE '…'` and its kin; the text is read when the expression is bound.
  case typed(TypedLiteral, String)
  case yearMonthInterval(months: Int32, IntervalFields)
  case dayTimeInterval(microseconds: Int64, IntervalFields)
}

/// The word before the quotes of a typed literal.
package enum TypedLiteral: String, Sendable, CaseIterable {
  case date = "DATE"
  case timestamp = "TIMESTAMP"
  case timestampNtz = "TIMESTAMP_NTZ"
  case timestampLtz = "TIMESTAMP_LTZ"
}

/// The units that an interval type spans, `day` to `hour` say.
package struct IntervalFields: Sendable, Hashable {
  package enum Unit: Int, Sendable, Comparable, CaseIterable {
    case year, month, day, hour, minute, second

    package static func < (left: Unit, right: Unit) -> Bool { left.rawValue < right.rawValue }

    package var name: String { "\(self)" }

    var isYearMonth: Bool { self <= .month }
  }

  package let start: Unit
  package let end: Unit

  package init(_ start: Unit, _ end: Unit) {
    self.start = start
    self.end = end
  }

  package static let yearToMonth = IntervalFields(.year, .month)
  package static let dayToSecond = IntervalFields(.day, .second)

  /// Spans what both span.
  package func union(_ other: IntervalFields) -> IntervalFields {
    IntervalFields(min(start, other.start), max(end, other.end))
  }

  package var description: String {
    start == end ? "interval \(start.name)" : "interval \(start.name) to \(end.name)"
  }
}

/// What Spark's type says beyond ours: shown by `typeof` and in text made from such a value.
package enum TypeAnnotation: Sendable, Hashable {
  case interval(IntervalFields)
  /// Months, days and microseconds side by side: a struct of them here.
  case calendarInterval
  /// A timestamp without a zone: ours is UTC, so it differs in how it is written only.
  case zoneless
}
