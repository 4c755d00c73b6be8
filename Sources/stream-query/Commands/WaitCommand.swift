import ArgumentParser
import Checkpoint
import Diagnostics
import Glibc
import JSONText
import Toolkit

struct WaitCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "wait",
    abstract: "Wait until a query has ended, or has come so far.",
    discussion: """
      Without --epoch and --watermark it waits until no process of the query is left. With one of \
      them it waits until the sink has committed that much and shows it, whether the query runs \
      meanwhile or is started again; it gives up when the query is complete without having come so \
      far. A checkpoint that is not there yet may be made meanwhile. Status 0: it has happened; 75: \
      it has not.

      With --watermark all windows that end by that time are closed then and in the result, so that \
      what depends on them can be made. When the input is complete all are.
      """,
    examples: [
      ("until it has ended", "stream-query wait ck"),
      (
        "until all up to noon is in the result",
        "stream-query wait ck --watermark 2026-03-01T12:00:00Z && make report"
      ),
      ("until one of two has ended", "stream-query wait --any ck1 ck2"),
    ])

  @Argument(help: ArgumentHelp("The checkpoints.", valueName: "directory"))
  var checkpoints: [String]

  @Flag(help: "It is enough that it has happened in one of the checkpoints.")
  var any = false

  @Option(help: ArgumentHelp("Until the sink has committed that epoch.", valueName: "number"))
  var epoch: ArgumentText?

  @Option(
    help: ArgumentHelp("Until the committed watermark is past that time.", valueName: "time"))
  var watermark: ArgumentText?

  @Option(help: ArgumentHelp("Wait so long at most (default: for ever).", valueName: "duration"))
  var timeout: ArgumentText?

  @OptionGroup var options: QueryOptions

  func run() throws {
    let aim = try checkedAim()
    let patience = try Patience(timeout)
    var waits = try checkpoints.map { try QueryWait($0, aim) }
    for wait in waits where wait.isToBeMade && !patience.isLimited {
      say("'\(wait.path)' is no checkpoint yet; waits until it is made", options)
    }
    let hasHappened = try patience.wait {
      for index in waits.indices where !waits[index].isOver { try waits[index].look() }
      return any ? waits.contains(where: \.isOver) : waits.allSatisfy(\.isOver)
    }
    if options.json { try printLine(JSON.object(waits.map(\.member))) }
    guard hasHappened else {
      let open = waits.filter { !$0.isOver }.map { "'\($0.path)' \($0.position)" }
      throw StreamError(.unavailable, "the time is up: \(open.joined(separator: ", "))")
    }
  }

  private func checkedAim() throws -> QueryWait.Aim {
    if epoch != nil, watermark != nil {
      throw StreamError(.usage, "--epoch and --watermark do not go together")
    }
    if let epoch { return .epoch(try parseCount(epoch.text, option: "--epoch", atLeast: 1)) }
    if let watermark {
      return .watermark(try parseTime(watermark.text, option: "--watermark"))
    }
    return .end
  }
}
