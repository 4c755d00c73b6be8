import Foundation
import Testing

/// The manual page of stream-state quotes programs that command cases run.
@Suite("The page of stream-state")
struct StatePageTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ file: URL) -> String? {
    (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What stands between two marks, by its name.
  private static let quotes: [String: String] = {
    var quotes: [String: String] = [:]
    var name: String?
    let page = text(root.appending(path: "man/stream-state.1")) ?? ""
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(".\\\" begin ") {
        name = String(line.dropFirst(10))
        quotes[name ?? "", default: ""] = ""
      } else if line == ".\\\" end" {
        name = nil
      } else if let name {
        quotes[name, default: ""] += line.replacing("\\e", with: "\\") + "\n"
      }
    }
    return quotes
  }()

  private static let cases = Case.all.filter { $0.name.hasPrefix("stream-state/") }

  @Test("shows programs that are run")
  func exact() {
    #expect(StatePageTests.quotes.count == 7)
    for (name, quote) in StatePageTests.quotes {
      let files = StatePageTests.cases.compactMap { sample in
        StatePageTests.text(sample.directory.appending(path: name))
      }
      #expect(!files.isEmpty, "no case has '\(name)'")
      for file in files { #expect(file == quote, "\(name)") }
      let isRun = StatePageTests.cases.contains { sample in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: sample.directory.path))
        let scripts = (names ?? []).filter { $0 == "cmd" || $0.hasSuffix(".sh") }
        return scripts.contains { script in
          let text = StatePageTests.text(sample.directory.appending(path: script)) ?? ""
          return script != name && text.contains(name)
        }
      }
      #expect(isRun, "nobody runs '\(name)'")
    }
  }
}
