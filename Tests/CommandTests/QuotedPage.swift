import Foundation

/// A manual page that shows files of command cases.
///
/// What it shows stands between the comments `.\" begin NAME` and `.\" end`. A name is `CASE/FILE`, or
/// `FILE` for one that cases share.
struct QuotedPage {
  /// The texts, by name.
  let quotes: [String: String]
  /// The cases that it shows.
  let cases: [Case]
  /// The directory of its cases.
  private let topic: String

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// - Parameters:
  ///   - page: such as `stream-time.7`.
  ///   - topic: the directory of its cases.
  init(_ page: String, topic: String) {
    self.topic = topic
    cases = Case.all.filter { $0.name.hasPrefix("\(topic)/") }
    var quotes: [String: String] = [:]
    var open: String?
    let lines = QuotedPage.text(QuotedPage.root.appending(path: "man/\(page)"))
      .split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines {
      if line.hasPrefix(".\\\" begin ") {
        let name = String(line.dropFirst(10))
        quotes[name] = ""
        open = name
      } else if line == ".\\\" end" {
        open = nil
      } else if let name = open, !line.hasPrefix(".") {
        quotes[name, default: ""] += QuotedPage.plain(line) + "\n"
      }
    }
    self.quotes = quotes
  }

  /// What a line of the page's source stands for.
  private static func plain(_ line: Substring) -> String {
    let escapes = [
      ("\\&", ""), ("\\(aq", "'"), ("\\(ga", "`"), ("\\(ha", "^"), ("\\(ti", "~"), ("\\-", "-"),
      ("\\e", "\\"),
    ]
    return escapes.reduce(String(line)) { $0.replacing($1.0, with: $1.1) }
  }

  private static func text(_ file: URL) -> String {
    (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// A file of a case, as it is to be quoted; empty when there is none.
  ///
  /// - Parameter isWhole: else of `out` what stands before the first line that begins with two dashes
  ///   and a space.
  func text(of file: String, in sample: Case, isWhole: Bool) -> String {
    var lines = QuotedPage.text(sample.directory.appending(path: file)).split(
      separator: "\n", omittingEmptySubsequences: false)
    if !isWhole, file == "out", let end = lines.firstIndex(where: { $0.hasPrefix("-- ") }) {
      lines[end...] = [""]
    }
    // The order of files is that of their times, which a copy does not keep.
    let shown = lines.filter { !$0.hasPrefix("touch ") }.map { line in
      // A manual page has no spaces at the ends of lines.
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    return shown.joined(separator: "\n")
  }

  /// The cases that have what a quote shows.
  func owners(of quote: String) -> [Case] {
    let parts = quote.split(separator: "/")
    return cases.filter { sample in
      parts.count > 1
        ? sample.name == "\(topic)/\(parts[0])"
        : FileManager.default.fileExists(atPath: sample.directory.appending(path: quote).path)
    }
  }

  /// The names under which the files of a case may be quoted.
  func names(of file: String, in sample: Case) -> [String] {
    ["\(sample.name.dropFirst(topic.count + 1))/\(file)", file]
  }
}
