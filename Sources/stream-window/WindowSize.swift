import Diagnostics
import Operators
import Toolkit

/// The value of `--size`.
enum WindowSize: Equatable {
  /// In µs.
  case fixed(Int64)
  /// Calendar months.
  case months(Int64)

  /// - Throws: a usage error that quotes the text.
  init(_ text: String) throws(StreamError) {
    if let months = WindowSize.months(in: text) {
      guard months > 0 else { throw WindowSize.notPositive(text, "--size") }
      self = .months(months)
    } else {
      self = .fixed(try WindowSize.positive(text, option: "--size"))
    }
  }

  /// A duration above zero.
  static func positive(_ text: String, option: String) throws(StreamError) -> Int64 {
    let duration = try parseDuration(text, option: option)
    guard duration > 0 else { throw notPositive(text, option) }
    guard duration <= AlignedWindows.sizeMax else {
      throw StreamError(.usage, "\(option): '\(text)' is too long")
    }
    return duration
  }

  private static func notPositive(_ text: String, _ option: String) -> StreamError {
    StreamError(.usage, "\(option): expected a duration above zero but found '\(text)'")
  }

  private static let countMax: Int64 = 1 << 40

  private static let units: [(name: String, months: Int64)] = [
    ("month", 1), ("months", 1), ("mon", 1), ("quarter", 3), ("quarters", 3), ("year", 12),
    ("years", 12), ("y", 12),
  ]

  /// - Returns: of `1month`, `3 months`, `1 year 6 months`; nil when it is no such text.
  private static func months(in text: String) -> Int64? {
    var rest = text.lowercased()[...]
    var total: Int64 = 0
    repeat {
      rest = rest.drop { $0 == " " }
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count).drop { $0 == " " }
      let word = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(word.count).drop { $0 == " " }
      guard let unit = units.first(where: { $0.name == word }), !digits.isEmpty else { return nil }
      // More is too long, however much it is.
      total = min(total + min(Int64(digits) ?? .max, countMax) * unit.months, countMax)
    } while !rest.isEmpty
    return total
  }
}
