import ArgumentParser
import Connectors
import Diagnostics
import Toolkit

/// When epochs end.
struct EpochOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "When an epoch ends: after a time such as 10s, or 'available-now' (only at its bounds; the "
        + "input ends with what is there). Default: as soon as the input pauses, or after a second.",
      valueName: "when"))
  var trigger: ArgumentText?

  @Option(help: ArgumentHelp("Let an epoch have at most so many rows.", valueName: "count"))
  var maxRows: ArgumentText?

  @Flag(
    help: """
      Say from the start that the end of the input completes it, so that one answer at the end is \
      wanted.
      """)
  var final = false

  func checkedTrigger() throws -> Trigger {
    guard let text = trigger?.text else { return .promptly }
    if text == "available-now" { return .availableNow }
    guard text.contains(where: \.isNumber) else {
      throw StreamError(
        .usage, "--trigger: expected a duration or 'available-now' but found '\(text)'",
        hint: "an epoch a second: --trigger 1s")
    }
    let interval = try parseDuration(text, option: "--trigger")
    guard interval >= 1_000 else {
      throw StreamError(.usage, "--trigger: '\(text)' is below a millisecond")
    }
    return .every(interval)
  }

  func checkedBounds() throws -> EpochBounds {
    EpochBounds(rows: try count(maxRows, "--max-rows"))
  }

  func count(_ text: ArgumentText?, _ option: String) throws -> Int? {
    try text.map { Int(try parseCount($0.text, option: option, atLeast: 1)) }
  }

  /// As the plan records them.
  func adding(to options: PlanOptions) -> PlanOptions {
    options.adding("trigger", trigger?.text).adding("max-rows", maxRows?.text)
      .adding("final", final)
  }
}
