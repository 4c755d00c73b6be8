/// A manual page that shows files of command cases: its source names them, the page has their text.
///
/// A line `.\" quote CASE/FILE` becomes that file of a case as a display, of the file `out` what stands
/// before the first line that begins with two dashes and a space. `.\" quote FILE` is a file that
/// cases share.
struct QuotingPage {
  static let mark = ".\\\" quote "
  static let end = ".\\\" end"

  /// The directory of the cases.
  let cases: String

  /// - Parameter source: mdoc.
  func rendered(_ source: String) throws -> String {
    var lines: [String] = []
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      // What follows a display is a paragraph of its own.
      if lines.last == QuotingPage.end, !line.hasPrefix(".S"), !line.hasPrefix(QuotingPage.mark) {
        lines.append(".Pp")
      }
      if line.hasPrefix(QuotingPage.mark) {
        lines += try display(String(line.dropFirst(QuotingPage.mark.count)))
      } else {
        lines.append(String(line))
      }
    }
    return lines.joined(separator: "\n")
  }

  private func display(_ name: String) throws -> [String] {
    let text = try text(of: name.contains("/") ? "\(cases)/\(name)" : shared(name))
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if name.hasSuffix("/out"), let end = lines.firstIndex(where: { $0.hasPrefix("-- ") }) {
      lines.removeSubrange(end...)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return [".\\\" begin \(name)", ".Bd -literal -offset indent"]
      + lines.map(QuotingPage.literal) + [".Ed", QuotingPage.end]
  }

  /// The first file of that name.
  private func shared(_ name: String) throws -> String {
    guard let path = try files(below: cases).first(where: { $0.hasSuffix("/\(name)") }) else {
      throw FileFailure(description: "\(cases): no case has a file '\(name)'")
    }
    return path
  }

  /// As it was typed, on every system: some turn plain quotes and dashes into typographic ones, which
  /// no shell understands.
  private static func literal(_ line: String) -> String {
    let text = String(line.reversed().drop { $0 == " " }.reversed())
    let escaped = text.map { character in
      switch character {
      case "\\": "\\e"
      case "'": "\\(aq"
      case "`": "\\(ga"
      case "^": "\\(ha"
      case "~": "\\(ti"
      case "-": "\\-"
      default: String(character)
      }
    }.joined()
    return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }
}
