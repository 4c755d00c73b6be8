import ArgumentParser
import Connectors
import Diagnostics
import Formats
import Toolkit

struct ExecSink: SinkKind {
  static let configuration = CommandConfiguration.tool(
    SinkTool.toolName, kind: "exec", abstract: "Run a program for the records of each epoch.",
    discussion: """
      CMD is run by the shell, for each epoch that has rows, with the rows on its standard input and \
      STREAM_EPOCH, STREAM_ROWS, STREAM_QUERY and STREAM_STAGE in its environment. In complete mode \
      the rows are the whole result, and CMD is also run when that has become empty.

      Status 0 says that the epoch has taken effect. With another one CMD is run again, with the same \
      rows and the same epoch number, after 100 ms, 200 ms and so on up to 10 s; when --retries are \
      used up the sink ends with status 75, or 64 where the shell does not find CMD.

      With a checkpoint CMD is run at least once for each epoch, and again for one that a crash cut \
      off: with the same number and the same rows. So what CMD does takes effect exactly once if it \
      does nothing for a number of STREAM_QUERY and STREAM_STAGE that it has seen.
      """,
    examples: [
      (
        "each epoch to a web service",
        "stream-source file data/ --format json --checkpoint ck "
          + "| stream-sink exec 'curl -fsS --data-binary @- https://example.org/rows/$STREAM_EPOCH'"
      ),
      (
        "a file for each epoch",
        "stream-source tail a.log | stream-sink exec 'cat > epoch-$STREAM_EPOCH.csv' --format csv"
      ),
    ])

  @Argument(help: ArgumentHelp("What the shell runs.", valueName: "cmd"))
  var command: ArgumentText

  @Option(
    help: ArgumentHelp("Run a CMD that failed so often again (default: 3).", valueName: "count"))
  var retries: String?

  @OptionGroup var records: RecordOptions
  @OptionGroup var sink: SinkOptions

  func choice() throws -> TargetChoice {
    let command = command.text
    guard command.contains(where: { !$0.isWhitespace }) else {
      throw StreamError(.usage, "the command is empty")
    }
    let plan = try records.checked(fallback: .json)
    let retries = try retries.map { try parseCount($0, option: "--retries") } ?? 3
    let options = records.adding(to: PlanOptions(["exec", command]), plan)
      .adding("retries", self.retries)
    return TargetChoice(
      // What CMD is may change: it may have to be mended before the query can go on.
      identity: "exec", exclusive: "the lock of programs (one CMD may run both)",
      options: options
    ) { _, _ in
      ExecTarget(
        command, retryCountMax: Int(clamping: retries),
        watchGroup: { Signals.secondSignalKills(group: $0) }
      ) { try plan.makeWriter() }
    }
  }
}
