import ArgumentParser
import JSONText

struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man", abstract: "Write the manual pages of section 1.")

  @Flag(help: "Compare with the files that are there instead of writing them.")
  var check = false

  func run() throws {
    for tool in tools {
      let dump = try output(of: ".build/bin/\(tool) --experimental-dump-help")
      let page = try ManualPage(tool: tool, dump: JSON(parsing: Array(dump.utf8)))
      try publish(page.rendered(sections: sections(of: tool)), at: "man/\(tool).1", check: check)
    }
  }

  /// The hand-written part: what no option's definition can say.
  private func sections(of tool: String) throws -> String {
    try text(of: "Sources/stream-dev/Manual/\(tool).mdoc")
  }
}
