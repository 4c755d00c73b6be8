package import ArgumentParser
package import Toolkit

/// Records leave the pipeline. Its kinds are subcommands; without one it is the console.
package struct SinkTool: ParsableCommand {
  package static let toolName = "stream-sink"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Show, print or keep the records of a stream.",
    discussion: """
      Reads a record stream on standard input. A KIND that is not listed below runs the program \
      stream-sink-KIND. See 'stream-sink KIND --help' for the options of each.
      """,
    examples: [
      ("a table on the terminal", "stream-source file access.csv | stream-sink"),
      ("CSV for the next program", "stream-source file a.json | stream-sink stdout --format csv"),
      ("a file", "stream-source file a.json | stream-sink file a.csv"),
      ("what would run", "stream-source file a.json | stream-sink --explain"),
    ],
    subcommands: [
      ConsoleSink.self, StandardOutputSink.self, FileSink.self, SQLiteSink.self, ExecSink.self,
      NullSink.self,
    ],
    defaultSubcommand: ConsoleSink.self)

  static let kinds = ["console", "stdout", "file", "sqlite", "exec", "null"]

  /// For the executable.
  package static let entry = ToolEntry(
    toolName, SinkTool.self,
    dispatch: KindDispatch(
      tool: toolName, kinds: kinds,
      flags: ["--explain", "--no-header", "--overwrite", "--append", "--done-file"]),
    writesStream: false)

  package init() {}
}

/// What all kinds of sinks take.
struct SinkOptions: ParsableArguments {
  @Flag(help: "Print the plan of the whole pipeline and end; nothing runs.")
  var explain = false

  @Option(
    help: ArgumentHelp(
      "Give the rows to a further target in the same commit, such as 'file out.csv'; repeat for "
        + "more.",
      valueName: "kind …"))
  var also: [String] = []

  @OptionGroup var common: CommonOptions
}

/// A kind of sink: what its options say, and how they run.
protocol SinkKind: StreamTool {
  var sink: SinkOptions { get }

  /// Checks the options.
  func choice() throws -> TargetChoice
}

extension SinkKind {
  static var toolName: String { SinkTool.toolName }
  var common: CommonOptions { sink.common }

  func run() throws {
    let choices = try TargetChoices(try choice(), also: sink.also)
    let log = try log()
    try runSink(options: choices.options.json, explains: sink.explain) { header, schema in
      try choices.makeSink(header, schema) { log.warning($0) }
    }
  }
}
