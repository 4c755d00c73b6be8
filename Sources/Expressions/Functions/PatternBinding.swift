import Columnar
import Diagnostics
import Scalars

/// Functions between times and texts with a pattern such as `yyyy-MM-dd`.
enum PatternBinding {
  static let defaultPattern = "yyyy-MM-dd HH:mm:ss"

  // MARK: - Binding

  static func parse(
    _ call: CallBinder, as type: DataType, isTrying: Bool, annotation: TypeAnnotation? = nil
  ) throws -> Node {
    let source = call[0]
    if call.count == 2, source.type == .string {
      let pattern = try pattern(call, 1, isParsing: true)
      let kernel = type == .date ? dateParser(pattern) : timestampParser(pattern)
      return call.call(
        kernel, [source, try call.argument(1, .text)], type, annotation: annotation,
        isTrying: isTrying)
    }
    if source.type == type, source.annotation == annotation { return source }
    let isTime = source.type == .date || source.type == .timestamp
    let isNumber =
      (source.type.isNumeric || source.type == .boolean) && type == .timestamp && annotation == nil
    guard source.type == .string || source.type == .void || isTime || isNumber,
      let kernel = Cast.kernel(
        of: source, to: TypeSyntax(type: type, annotation: annotation, range: call.range))
    else { throw call.misfit(0, "a string") }
    return call.call(kernel, [source], type, annotation: annotation, isTrying: isTrying)
  }

  static func format(_ call: CallBinder) throws -> Node {
    let time = try call.argument(0, .timestamp)
    let pattern = try pattern(call, 1, isParsing: false)
    return call.call(formatter(pattern), [time, try call.argument(1, .text)], .string)
  }

  static func fromSeconds(_ call: CallBinder) throws -> Node {
    let seconds = try call.argument(0, .bigint)
    let text =
      call.count > 1 ? try call.argument(1, .text) : constant(defaultPattern, call)
    let pattern =
      call.count > 1 ? try pattern(call, 1, isParsing: false) : try? DateTimePattern(defaultPattern)
    return call.call(
      formatter(pattern), [call.call(moments, [seconds], .timestamp), text], .string)
  }

  static func toSeconds(_ call: CallBinder) throws -> Node {
    let time: Node
    if call.count == 0 {
      time = Node(.now, .timestamp, range: call.range)
    } else if call[0].type == .string {
      let text = call.count > 1 ? try call.argument(1, .text) : constant(defaultPattern, call)
      let pattern =
        call.count > 1
        ? try pattern(call, 1, isParsing: true) : try? DateTimePattern(defaultPattern)
      time = call.call(timestampParser(pattern), [call[0], text], .timestamp)
    } else {
      time = try call.argument(0, .timestamp)
    }
    return call.call(wholeSeconds, [time], .bigint)
  }

  private static func constant(_ text: String, _ call: CallBinder) -> Node {
    Node(.constant(Column([text])), .string, range: call.range)
  }

  /// The pattern when it is a constant; nil when it comes with the rows.
  private static func pattern(
    _ call: CallBinder, _ index: Int, isParsing: Bool
  ) throws -> DateTimePattern? {
    guard let text = call.constantText(index) else { return nil }
    do throws(PatternError) {
      let pattern = try DateTimePattern(text)
      if isParsing { try pattern.requireParsable() }
      return pattern
    } catch {
      throw call.failure("pattern '\(text)': \(error.message)", call[index].range)
    }
  }

  // MARK: - Kernels: the time, then the pattern as a text

  /// Seconds far beyond the range wrap around, as in the reference.
  private static let moments = Kernel { arguments in
    let column = arguments[0].column
    return Column(
      .timestamp, .int64(map(column.int64s) { $0 &* 1_000_000 }), validity: column.validity)
  }

  /// Truncated, so that the last moments of 1969 are 0 as well.
  private static let wholeSeconds = Kernel { arguments in
    let column = arguments[0].column
    return Column(.bigint, .int64(map(column.int64s) { $0 / 1_000_000 }), validity: column.validity)
  }

  private static func formatter(_ constant: DateTimePattern?) -> Kernel {
    Kernel(canFail: constant == nil) { arguments in
      let (times, texts) = (arguments.int64s(0), arguments.strings(1))
      var cache = PatternCache(constant)
      return try arguments.makeText { row, text in
        try cache.pattern(texts, row).format(times[row], to: &text)
        return true
      }
    }
  }

  private static func timestampParser(_ constant: DateTimePattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      var cache = PatternCache(constant)
      return try arguments.makeInt64s { row in
        let pattern = try cache.pattern(patterns, row)
        do throws(TimeError) {
          return try pattern.parseTimestamp(texts[row])
        } catch {
          throw unreadable(texts, patterns, row)
        }
      }
    }
  }

  private static func dateParser(_ constant: DateTimePattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      var cache = PatternCache(constant)
      return try arguments.makeInt32s { row in
        let pattern = try cache.pattern(patterns, row)
        do throws(TimeError) {
          return try pattern.parseDate(texts[row])
        } catch {
          throw unreadable(texts, patterns, row)
        }
      }
    }
  }

  private static func unreadable(_ texts: StringLane, _ patterns: StringLane, _ row: Int) -> Reason
  {
    Reason(
      "CANNOT_PARSE_TIMESTAMP",
      "'\(texts.string(row))' is not written as '\(patterns.string(row))'",
      hint: "try_to_timestamp gives null instead")
  }
}

/// The patterns of a column, of which the same one comes again and again.
private struct PatternCache {
  private let constant: DateTimePattern?
  private var last: (text: String, pattern: DateTimePattern)?

  init(_ constant: DateTimePattern?) { self.constant = constant }

  mutating func pattern(_ texts: StringLane, _ row: Int) throws -> DateTimePattern {
    if let constant { return constant }
    let text = texts.string(row)
    if let last, last.text == text { return last.pattern }
    do throws(PatternError) {
      let pattern = try DateTimePattern(text)
      last = (text, pattern)
      return pattern
    } catch {
      throw Reason(error.errorClass, "pattern '\(text)': \(error.message)")
    }
  }
}
