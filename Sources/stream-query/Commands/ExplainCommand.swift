import ArgumentParser
import Checkpoint
import Diagnostics
import JSONText
import Toolkit

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "explain", abstract: "Say in words what a query waits for.",
    discussion: """
      A sentence for each stage: whether it runs, since when its input is empty, how many epochs \
      wait for the sink, when the sink committed last.
      """,
    examples: [("why there are no results", "stream-query explain ck")])

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "directory"))
  var checkpoint: String

  @OptionGroup var options: QueryOptions

  func run() throws {
    let explanation = try Explanation(QuerySummary(QueryFiles(checkpoint)), at: wallClock())
    if options.json {
      return try printLine(
        JSON.object(
          explanation.sentences.map { entry in
            JSON.Member(entry.stage, .string(entry.text))
          }))
    }
    for entry in explanation.sentences { try printLine("\(entry.stage): \(plain(entry.text))") }
  }
}
