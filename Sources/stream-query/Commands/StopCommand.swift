import ArgumentParser
import Checkpoint
import Diagnostics
import Glibc
import JSONText
import Toolkit

struct StopCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "stop", abstract: "Stop a query, as Ctrl-C does.",
    discussion: """
      Sends SIGTERM to the sources, which close their epoch and end the stream; the stages behind \
      them finish what they have. A process is signalled only if it holds the lock of its stage. \
      Status 0, also when the query does not run; 75: it was still at work after --timeout.
      """,
    examples: [("stop, and go on when all of it has ended", "stream-query stop ck --wait")])

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "directory"))
  var checkpoint: String

  @Flag(help: "Wait until all of the query has ended.")
  var wait = false

  @Option(help: ArgumentHelp("Wait so long at most (default: for ever).", valueName: "duration"))
  var timeout: ArgumentText?

  @OptionGroup var options: QueryOptions

  func run() throws {
    let patience = try Patience(timeout)
    let files = try QueryFiles(checkpoint)
    let state = try QueryState(files, last: nil)
    var stopped: [(stage: String, process: Int32)] = []
    for source in state.sources {
      if let process = try signal(source, files) { stopped.append((source.stage, process)) }
    }
    if wait || timeout != nil {
      let hasEnded = try patience.wait { try !QueryState(files, last: nil).isRunning }
      guard hasEnded else { throw try late(files) }
    }
    try report(stopped, state)
  }

  /// - Returns: the process; nil when it has gone of itself.
  private func signal(_ holder: QueryState.Holder, _ files: QueryFiles) throws -> Int32? {
    let stage = files.directory.stage(holder.stage)
    var current: QueryState.Holder? = holder
    // A source that has just begun may not have written its number yet.
    for _ in 0..<20 {
      guard let process = current?.process else { return nil }
      if let identity = ProcessIdentity(process, holding: stage) {
        return try identity.send(SIGTERM) ? process : nil
      }
      usleep(10_000)
      current = try QueryState(files, last: nil).holder(of: holder.stage)
    }
    throw StreamError(
      .unavailable, "cannot tell which process holds \(holder.stage)",
      location: stage.lockPath,
      hint: "run this as the same user, in the same container; or ask: fuser \(stage.lockPath)")
  }

  private func late(_ files: QueryFiles) throws -> StreamError {
    let state = try QueryState(files, last: nil)
    let numbers = state.holders.map { "\($0.process)" }.joined(separator: " ")
    return StreamError(
      .unavailable, "the query has not ended: \(state.text)",
      hint: "wait on, or end it at once; what is not committed is then made again: kill \(numbers)")
  }

  private func report(_ stopped: [(stage: String, process: Int32)], _ state: QueryState) throws {
    if options.json {
      let sources = stopped.map { entry -> JSON in
        ["stage": .string(entry.stage), "process": .integer(Int64(entry.process))]
      }
      return try printLine(
        [
          "signalled": .array(sources), "wasRunning": .bool(state.isRunning),
          "ended": .bool(wait || timeout != nil || !state.isRunning),
        ] as JSON)
    }
    if !state.isRunning { return say("the query does not run", options) }
    if stopped.isEmpty { return say("the query has been stopped already", options) }
    for entry in stopped { say("stopped \(entry.stage) (process \(entry.process))", options) }
  }
}
