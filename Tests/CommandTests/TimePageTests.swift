import Foundation
import Testing

/// The manual page on time quotes its examples from command cases, which are run.
@Suite("The page on time")
struct TimePageTests {
  private static let page = QuotedPage("stream-time.7", topic: "stream-time")

  @Test("shows each of its cases")
  func complete() throws {
    let page = TimePageTests.page
    #expect(page.cases.count > 10)
    for sample in page.cases {
      let files = try FileManager.default.contentsOfDirectory(atPath: sample.directory.path)
      for file in files where file != "err" {
        let isShared = !["cmd", "out"].contains(file)
        let name = page.names(of: file, in: sample)[isShared ? 1 : 0]
        #expect(page.quotes[name] != nil, "\(sample.name)/\(file) is not quoted")
      }
    }
  }

  @Test("shows them as they are")
  func exact() {
    let page = TimePageTests.page
    #expect(page.quotes.count > 30)
    for (name, quote) in page.quotes {
      let owners = page.owners(of: name)
      #expect(!owners.isEmpty, "no case has '\(name)'")
      let file = URL(filePath: name).lastPathComponent
      for owner in owners {
        #expect(
          page.text(of: file, in: owner, isWhole: true) == quote, "\(owner.name)/\(file)")
      }
    }
  }
}
