package import ArgumentParser
import Columnar
import Diagnostics
import Expressions
import Formats
import JSONText
import Operators
package import Toolkit
import Wire

/// State by key in any language.
package struct StateTool: StreamTool {
  package static let toolName = "stream-state"

  package static let configuration = CommandConfiguration.tool(
    toolName, abstract: "Keep state by key with a program of one's own.",
    discussion: """
      CMD runs beside this stage. At the end of an epoch it reads a line for each key that had rows, \
      {"key":{…},"state":…,"rows":[…],…}, and answers with a line {"state":…,"rows":[…]}: the \
      state, any JSON value, is kept for the key until its next call, and the rows go on. A state of \
      null, or none, forgets the key.

      The state is in the checkpoint, exactly once, whatever CMD is written in.
      """,
    examples: [
      (
        "a running count of words",
        "stream-source socket localhost:9999 --checkpoint ck | stream-state --by value "
          + "--exec 'python3 count.py' --schema 'word string, n bigint' | stream-sink"
      ),
      (
        "the same, with jq",
        "… | stream-state --by value --schema 'word string, n bigint' --exec "
          + "'jq --unbuffered -c \".state += (.rows|length) | .rows = [{word: .key.value, n: .state}]\"'"
      ),
    ])

  /// For the executable.
  package static let entry = ToolEntry(toolName, StateTool.self)

  @Option(
    name: .customLong("by"),
    help: ArgumentHelp("Columns or expressions that make the key.", valueName: "list"))
  var keys: [ArgumentText]

  @Option(
    help: ArgumentHelp("What the shell runs, once, for the whole run.", valueName: "cmd"))
  var exec: ArgumentText

  @Option(
    help: ArgumentHelp(
      "The columns of the rows that CMD answers with (default: those of the input).",
      valueName: "columns"))
  var schema: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Call CMD, without rows, for a key that has had none for so long.", valueName: "duration"))
  var timeout: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Measure silence by event (the default with a watermark) or processing time.",
      valueName: "clock"))
  var timeoutBy: String?

  @Option(
    help: ArgumentHelp(
      "Stop with an error when the state and the rows of an epoch take more memory than this "
        + "(default: half of the machine's).", valueName: "size"))
  var stateMemory: ArgumentText?

  @OptionGroup(title: "Common options") package var common: CommonOptions

  package init() {}

  package func run() throws {
    let keys = try keys.flatMap { try Expression.parseList($0.text) }
    let command = exec.text
    guard command.contains(where: { !$0.isWhitespace }) else {
      throw StreamError(.usage, "--exec: the command is empty")
    }
    let declared = try schema.map { try Schema(parsing: $0.text) }
    let duration = try parsedTimeout()
    let clock = try parsedClock()
    let byteLimit = try parseStateMemory(stateMemory?.text)
    let log = try log()
    var exchange: ProgramExchange?
    defer { exchange?.stop() }
    try runEpochs { header, input in
      try header.refuseChangingRows(for: "a program with state")
      // An event time without a watermark makes no row late, and ends no silence.
      let time = header.shape.watermark == nil ? nil : header.shape.eventTime
      let timeout = duration.map {
        KeyedPlan.Timeout($0, by: clock ?? (time == nil ? .processing : .event))
      }
      let output = declared ?? input
      let plan = try KeyedPlan(
        keys: keys, eventTime: time, timeout: timeout, memoryByteLimit: byteLimit, over: input,
        output: output)
      let program = try ProgramExchange(command, query: header.query.id, rows: output, log)
      exchange = program
      return StagePlan(
        KeyedState(plan, program), shape: shape(behind: header.shape, output), options: options,
        guards: guards(plan))
    }
  }

  // MARK: - Options

  private func parsedTimeout() throws -> Int64? {
    guard let timeout else { return nil }
    let duration = try parseDuration(timeout.text, option: "--timeout")
    guard (1...AlignedWindows.sizeMax).contains(duration) else {
      let problem = duration > 0 ? "is too long" : "is no time to be silent for"
      throw StreamError(.usage, "--timeout: '\(timeout.text)' \(problem)", hint: "--timeout 10m")
    }
    return duration
  }

  private func parsedClock() throws -> KeyedPlan.Clock? {
    guard let timeoutBy else { return nil }
    guard let clock = KeyedPlan.Clock(rawValue: timeoutBy) else {
      throw StreamError(
        .usage, "--timeout-by: expected event or processing but found '\(timeoutBy)'")
    }
    guard timeout != nil else {
      throw StreamError(
        .usage, "--timeout-by stands without --timeout",
        hint: "--timeout 10m --timeout-by \(timeoutBy)")
    }
    return clock
  }

  /// What the rows mean is the program's: only the event time is known by its name.
  private func shape(behind before: Shape, _ output: Schema) -> Shape {
    var shape = before
    (shape.mode, shape.keys) = (.append, [])
    if let time = before.eventTime {
      let place = output.index(of: time)
      if place.map({ output.fields[$0].type }) != .timestamp { shape.eventTime = nil }
    }
    return shape
  }

  /// What the state is made of: its keys, what they read, and how its age is told. What the program
  /// is may change: it may have to be mended before the query can go on.
  private func guards(_ plan: KeyedPlan) -> PlanGuards {
    let isByEvent = plan.timeout?.clock == .event
    let time = isByEvent ? plan.eventTime.map { plan.input.fields[$0].name } : nil
    let used = plan.keys.reduce(into: Set<Int>()) { $0.formUnion($1.columnsUsed) }
    return PlanGuards().adding("--by", keys.joinedList)
      .adding("the clock of --timeout", plan.timeout?.clock.rawValue)
      .adding("the event time of --timeout", time)
      .adding(typesOf: used.sorted().map { plan.input.fields[$0] })
  }

  private var options: JSON {
    PlanOptions().adding("by", keys.map(\.text)).adding("exec", exec.text)
      .adding("schema", schema?.text).adding("timeout", timeout?.text)
      .adding("timeout-by", timeoutBy).adding("state-memory", stateMemory?.text).json
  }
}
