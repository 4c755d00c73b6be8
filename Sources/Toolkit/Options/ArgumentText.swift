internal import ArgumentParser

/// A word of the command line that may begin with a dash: an expression (`-sum(x)`), a duration
/// (`-5m`), a number.
///
/// The parser takes every word with a dash in front for options. So such words are marked before it
/// sees them (``shielding(_:)``), and the mark is taken off here.
package struct ArgumentText: ExpressibleByArgument, Sendable, Equatable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package init?(argument: String) {
    text = argument.first == ArgumentText.mark ? String(argument.dropFirst()) : argument
  }

  package var defaultValueDescription: String { text }

  private static let mark: Character = "\u{1}"

  /// Marks the words that begin with a dash and cannot be meant as options.
  static func shielding(_ arguments: [String]) -> [String] {
    var isBehindTerminator = false
    return arguments.map { argument in
      if argument == "--" { isBehindTerminator = true }
      if isBehindTerminator || isOption(argument) { return argument }
      return "\(mark)\(argument)"
    }
  }

  /// Takes marks out of a message of the parser's.
  static func unshielding(_ text: String) -> String { text.filter { $0 != mark } }

  /// Whether the parser should see the word as it is: one without a dash, `-`, `--long…` or short
  /// options (letters alone).
  private static func isOption(_ argument: String) -> Bool {
    guard argument.hasPrefix("-"), argument != "-" else { return true }
    if argument.hasPrefix("--") { return true }
    return argument.dropFirst().allSatisfy { $0.isASCII && $0.isLetter }
  }
}

extension Sequence<ArgumentText> {
  /// Lists given in several options, as one list.
  package var joinedList: String { map(\.text).joined(separator: ", ") }
}
