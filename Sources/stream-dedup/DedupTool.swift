package import ArgumentParser
import Columnar
import Diagnostics
import Expressions
import JSONText
import Operators
import Scalars
package import Toolkit
import Wire

/// The first row of each key.
package struct DedupTool: StreamTool {
  package static let toolName = "stream-dedup"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Let the first row of each key pass.",
    discussion: """
      Rows whose key has been seen are dropped; the others go on as they are, in their order. \
      Nulls are equal to each other.

      Keys are remembered for ever, unless the rows have a watermark and it is said when a key can \
      be forgotten: with --within, or with the event time among the keys.
      """,
    examples: [
      ("each order once", "stream-source file orders.csv | stream-dedup --on id"),
      (
        "what may be sent again within an hour",
        "stream-window --time ts --watermark 9m | stream-dedup --on id --within 1h"
      ),
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, DedupTool.self)

  @Option(
    name: .customLong("on"),
    help: ArgumentHelp(
      "Columns or expressions: rows are duplicates when all of them are equal.", valueName: "list"))
  var keys: [ArgumentText]

  @Option(
    help: ArgumentHelp(
      "Forget a key when the watermark is so far behind the row that passed.",
      valueName: "duration"))
  var within: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Stop with an error when the state takes more memory than this (default: half of the "
        + "machine's).", valueName: "size"))
  var stateMemory: ArgumentText?

  @OptionGroup(title: "Common options") package var common: CommonOptions

  package init() {}

  package func run() throws {
    let keys = try keys.flatMap { try Expression.parseList($0.text) }
    let within = try parsedWithin()
    let byteLimit = try parseStateMemory(stateMemory?.text)
    let log = try log()
    try runEpochs { header, schema in
      try header.refuseChangingRows(for: "a deduplication")
      // An event time without a watermark makes no row late, and ends nothing.
      let time = header.shape.watermark == nil ? nil : header.shape.eventTime
      let plan = try DedupPlan(
        keys: keys, eventTime: time, within: within, stateByteLimit: byteLimit, over: schema)
      warnIfEndless(plan, header, log)
      return StagePlan(
        Dedup(plan), shape: header.shape, options: options, guards: guards(plan, within))
    }
  }

  private func parsedWithin() throws -> Int64? {
    guard let within else { return nil }
    let duration = try parseDuration(within.text, option: "--within")
    guard (1...AlignedWindows.sizeMax).contains(duration) else {
      let problem = duration > 0 ? "is too long" : "is no time to remember a key for"
      throw StreamError(.usage, "--within: '\(within.text)' \(problem)", hint: "--within 1h")
    }
    return duration
  }

  /// Who declares a watermark expects that state is bounded by it.
  private func warnIfEndless(_ plan: DedupPlan, _ header: Header, _ log: Log) {
    guard plan.retention == .endless, header.shape.watermark != nil else { return }
    let time = plan.eventTime.map { plan.input.fields[$0].name }
    log.warning(
      "the watermark does not say when a key can be forgotten: the state grows for ever",
      hint: time.map {
        "--within 1h, or, if duplicates have the same time, --on '\(keys.joinedList), \($0)'"
      })
  }

  /// What the state is made of: its keys, what they read, and when they are forgotten.
  private func guards(_ plan: DedupPlan, _ within: Int64?) -> PlanGuards {
    PlanGuards().adding("--on", keys.joinedList).adding("--within", within.map(durationText))
      .adding("the event time", plan.eventTime.map { plan.input.fields[$0].name })
      .adding(typesOf: plan.columnsUsed.sorted().map { plan.input.fields[$0] })
  }

  private var options: JSON {
    PlanOptions().adding("on", keys.map(\.text)).adding("within", within?.text)
      .adding("state-memory", stateMemory?.text).json
  }
}
