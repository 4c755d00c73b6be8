import ArgumentParser
import Checkpoint
import Diagnostics
import Toolkit

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "explain", abstract: "Say in words what a query waits for.",
    discussion: """
      For each stage: whether it runs, since when its input is empty, how many epochs wait for the \
      sink, when the sink committed last.

      Where a query goes by event time, also: where the watermark stands, which input holds it back, \
      and what would move it; how many windows are open, when the next one closes, and which row \
      would close it; how many rows came too late and by how much, and which had no time.
      """,
    examples: [("why there are no results", "stream-query explain ck")])

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "directory"))
  var checkpoint: String

  @OptionGroup var options: QueryOptions

  func run() throws {
    let explanation = try Explanation(QuerySummary(QueryFiles(checkpoint)), at: wallClock())
    if options.json { return try printLine(explanation.json) }
    for line in explanation.lines { try printLine(line) }
  }
}
