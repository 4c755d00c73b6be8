package import ArgumentParser
package import Toolkit

/// Records enter the pipeline. Its kinds are subcommands; without one it reads standard input.
package struct SourceTool: ParsableCommand {
  package static let toolName = "stream-source"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Turn bytes into a stream of records.",
    discussion: """
      Writes a record stream on standard output, for stream-map, stream-agg, stream-sink and any \
      program that reads Arrow streams. A KIND that is not listed below runs the program \
      stream-source-KIND. See 'stream-source KIND --help' for the options of each.
      """,
    examples: [
      (
        "count words as they are typed",
        "stream-source | stream-map --explode \"split(value, ' ') AS word\" "
          + "| stream-agg 'count(*) AS n' --by word"
      ),
      (
        "a table of a CSV file",
        "stream-source file access.csv | stream-agg 'count(*) AS n' --by status | stream-sink"
      ),
      (
        "some fields of JSON lines",
        "stream-source file 'logs/*.json.gz' --columns 'user.id AS uid, kind' | stream-sink"
      ),
      ("ten rows a second", "stream-source rate --rows-per-second 10 | stream-sink"),
    ],
    subcommands: [
      StandardInputSource.self, FileSource.self, TailSource.self, SocketSource.self,
      RateSource.self,
    ],
    defaultSubcommand: StandardInputSource.self)

  /// For the executable.
  package static let entry = ToolEntry(
    toolName, SourceTool.self,
    dispatch: KindDispatch(
      tool: toolName, kinds: ["stdin", "file", "tail", "socket", "rate"],
      flags: ["--header", "--no-header", "--metadata", "--final", "--follow"]))

  package init() {}
}

protocol SourceKind: StreamTool {}

extension SourceKind {
  static var toolName: String { SourceTool.toolName }
}
