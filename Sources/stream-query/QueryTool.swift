package import ArgumentParser
internal import Diagnostics
package import Toolkit

/// Looks at, manages and repairs queries by their checkpoints. Its commands are subcommands.
package struct QueryTool: ParsableCommand {
  package static let toolName = "stream-query"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Look at, manage and repair a query by its checkpoint.",
    discussion: """
      Reads the directory that a source was given with --checkpoint, while the query runs or when \
      it does not; a running query does not notice. See 'stream-query COMMAND --help' for the \
      options of each command.
      """,
    examples: [
      ("what a query is and how far it has come", "stream-query show ck"),
      ("each commit as it comes", "stream-query progress ck --follow"),
      ("stop a query, and wait until all of it has ended", "stream-query stop ck --wait"),
      ("whether a copy is whole", "stream-query check /backup/ck"),
    ],
    subcommands: [
      ShowCommand.self, ListCommand.self, ProgressCommand.self, ExplainCommand.self,
      StopCommand.self, WaitCommand.self, CheckCommand.self, StateCommand.self, ResetCommand.self,
    ])

  private static let commands = [
    "show", "list", "progress", "explain", "stop", "wait", "check", "state", "reset",
  ]

  /// For the executable.
  package static let entry = ToolEntry(
    toolName, QueryTool.self,
    dispatch: KindDispatch(
      tool: toolName, kinds: commands,
      flags: ["--json", "--follow", "--wait", "--any", "--yes", "--list"]),
    writesStream: false)

  package init() {}

  package func run() throws {
    throw StreamError(
      .usage, "no command named; commands: \(QueryTool.commands.joined(separator: ", "))",
      hint: "see 'stream-query --help'")
  }
}

/// What all commands take.
struct QueryOptions: ParsableArguments {
  @Flag(help: "Print JSON: an object, or one a line.")
  var json = false

  @Option(
    name: .customLong("log-format"),
    help: ArgumentHelp("Write messages as text or json.", valueName: "format"))
  var logFormat: String?
}

extension ParsableCommand {
  /// Says something on standard error.
  func say(_ message: String, _ options: QueryOptions) {
    let name = options.logFormat ?? environment("STREAM_LOG")
    let format = name.flatMap(Log.Format.init(rawValue:)) ?? .text
    Log(tool: QueryTool.toolName, format: format, verbosity: 1).info(message)
  }
}
