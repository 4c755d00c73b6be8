import ArgumentParser
import Connectors
import Formats
import Glibc
import Toolkit

struct StandardInputSource: SourceKind {
  static let configuration = CommandConfiguration.tool(
    SourceTool.toolName, kind: "stdin", abstract: "Read standard input (this is the default).",
    discussion: """
      Rows go on as soon as they are read. The end of the input is final; '--final' says so from \
      the start, which a regular file does by itself.
      """,
    examples: [
      (
        "errors as they happen",
        "tail -f app.log | stream-source | stream-map --where \"value LIKE '%ERROR%'\" | stream-sink"
      ),
      ("CSV", "curl -s https://example.com/a.csv | stream-source --format csv | stream-sink"),
    ])

  @OptionGroup(title: "Epochs") var epochs: EpochOptions

  @Option(help: ArgumentHelp("Let an epoch have at most so many bytes.", valueName: "size"))
  var maxBytes: ArgumentText?

  @OptionGroup(title: "Records") var records: RecordOptions
  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    let plan = try records.checked { .text }
    var bounds = try epochs.checkedBounds()
    bounds.bytes = try maxBytes.map { try positiveByteCount($0, "--max-bytes") }
    let options = records.adding(
      to: epochs.adding(to: PlanOptions(["stdin"])).adding("max-bytes", maxBytes?.text),
      format: plan.format)
    if isatty(0) != 0, try log().verbosity >= 0 {
      writeLine("\(Self.toolName): reading lines from the terminal; Ctrl-D ends them")
    }
    try runRecords(
      from: { InputOpener(descriptor: 0, stop: $0) }, plan: plan, epochs: epochs, bounds: bounds,
      options: options)
  }
}
