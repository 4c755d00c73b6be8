/// What the user reads when a tool stops: what failed, where, and what to do about it.
package struct StreamError: Error, Sendable, Equatable {
  /// Who can mend it. Decides the exit status, and so what a supervisor does next.
  package enum Kind: Int32, Sendable, CaseIterable {
    /// The command line, the query or a schema is wrong, or a named input is not there: running
    /// again cannot help.
    case usage = 64
    /// Input bytes are not what they claim to be, or an expression failed on them.
    case data = 65
    /// A defect in this program.
    case `internal` = 70
    /// The disk refused, or a checkpoint is damaged.
    case io = 74
    /// The upstream died, a broker or a database said no: running again may help.
    case unavailable = 75
  }

  package var kind: Kind
  package var message: String
  /// The place in the input, such as `orders.csv:12:7`.
  package var location: String?
  /// Where in a text that the user wrote (an expression, a schema) it went wrong.
  package var excerpt: Excerpt?
  /// One thing to do about it; can be pasted.
  package var hint: String?

  package init(
    _ kind: Kind, _ message: String, location: String? = nil, excerpt: Excerpt? = nil,
    hint: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.location = location
    self.excerpt = excerpt
    self.hint = hint
  }

  /// What every report of a damaged checkpoint begins with.
  package static let damagePrefix = "the checkpoint is damaged: "

  /// A checkpoint does not hold what was written into it.
  ///
  /// - Parameters:
  ///   - what: is wrong.
  ///   - location: the file, if it is known.
  package static func damagedCheckpoint(
    _ what: String, at location: String? = nil,
    hint: String? = "restore the directory from a copy, or begin again with an empty one"
  ) -> StreamError {
    StreamError(.io, damagePrefix + what, location: location, hint: hint)
  }

  /// The one place where an error becomes text. No newline at the end.
  package func rendered(by tool: String) -> String {
    let place = location.map { "\($0): " } ?? ""
    let pointer = excerpt.map { "\n" + $0.rendered } ?? ""
    let advice = hint.map { "\n\(tool): hint: \($0)" } ?? ""
    return "\(tool): error: \(place)\(message)\(pointer)\(advice)"
  }
}

/// A text that the user wrote, and the part of it that an error is about.
package struct Excerpt: Sendable, Equatable {
  package let text: String
  /// UTF-8 offsets into `text`; empty for a place between two bytes, such as its end.
  package let range: Range<Int>

  package init(_ text: String, _ range: Range<Int>) {
    self.text = text
    self.range = range
  }

  /// The line of the text that holds the range, and carets under it.
  var rendered: String {
    let bytes = Array(text.utf8)
    let start = min(range.lowerBound, bytes.count)
    let lineStart = bytes[..<start].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let lineEnd = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    let end = max(start, min(range.upperBound, lineEnd))
    let columns = String(decoding: bytes[lineStart..<start], as: UTF8.self).count
    let width = max(1, String(decoding: bytes[start..<end], as: UTF8.self).count)
    let line = String(decoding: bytes[lineStart..<lineEnd], as: UTF8.self)
    return
      "  \(line)\n  \(String(repeating: " ", count: columns))\(String(repeating: "^", count: width))"
  }
}
