import Foundation
import Testing

/// The manual page of recipes quotes command cases, which run the recipes, get in their way, and compare
/// what comes out with what others make of the same input.
@Suite("The page of recipes")
struct RecipePageTests {
  private static let page = QuotedPage("stream-recipes.7", topic: "stream-recipes")

  @Test("shows all that a recipe consists of")
  func complete() throws {
    let page = RecipePageTests.page
    #expect(page.cases.count > 15)
    for sample in page.cases {
      let files = try FileManager.default.contentsOfDirectory(atPath: sample.directory.path)
      #expect(!files.contains("err") && !files.contains("status"), "\(sample.name) fails")
      for file in files where file != "cmd" {
        let isQuoted = page.names(of: file, in: sample).contains { page.quotes[$0] != nil }
        #expect(isQuoted, "\(sample.name)/\(file) is not quoted")
      }
    }
  }

  @Test("shows it as it is tested")
  func exact() {
    let page = RecipePageTests.page
    #expect(page.quotes.count > 50)
    for (name, quote) in page.quotes {
      let owners = page.owners(of: name)
      #expect(!owners.isEmpty, "no case has '\(name)'")
      let file = URL(filePath: name).lastPathComponent
      for owner in owners {
        #expect(
          page.text(of: file, in: owner, isWhole: false) == quote, "\(owner.name)/\(file)")
      }
    }
  }

  @Test("fits a terminal of 80 columns")
  func width() {
    for (name, quote) in RecipePageTests.page.quotes {
      // The page indents them by eleven.
      let width = quote.split(separator: "\n").map(\.count).max() ?? 0
      #expect(width <= 80 - 11, "\(name)")
    }
  }
}
