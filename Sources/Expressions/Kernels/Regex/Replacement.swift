import Columnar
import Scalars

/// What a match is replaced by: text in which `$1` and `${name}` stand for groups and a backslash
/// takes the next character as it is, as Java has it.
struct Replacement {
  private enum Part {
    case text([UInt8])
    case group(Int)
  }

  private var parts: [Part] = []

  init(_ text: String, _ matcher: PatternMatcher) throws {
    var literal: [UInt8] = []
    var rest = Array(text.utf8)[...]
    func invalid(_ message: String) -> Reason {
      Reason("INVALID_REGEXP_REPLACE", "replacement '\(text.prefix(60))': \(message)")
    }
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\") {
        guard let next = rest.popFirst() else { throw invalid("it ends with a single '\\'") }
        literal.append(next)
      } else if byte == UInt8(ascii: "$") {
        guard let group = Replacement.group(&rest, matcher) else {
          throw invalid("'$' is followed by a group that is there; a plain one is written '\\$'")
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        parts.append(.group(group))
        literal = []
      } else {
        literal.append(byte)
      }
    }
    if !literal.isEmpty { parts.append(.text(literal)) }
  }

  private static func group(_ rest: inout ArraySlice<UInt8>, _ matcher: PatternMatcher) -> Int? {
    if rest.first == UInt8(ascii: "{") {
      guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
      let name = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
      rest = rest[(end + 1)...]
      return matcher.group(named: name)
    }
    guard let first = rest.first, first &- 0x30 <= 9 else { return nil }
    rest.removeFirst()
    var number = Int(first - 0x30)
    guard number <= matcher.groupCount else { return nil }
    // As many digits as there are groups for.
    while let digit = rest.first, digit &- 0x30 <= 9 {
      let longer = number * 10 + Int(digit - 0x30)
      guard longer <= matcher.groupCount else { break }
      number = longer
      rest.removeFirst()
    }
    return number
  }

  fileprivate func append(
    _ text: Span<UInt8>, _ matcher: PatternMatcher, to output: inout MutableBuffer<UInt8>
  ) {
    for part in parts {
      switch part {
      case .text(let bytes): output.append(contentsOf: bytes.span)
      case .group(let group):
        if let range = matcher.range(group) {
          output.append(contentsOf: text.extracting(range))
        }
      }
    }
  }
}

extension Regex {
  /// A text, a pattern, a replacement, and perhaps the place from which on things are replaced.
  static func replace(_ constant: CompiledPattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (texts, patterns) = (arguments.strings(0), arguments.strings(1))
      let replacements = arguments.strings(2)
      let places = arguments.count > 3 ? arguments.int32s(3) : nil
      var matchers = Matchers(constant)
      var last: (matcher: PatternMatcher, text: [UInt8], replacement: Replacement)?
      return try arguments.makeStrings { row, output in
        let matcher = try matchers.matcher(patterns, row)
        let replacement: Replacement
        let bytes = replacements.bytes(row)
        if let last, last.matcher === matcher, last.text == bytes {
          replacement = last.replacement
        } else {
          replacement = try Replacement(replacements.string(row), matcher)
          last = (matcher, bytes, replacement)
        }
        let place = places.map { max(0, Int($0[row]) - 1) } ?? 0
        try append(texts[row], matcher, replacement, from: place, to: &output)
        return true
      }
    }
  }

  private static func append(
    _ text: Span<UInt8>, _ matcher: PatternMatcher, _ replacement: Replacement, from place: Int,
    to output: inout MutableBuffer<UInt8>
  ) throws {
    let start = codePointOffset(text, place)
    guard place == 0 || start < text.count else { return output.append(contentsOf: text) }
    // What stands before the place is out of sight, even for '^'.
    output.append(contentsOf: text.extracting(0..<start))
    let rest = text.extracting(start..<text.count)
    var copied = 0
    try matcher.forEachMatch(in: rest) { match in
      output.append(contentsOf: rest.extracting(copied..<match.lowerBound))
      replacement.append(rest, matcher, to: &output)
      copied = match.upperBound
      return true
    }
    output.append(contentsOf: rest.extracting(copied..<rest.count))
  }
}
