package import ArgumentParser
package import Toolkit

/// Aggregates by key, with state.
package struct AggregateTool: StreamTool {
  package static let toolName = "stream-agg"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Group a stream and keep aggregates of each group.",
    discussion: """
      Without --mode the answer comes once, at the end of an input that ends; over an input without \
      an end the groups that changed are sent at the end of each epoch.
      """,
    examples: [
      ("words and how often", "stream-source file a.csv | stream-agg 'count(*) AS n' --by word"),
      (
        "the ten largest, live",
        "stream-source | stream-agg 'count(*) AS n' --by value --mode complete "
          + "--order-by 'n DESC' --limit 10"
      ),
      (
        "part of a group",
        "stream-source file a.csv | stream-agg \"count(*) FILTER (WHERE status >= 500) AS errors\" "
          + "--by host"
      ),
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, AggregateTool.self)

  @Argument(
    help: ArgumentHelp(
      "What to keep of each group: 'sum(price) AS total'.", valueName: "aggregates"))
  var aggregates: [ArgumentText]

  @Option(
    name: .customLong("by"),
    help: ArgumentHelp("Columns or expressions to group by.", valueName: "list"))
  var keys: [ArgumentText] = []

  @Option(
    help: ArgumentHelp(
      "append (once, when a group can no longer change), update (what changed in the epoch) or "
        + "complete (all groups).",
      valueName: "mode"))
  var mode: String?

  @Option(
    help: ArgumentHelp("Keep the result rows for which this is true.", valueName: "expr"))
  var having: ArgumentText?

  @Option(
    help: ArgumentHelp("Order the result: 'n DESC, word'; not in update mode.", valueName: "list"))
  var orderBy: ArgumentText?

  @Option(
    help: ArgumentHelp("Keep the first rows of the result; not in update mode.", valueName: "rows"))
  var limit: Int?

  @OptionGroup package var common: CommonOptions

  package init() {}

  package func run() throws {
    let stage = try AggregateStage(self)
    try runEpochs { header, input in try stage.plan(behind: header, input) }
  }
}
