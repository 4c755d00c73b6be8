import ArgumentParser
import Checkpoint
import Diagnostics
import Glibc
import JSONText
import Toolkit

struct ResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "reset", abstract: "Go back to an earlier epoch of a stopped query.",
    discussion: """
      Forgets the commits behind an epoch, so that the next run makes the epochs behind it again: \
      the same rows, for what was read stays on record. It is possible as far back as intents, \
      states and commits reach: see --list. Epoch 0 is the beginning.

      What is in a target stays there. Parts in a directory are written again under the same \
      names, an appended file is cut back. A database keeps its own record of the epochs and is \
      ahead: the next run believes it, and nothing is made again, unless the database was put back \
      as well. A program is called again with the same epochs, and standard output gets the same \
      rows again.
      """,
    examples: [
      ("how far back one can go", "stream-query reset ck --list"),
      ("make all behind epoch 41 again", "stream-query reset ck --to 41"),
    ])

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "directory"))
  var checkpoint: String

  @Option(help: ArgumentHelp("The last epoch that stays committed.", valueName: "epoch"))
  var to: ArgumentText?

  @Flag(help: "List the epochs that one can go back to; nothing is changed.")
  var list = false

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup var options: QueryOptions

  func run() throws {
    let target = try to.map { try parseCount($0.text, option: "--to") }
    guard target != nil || list else {
      throw StreamError(
        .usage, "to which epoch?", hint: "stream-query reset \(shellQuoted(checkpoint)) --list")
    }
    let files = try QueryFiles(checkpoint)
    if list { return try printEpochs(ResetReach(files)) }
    guard let target else { return }
    // Held until the process ends: no run can begin meanwhile.
    let locks = try takeLocks(files)
    try withExtendedLifetime(locks) { try reset(files, to: target) }
  }

  private func reset(_ files: QueryFiles, to epoch: Int64) throws {
    let reach = try ResetReach(files)
    guard let sink = try files.directory.sink(), let last = reach.last else {
      throw StreamError(.usage, "'\(checkpoint)' has no commit: there is nothing to go back from")
    }
    if epoch == last {
      return say("epoch \(epoch) is the last commit: nothing to do", options)
    }
    guard reach.epochs.contains(epoch) else { throw refused(epoch, reach) }
    let warning = ResetReach.warning(forSink: try sink.plan())
    try confirm("forget the commits of epochs \(epoch + 1) to \(last)", warning)
    try CommitLog(sink).cut(to: epoch)
    if options.json {
      return try printLine(["epoch": .integer(epoch), "was": .integer(last)] as JSON)
    }
    say("epoch \(epoch) is the last commit now; it was \(last)", options)
  }

  private func takeLocks(_ files: QueryFiles) throws -> [StageLock] {
    var locks: [StageLock] = []
    for stage in try files.stages() {
      let program = stage.programLock
      let isAtWork = try Disk.isDirectory(program.path) && StageLock.holder(of: program) != nil
      guard !isAtWork, let lock = try StageLock(stage) else {
        throw StreamError(
          .unavailable, "the query runs: \(try QueryState(files, last: nil).text)",
          hint: "stream-query stop \(shellQuoted(checkpoint)) --wait")
      }
      locks.append(lock)
    }
    return locks
  }

  private func refused(_ epoch: Int64, _ reach: ResetReach) -> StreamError {
    let possible = reach.text.map { "possible: \($0)" } ?? "no epoch is possible"
    return StreamError(.usage, "--to: one cannot go back to epoch \(epoch); \(possible)")
  }

  private func confirm(_ what: String, _ warning: String) throws {
    if yes { return }
    guard isatty(0) == 1, isatty(2) == 1 else {
      throw StreamError(
        .usage, "this would \(what); \(warning)", hint: "say that it is meant: --yes")
    }
    writeLine("This will \(what).\n\(warning.prefix(1).uppercased())\(warning.dropFirst()).")
    writeLine("Type yes to go on:")
    guard readLine(strippingNewline: true)?.lowercased() == "yes" else {
      throw StreamError(.usage, "nothing was changed")
    }
  }

  private func printEpochs(_ reach: ResetReach) throws {
    if options.json {
      return try printLine(["epochs": .array(reach.epochs.map { .integer($0) })] as JSON)
    }
    try printLine(reach.text ?? "none")
  }
}
