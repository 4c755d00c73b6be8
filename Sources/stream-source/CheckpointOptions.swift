import ArgumentParser
import Diagnostics
import Toolkit

/// Where the query is kept.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep there how far the query has come, so that the same command line goes on after a crash "
        + "(default: STREAM_CHECKPOINT; else nothing is kept).",
      valueName: "directory"))
  var checkpoint: ArgumentText?

  /// - Parameter guards: what must not change between two runs.
  func request(_ guards: PlanGuards) throws -> CheckpointRequest? {
    guard let path = checkpoint?.text ?? environment("STREAM_CHECKPOINT") else { return nil }
    guard !path.isEmpty else { throw StreamError(.usage, "--checkpoint: the path is empty") }
    return CheckpointRequest(path: path, guards: guards)
  }
}
