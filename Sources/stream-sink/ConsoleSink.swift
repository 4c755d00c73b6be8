import ArgumentParser
import Connectors
import Toolkit

struct ConsoleSink: SinkKind {
  static let configuration = CommandConfiguration.tool(
    SinkTool.toolName, kind: "console", abstract: "Show a table (this is the default).",
    discussion: """
      On a terminal the table fits its width, and a result that changes is drawn anew in its place. \
      Elsewhere lines are as long as their values.
      """,
    examples: [
      (
        "the ten most frequent",
        "stream-source file a.csv | stream-agg 'count(*) AS n' --by k --mode complete "
          + "--order-by 'n DESC' --limit 10 | stream-sink"
      )
    ])

  @Option(
    help: ArgumentHelp(
      "Show at most so many rows of a table (default: 1000 on a terminal, else all).",
      valueName: "count"))
  var rows: String?

  @OptionGroup var sink: SinkOptions

  func choice() throws -> TargetChoice {
    let rows = try rows.map { Int(try parseCount($0, option: "--rows", atLeast: 1)) }
    return TargetChoice(
      identity: "console", exclusive: "standard output",
      options: PlanOptions(["console"]).adding("rows", rows.map { "\($0)" })
    ) { _, _ in ConsoleTarget(rows: rows) }
  }
}

struct NullSink: SinkKind {
  static let configuration = CommandConfiguration.tool(
    SinkTool.toolName, kind: "null", abstract: "Take the records and drop them.",
    discussion: "For measuring a pipeline, and for trying one out.",
    examples: [("how fast is it", "stream-source file a.csv | stream-sink null -v")])

  @OptionGroup var sink: SinkOptions

  func choice() throws -> TargetChoice {
    TargetChoice(identity: "null", options: PlanOptions(["null"])) { _, _ in NullTarget() }
  }

  func run() throws {
    let choices = try TargetChoices(try choice(), also: sink.also)
    let log = try log()
    try runSink(options: choices.options.json, explains: sink.explain) { header, schema in
      if sink.also.isEmpty { return UndecodedRows() }
      return try choices.makeSink(header, schema) { log.warning($0) }
    }
  }
}
