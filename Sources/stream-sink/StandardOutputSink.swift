import ArgumentParser
import Connectors
import Diagnostics
import Formats
import Glibc
import Toolkit

struct StandardOutputSink: SinkKind {
  static let configuration = CommandConfiguration.tool(
    SinkTool.toolName, kind: "stdout", abstract: "Print records for the next program.",
    discussion: """
      JSON has an object a line; nulls are written. CSV has a header. Text has the values alone, with \
      tabs between them. Rows go out as they come; in complete mode over a bounded input the result \
      is printed once, at the end.

      With a checkpoint, an epoch that a crash cut off is sent again.
      """,
    examples: [
      ("JSON lines", "stream-source file a.csv | stream-sink stdout | jq .name"),
      ("CSV", "stream-source file a.json | stream-sink stdout --format csv"),
    ])

  @OptionGroup var records: RecordOptions
  @OptionGroup var sink: SinkOptions

  func choice() throws -> TargetChoice {
    let plan = try records.checked(fallback: .json)
    if plan.format.isBinary, isatty(1) != 0 {
      let format = plan.format.rawValue
      let ending = plan.format == .arrow ? "arrows" : format
      throw StreamError(
        .usage, "\(format) is binary, and standard output is a terminal",
        hint: "stream-sink shows a table; 'stream-sink stdout --format \(format) > file.\(ending)' "
          + "keeps it")
    }
    return TargetChoice(
      identity: "stdout", exclusive: "standard output",
      options: records.adding(to: PlanOptions(["stdout"]), plan)
    ) { _, schema in
      try plan.check(schema)
      return StreamTarget(try plan.makeWriter())
    }
  }
}
