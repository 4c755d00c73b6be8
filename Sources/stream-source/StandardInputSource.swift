import ArgumentParser
import Connectors
import Formats
import Glibc
import Toolkit

struct StandardInputSource: SourceKind {
  static let configuration = CommandConfiguration.tool(
    SourceTool.toolName, kind: "stdin", abstract: "Read standard input (this is the default).",
    discussion: """
      Rows go on as soon as they are read. Without a checkpoint the end of the input is final; \
      '--final' says so from the start, which a regular file does by itself.

      With --checkpoint what was read is written down before it goes on, since it cannot be read \
      again: from then on no row is lost or sent twice. Each run reads an input of its own; it is \
      the end of all input with '--final' alone. CSV brings its header in each. For files \
      'stream-source file' is cheaper: it writes down where it was, not what it read.
      """,
    examples: [
      (
        "errors as they happen",
        "tail -f app.log | stream-source | stream-map --where \"value LIKE '%ERROR%'\" | stream-sink"
      ),
      ("CSV", "curl -s https://example.com/a.csv | stream-source --format csv | stream-sink"),
      (
        "lines that survive a crash of what follows",
        "journalctl -f | stream-source --checkpoint /var/lib/q | stream-sink file /var/log/q/"
      ),
    ])

  @OptionGroup(title: "Epochs") var epochs: EpochOptions

  @Option(help: ArgumentHelp("Let an epoch have at most so many bytes.", valueName: "size"))
  var maxBytes: ArgumentText?

  @OptionGroup(title: "Records") var records: RecordOptions
  @OptionGroup(title: "Checkpoint") var checkpoint: CheckpointOptions
  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    let plan = try records.checked { .text }
    var bounds = try epochs.checkedBounds()
    bounds.bytes = try maxBytes.map { try positiveByteCount($0, "--max-bytes") }
    let options = records.adding(
      to: epochs.adding(to: PlanOptions(["stdin"])).adding("max-bytes", maxBytes?.text),
      format: plan.format)
    let guards = PlanGuards().adding("the kind of source", "stdin")
      .adding("--format", plan.format.rawValue)
    let request = try checkpoint.request(guards)
    if isatty(0) != 0, try log().verbosity >= 0 {
      writeLine("\(Self.toolName): reading lines from the terminal; Ctrl-D ends them")
    }
    let received = ReceivedRecords(
      plan: plan, epochs: epochs, bounds: bounds, endsByItself: true
    ) {
      try openRecords(InputOpener(descriptor: 0, stop: $1), $0, $1, $2, nil, $3)
    }
    try runSource(options: options.json, checkpoint: request) { try received.run($0) }
  }
}
