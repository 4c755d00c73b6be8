package import ArgumentParser
import JSONText
import Operators
package import Toolkit

/// Declares the event time, its watermark, and the windows that rows are in.
package struct WindowTool: StreamTool {
  package static let toolName = "stream-window"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Declare event time, a watermark and windows.",
    discussion: """
      The rows pass as they are; the stages behind put them into their windows, drop what comes too \
      late, and close windows when the watermark has passed them. The watermark stays so far behind \
      the latest event time as --watermark says. Without it windows never close before the input \
      ends.

      One of --size and --session says what windows there are; without either, only the event time \
      is declared.
      """,
    examples: [
      (
        "requests of each minute, ten seconds after it has passed",
        "… | stream-window --time ts --watermark 10s --size 1m | stream-agg 'count(*) AS n'"
      ),
      (
        "an hour, anew every five minutes",
        "… | stream-window --time ts --watermark 1m --size 1h --slide 5m | stream-agg 'avg(t)'"
      ),
      (
        "visits: up to half an hour without a click",
        "… | stream-window --time ts --watermark 1m --session 30m "
          + "| stream-agg 'count(*) AS clicks' --by user"
      ),
      (
        "days in a time zone, and so far every hour",
        "… | stream-window --time ts --watermark 1m --size 1d --timezone Europe/Zurich "
          + "--emit-every 1h | stream-agg 'sum(price)'"
      ),
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, WindowTool.self)

  @Option(
    help: ArgumentHelp(
      "The timestamp that says when a row's event was: a column, or an expression, which becomes "
        + "one.", valueName: "column|expr AS name"))
  var time: ArgumentText?

  @Flag(help: "Windows of the time at which the source read a row, in place of --time.")
  var processingTime = false

  @Option(
    help: ArgumentHelp(
      "How far rows may be behind the latest event time before them; what is further behind is "
        + "late.", valueName: "duration"))
  var watermark: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "How long windows are, such as 10m, 1d, '3 months' (of the calendar).",
      valueName: "duration"))
  var size: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Begin a window so often (default: when the last ends).", valueName: "duration"))
  var slide: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Let windows begin so much later than at full hours or days; may be negative.",
      valueName: "duration"))
  var offset: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Let windows begin at midnight and so on there: Europe/Zurich, +02:00 (default: UTC).",
      valueName: "zone"))
  var timezone: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Let a window end so often, each with all since the beginning of --size.",
      valueName: "duration"))
  var emitEvery: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Windows of rows of a key that are less than so long after one another; a duration, or an "
        + "expression for each row's.", valueName: "duration|expr"))
  var session: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "When no rows have come for so long, let the watermark move on with the clock.",
      valueName: "duration"))
  var idle: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "What becomes of late rows: drop (the default), keep (in the checkpoint), or a directory "
        + "for them.", valueName: "drop|keep|dir"))
  var late: ArgumentText?

  @Flag(help: "Send a row for each window that it is in, with its window_start and window_end.")
  var explode = false

  @OptionGroup(title: "Common options") package var common: CommonOptions

  package init() {}

  package func run() throws {
    let request = try WindowRequest(self)
    try runEpochs { header, schema in
      let declared = try DeclaredTime(request, header, schema)
      var stage = StagePlan(
        declared.operation, shape: declared.shape, options: options,
        guards: PlanGuards().adding("--time", time?.text))
      stage.isPinned = true
      return stage
    }
  }

  private var options: JSON {
    PlanOptions().adding("time", time?.text).adding("processing-time", processingTime)
      .adding("watermark", watermark?.text).adding("size", size?.text)
      .adding("slide", slide?.text).adding("offset", offset?.text)
      .adding("timezone", timezone?.text).adding("emit-every", emitEvery?.text)
      .adding("session", session?.text).adding("idle", idle?.text).adding("late", late?.text)
      .adding("explode", explode).json
  }
}
