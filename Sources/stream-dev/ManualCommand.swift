import ArgumentParser
import JSONText

struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man",
    abstract: "Write the manual pages of section 1, of expressions, and the one that quotes cases.")

  @Flag(help: "Compare with the files that are there instead of writing them.")
  var check = false

  func run() throws {
    for tool in tools {
      let dump = try output(of: ".build/bin/\(tool) --experimental-dump-help")
      let page = try ManualPage(tool: tool, dump: JSON(parsing: Array(dump.utf8)))
      try publish(page.rendered(sections: sections(of: tool)), at: "man/\(tool).1", check: check)
    }
    let recipes = QuotingPage(cases: "Tests/CommandTests/Cases/stream-recipes")
    try publish(
      recipes.rendered(sections(of: "stream-recipes")), at: "man/stream-recipes.7", check: check)
    try publish(
      FunctionPage().rendered(sections(of: "stream-expressions")),
      at: "man/stream-expressions.7", check: check)
  }

  /// The hand-written part: what no option's definition can say.
  private func sections(of page: String) throws -> String {
    try text(of: "Sources/stream-dev/Manual/\(page).mdoc")
  }
}
