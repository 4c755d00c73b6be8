import ArgumentParser
import Diagnostics
import Toolkit

/// With which stream to join.
struct StreamOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Join with this stream: <(…) of the shell, a FIFO or a file.", valueName: "path"))
  var stream: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Which watermark holds: min, that of the slower input (the default), or max, that of the faster.",
      valueName: "min|max"))
  var watermarkPolicy: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Stop with an error when the rows that wait take more memory than this (default: half of the "
        + "machine's).", valueName: "size"))
  var stateMemory: ArgumentText?

  init() {}
}
