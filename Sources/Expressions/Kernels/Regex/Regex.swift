import Columnar
import Scalars

/// Functions of a text and a regular expression, which is a constant or comes with the rows.
enum Regex {
  /// The matchers of a column of patterns, of which the same one comes again and again.
  struct Matchers {
    private let constant: PatternMatcher?
    private var last: (text: [UInt8], matcher: PatternMatcher, pattern: CompiledPattern)?

    init(_ constant: CompiledPattern?) { self.constant = constant.map { PatternMatcher($0) } }

    mutating func matcher(_ patterns: StringLane, _ row: Int) throws -> PatternMatcher {
      if let constant { return constant }
      let bytes = patterns.bytes(row)
      if let last, last.text == bytes { return last.matcher }
      let pattern = try Regex.compiled(patterns.string(row))
      let matcher = PatternMatcher(pattern)
      last = (bytes, matcher, pattern)
      return matcher
    }
  }

  static func compiled(_ text: String) throws(Reason) -> CompiledPattern {
    do throws(PatternFault) {
      return try CompiledPattern(text)
    } catch {
      throw Reason(
        "INVALID_PARAMETER_VALUE.PATTERN",
        "'\(text.prefix(60))' is not a regular expression: \(error.message)")
    }
  }

  // MARK: - Kernels: a text, a pattern, then other arguments

  static func matches(_ constant: CompiledPattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      var matchers = Matchers(constant)
      return try arguments.makeBooleans { row in
        try matchers.matcher(patterns, row).match(texts[row]) != nil
      }
    }
  }

  static func count(_ constant: CompiledPattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      var matchers = Matchers(constant)
      return try arguments.makeInt32s { row in
        var count: Int32 = 0
        try matchers.matcher(patterns, row).forEachMatch(in: texts[row]) { _ in
          count += 1
          return true
        }
        return count
      }
    }
  }

  static func place(_ constant: CompiledPattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      var matchers = Matchers(constant)
      return try arguments.makeInt32s { row in
        guard let match = try matchers.matcher(patterns, row).match(texts[row]) else { return 0 }
        return Int32(codePointCount(texts[row].extracting(0..<match.lowerBound))) + 1
      }
    }
  }

  static func first(_ constant: CompiledPattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      var matchers = Matchers(constant)
      return try arguments.makeStrings { row, output in
        guard let match = try matchers.matcher(patterns, row).match(texts[row]) else {
          return false
        }
        output.append(short: texts[row].extracting(match))
        return true
      }
    }
  }

  /// The third argument is the number of a group.
  static func extract(_ constant: CompiledPattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      let groups = arguments.int32s(2)
      var matchers = Matchers(constant)
      return try arguments.makeStrings { row, output in
        let matcher = try matchers.matcher(patterns, row)
        guard try matcher.match(texts[row]) != nil else { return true }
        if let range = matcher.range(try matcher.checked(group: groups[row])) {
          output.append(short: texts[row].extracting(range))
        }
        return true
      }
    }
  }

  static func extractAll(_ constant: CompiledPattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      let groups = arguments.int32s(2)
      var matchers = Matchers(constant)
      return try arguments.makeStringLists { row, output in
        let matcher = try matchers.matcher(patterns, row)
        try matcher.forEachMatch(in: texts[row]) { _ in
          let group = try matcher.checked(group: groups[row])
          output.append(texts[row].extracting(matcher.range(group) ?? 0..<0))
          return true
        }
      }
    }
  }

  /// With a limit as third argument, or none.
  static func split(_ constant: CompiledPattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      let limits = arguments.count > 2 ? arguments.int32s(2) : nil
      var matchers = Matchers(constant)
      return try arguments.makeStringLists { row, output in
        let text = texts[row]
        if patterns.length(row) == 0 {
          return Split.append(text, [], limits.map { Int($0[row]) } ?? -1, to: &output)
        }
        let limit = limits.map { Int($0[row]) } ?? -1
        let matcher = try matchers.matcher(patterns, row)
        for range in try matcher.ranges(between: text, limit: limit) {
          output.append(text.extracting(range))
        }
      }
    }
  }
}

extension PatternMatcher {
  func checked(group: Int32) throws -> Int {
    guard 0...groupCount ~= Int(group) else {
      throw Reason(
        "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX",
        "there is no group \(group): the regular expression has \(groupCount)")
    }
    return Int(group)
  }

  /// What stands between the matches; the last part takes the rest when there is a limit above 0.
  func ranges(between text: Span<UInt8>, limit: Int) throws -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    try forEachMatch(in: text) { match in
      if limit > 0, ranges.count == limit - 1 { return false }
      // An empty match at the start parts nothing off.
      if match.upperBound == 0 { return true }
      ranges.append(start..<match.lowerBound)
      start = match.upperBound
      return true
    }
    ranges.append(start..<text.count)
    return ranges
  }
}

extension Arguments {
  /// A list of strings for each row in which no argument is null.
  func makeStringLists(_ body: (Int, inout ByteStringsBuilder) throws -> Void) throws -> Column {
    var parts = ByteStringsBuilder(capacity: rowCount * 4, byteCapacity: rowCount * 16)
    let offsets = RowTarget<Int32>(count: rowCount + 1)
    offsets[0] = 0
    let valid = try eachRow { row in
      try body(row, &parts)
      guard parts.byteCount <= Int(Int32.max), parts.count < 1 << 28 else {
        throw RowFailure(row: row, .tooLarge)
      }
      offsets[row + 1] = Int32(truncatingIfNeeded: parts.count)
      return true
    } null: { row in
      offsets[row + 1] = Int32(truncatingIfNeeded: parts.count)
    }
    let elements = Column(.string, .bytes(parts.take()))
    return Column(type, .list(offsets: offsets.buffer, elements: elements), validity: valid)
  }
}
