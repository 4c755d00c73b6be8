import ArgumentParser
import Checkpoint
import Diagnostics
import JSONText
import Toolkit

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "show", abstract: "Show what a query is and how far it has come.",
    discussion: """
      Its name and id, whether it runs, the last epoch that took effect, how many are on their way, \
      the size of the checkpoint, and the command of each stage: the sink on top, what feeds each \
      stage below it.
      """,
    examples: [
      ("a query", "stream-query show ck"),
      ("its last epoch, for a script", "stream-query show ck --json | jq .commit.epoch"),
    ])

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "directory"))
  var checkpoint: String

  @OptionGroup var options: QueryOptions

  func run() throws {
    let summary = try QuerySummary(QueryFiles(checkpoint))
    if options.json { return try printLine(summary.json) }
    for line in summary.lines(at: wallClock()) { try printLine(line) }
  }
}
