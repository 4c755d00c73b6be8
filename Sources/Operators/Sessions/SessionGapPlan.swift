package import Columnar
import Diagnostics
import Expressions
import Scalars

/// How long after a row its session ends, for rows of a known schema.
package struct SessionGapPlan: Sendable {
  enum Form: Sendable {
    /// In µs, usable.
    case constant(Int64)
    /// Of days and times.
    case interval(BoundExpression)
    case text(BoundExpression)
  }

  let form: Form

  /// - Throws: `StreamError` of kind usage for an expression that gives no intervals, or a constant
  ///   that no session can have.
  package init(_ gap: SessionGap, over schema: Schema) throws {
    switch gap {
    case .constant(let length):
      form = .constant(try SessionGapPlan.checked(length, "\(length) µs"))
    case .expression(let text):
      let bound = try Expression.parse(text).bind(to: schema)
      switch bound.type {
      case .dayTimeInterval, .string, .void: break
      default: throw SessionGapPlan.misfit(bound, text)
      }
      if let value = bound.constant {
        form = .constant(try SessionGapPlan.checked(SessionGapPlan.length(value), text))
      } else {
        form = bound.type == .string ? .text(bound) : .interval(bound)
      }
    }
  }

  /// The columns of the input that the gap depends on.
  package var columnsUsed: Set<Int> {
    switch form {
    case .constant: []
    case .interval(let bound), .text(let bound): bound.columnsUsed
    }
  }

  private static func misfit(_ bound: BoundExpression, _ text: String) -> StreamError {
    let hint: String? =
      switch bound.type {
      case _ where bound.type.isNumeric: "seconds become one: make_dt_interval(0, 0, 0, \(text))"
      case .yearMonthInterval: "a month has no fixed length; say it in days"
      default: nil
      }
    return StreamError(
      .usage,
      "the gap of a session is an interval, or text such as '10 seconds', but '\(text)' is of the "
        + "type \(bound.typeName)", hint: hint)
  }

  /// - Returns: nil when it is none.
  private static func length(_ value: Value) -> Int64? {
    switch value {
    case .integer(let length): length
    case .string(let text): SessionGapPlan.length(text)
    default: nil
    }
  }

  private static func checked(_ length: Int64?, _ text: String) throws -> Int64 {
    guard let length, isUsable(length) else {
      throw StreamError(
        .usage, "'\(text)' is not the gap of a session: expected a positive interval",
        hint: "stream-window --session '10 minutes'")
    }
    return length
  }

  static func isUsable(_ length: Int64) -> Bool { (1...AlignedWindows.sizeMax).contains(length) }

  /// What a text says, in µs: `10 seconds`, `1h30m`, `INTERVAL 2 days`; nil when it is no interval
  /// of a fixed length.
  static func length(_ text: String) -> Int64? {
    let word = "interval "
    let bare = text.drop { $0 == " " }
    let isNamed = bare.prefix(word.count).lowercased() == word
    return try? parseDuration(String(isNamed ? bare.dropFirst(word.count) : bare))
  }
}

// MARK: - Rows

/// The gap of each row of a batch, in µs; one that is not positive is none.
enum SessionGaps {
  case constant(Int64)
  case each(Buffer<Int64>, Bitmap?)
}

extension SessionGapPlan {
  /// - Throws: `EvaluationError`.
  func gaps(of batch: Batch, _ context: EvaluationContext) throws -> SessionGaps {
    switch form {
    case .constant(let length): return .constant(length)
    case .interval(let bound):
      let column = try bound.evaluate(over: batch, context: context)
      guard case .int64(let lengths) = column.storage else { return .constant(0) }
      return .each(lengths, column.validity)
    case .text(let bound):
      return SessionGapPlan.lengths(try bound.evaluate(over: batch, context: context))
    }
  }

  /// A few texts come again and again: each is read once.
  private static func lengths(_ texts: Column) -> SessionGaps {
    guard case .bytes(let strings) = texts.storage else { preconditionFailure("strings") }
    var known: [String: Int64] = [:]
    var (last, lastLength): (Int?, Int64) = (nil, 0)
    let lengths = Buffer<Int64>(count: texts.count) { output in
      for row in 0..<texts.count {
        if texts.isNull(row) {
          output.append(0)
          continue
        }
        if let last, strings.areEqual(last, row) {
          output.append(lastLength)
          continue
        }
        let text = strings.string(row)
        lastLength = known[text] ?? length(text) ?? 0
        known[text] = lastLength
        last = row
        output.append(lastLength)
      }
    }
    return .each(lengths, texts.validity)
  }
}

extension ByteStrings {
  fileprivate func areEqual(_ left: Int, _ right: Int) -> Bool {
    let (first, second) = (self[left], self[right])
    guard first.count == second.count else { return false }
    for index in first.indices where first[index] != second[index] { return false }
    return true
  }
}
