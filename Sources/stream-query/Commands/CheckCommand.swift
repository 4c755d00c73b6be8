import ArgumentParser
import Checkpoint
import Diagnostics
import Glibc
import JSONText
import Toolkit

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "check", abstract: "Verify a checkpoint: nothing is changed.",
    discussion: """
      Verifies every checksum, and that commits, intents and states agree. Says for each problem \
      which file it is in and what to do. It may run beside the query. Status 0: all is well; 74: \
      the checkpoint is damaged.
      """,
    examples: [("a copy", "stream-query check /backup/ck")])

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "directory"))
  var checkpoint: String

  @OptionGroup var options: QueryOptions

  private static let attemptCountMax = 5

  func run() throws {
    guard Disk.isDirectory(checkpoint) else { throw try missing() }
    var report = CheckpointCheck(path: checkpoint).run()
    // Files that change between two looks may seem to disagree.
    for _ in 1..<CheckCommand.attemptCountMax where !report.problems.isEmpty && isRunning {
      usleep(100_000)
      report = CheckpointCheck(path: checkpoint).run()
    }
    if options.json {
      try printLine(report.json)
    } else {
      for line in report.lines { try printLine(line) }
    }
    guard report.problems.isEmpty else {
      let count = counted(Int64(report.problems.count), "problem")
      throw StreamError.damagedCheckpoint(count, at: checkpoint, hint: nil)
    }
  }

  private var isRunning: Bool {
    guard let files = try? QueryFiles(checkpoint), let state = try? QueryState(files, last: nil)
    else { return false }
    return state.isRunning
  }

  private func missing() throws -> StreamError {
    StreamError(.usage, "'\(checkpoint)' is not a directory")
  }
}
