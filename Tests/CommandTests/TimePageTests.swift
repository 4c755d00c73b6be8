import Foundation
import Testing

/// The manual page on time quotes its examples from command cases, which are run.
@Suite("The page on time")
struct TimePageTests {
  /// What stands between two marks: `CASE/FILE`, or the name of an input that cases share.
  private static let quotes: [String: String] = {
    var quotes: [String: String] = [:]
    var name: String?
    for line in text(root.appending(path: "man/stream-time.7")).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      if line.hasPrefix(".\\\" begin ") {
        name = String(line.dropFirst(10))
        quotes[name ?? "", default: ""] = ""
      } else if line == ".\\\" end" {
        name = nil
      } else if let name, !line.hasPrefix(".") {
        quotes[name, default: ""] += line.replacing("\\e", with: "\\") + "\n"
      }
    }
    return quotes
  }()

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static let cases = Case.all.filter { $0.name.hasPrefix("stream-time/") }

  private static func text(_ file: URL) -> String {
    (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// A file of a case, as it is to be quoted.
  private static func text(of file: String, in sample: Case) -> String {
    let lines = text(sample.directory.appending(path: file)).split(
      separator: "\n", omittingEmptySubsequences: false)
    // The order of files is that of their times, which a copy does not keep.
    let shown = lines.filter { !$0.hasPrefix("touch ") }.map { line in
      // A manual page has no spaces at the ends of lines.
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    return shown.joined(separator: "\n")
  }

  @Test("shows each of its cases")
  func complete() throws {
    #expect(TimePageTests.cases.count > 10)
    for sample in TimePageTests.cases {
      let files = try FileManager.default.contentsOfDirectory(atPath: sample.directory.path)
      for file in files where file != "err" {
        let isShared = !["cmd", "out"].contains(file)
        let name = isShared ? file : "\(sample.name.dropFirst(12))/\(file)"
        #expect(TimePageTests.quotes[name] != nil, "\(sample.name)/\(file) is not quoted")
      }
    }
  }

  @Test("shows them as they are")
  func exact() {
    #expect(TimePageTests.quotes.count > 30)
    for (name, quote) in TimePageTests.quotes {
      let parts = name.split(separator: "/")
      let file = String(parts[parts.count - 1])
      let owners = TimePageTests.cases.filter { sample in
        parts.count > 1
          ? sample.name == "stream-time/\(parts[0])"
          : !TimePageTests.text(of: file, in: sample).isEmpty
      }
      #expect(!owners.isEmpty, "no case has '\(name)'")
      for owner in owners {
        #expect(TimePageTests.text(of: file, in: owner) == quote, "\(owner.name)/\(file)")
      }
    }
  }
}
