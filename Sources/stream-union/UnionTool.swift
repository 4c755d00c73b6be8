package import ArgumentParser
import Columnar
import Diagnostics
import JSONText
import Operators
package import Toolkit
import Wire

/// The rows of several streams as one.
package struct UnionTool: StreamTool {
  package static let toolName = "stream-union"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Make one stream of several.",
    discussion: """
      Merges standard input with the streams named: FIFOs, files, or <(…) of the shell. Columns are \
      matched by name and come in the order of standard input. Each epoch of an input is passed on \
      whole, in the order in which they end.

      Each source needs a name of its own, and, if the query has one, the same checkpoint.
      """,
    examples: [
      (
        "two logs in one file",
        "stream-source file a.csv | stream-union <(stream-source file b.csv --name b) | "
          + "stream-sink file all.csv"
      )
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, UnionTool.self)

  @Argument(help: ArgumentHelp("Further streams.", valueName: "path"))
  var paths: [ArgumentText] = []

  @Option(
    help: ArgumentHelp(
      "Which watermark holds: min, that of the slowest input, or max, that of the fastest.",
      valueName: "min|max"))
  var watermarkPolicy: ArgumentText?

  @OptionGroup(title: "Common options") package var common: CommonOptions

  package init() {}

  package func run() throws {
    let policy = try WatermarkPolicy(option: watermarkPolicy?.text)
    guard !paths.isEmpty else {
      throw StreamError(
        .usage, "no stream besides standard input is named",
        hint: "stream-source … | stream-union <(stream-source … --name other) | …")
    }
    try runMergedEpochs(paths.map(\.text), policy: policy) { header, inputs in
      for input in inputs { try input.header.refuseChangingRows(for: "a union") }
      return StagePlan(
        try Union(inputs.map { ($0.name, $0.schema) }),
        shape: try UnionShape(inputs.map { ($0.name, $0.header.shape) }).shape, options: options,
        guards: PlanGuards().adding("--watermark-policy", policy.rawValue))
    }
  }

  private var options: JSON {
    PlanOptions(paths.map(\.text)).adding("watermark-policy", watermarkPolicy?.text).json
  }
}
