internal import Diagnostics
package import Wire

extension Header {
  /// Tools that send the rows of the stage before them as they are, or alter each by itself.
  private static let passingTools: Set = [
    "stream-map", "stream-window", "stream-dedup", "stream-join", "stream-sql",
  ]

  /// Refuses an input whose rows replace earlier ones: a stage that remembers rows would count both.
  ///
  /// - Parameter purpose: who needs other rows, such as `an aggregation`.
  /// - Throws: a usage error that names the stage to change.
  package func refuseChangingRows(for purpose: String) throws {
    guard let before = shape.mode, before != .append else { return }
    let stage = changingStage
    throw StreamError(
      .usage,
      "the rows of \(stage) change (\(before.rawValue) mode), but \(purpose) needs rows that are "
        + "only added",
      hint: shape.isBounded
        ? "use --mode append in \(stage)" : "let \(stage) use append mode: stream-source --final")
  }

  /// Refuses an input of which an epoch has only what has changed.
  ///
  /// - Parameter purpose: who needs other rows, such as `a statement over each epoch`.
  /// - Throws: a usage error that names the stage to change.
  package func refuseUpdates(for purpose: String) throws {
    guard shape.mode == .update else { return }
    let stage = changingStage
    throw StreamError(
      .usage,
      "an epoch has only the rows of \(stage) that changed (update mode), but \(purpose) needs all "
        + "of them, or rows that are only added",
      hint: "use --mode complete in \(stage)")
  }

  private var changingStage: String {
    plan.last { !Header.passingTools.contains($0.tool) }?.stage ?? "the stage before"
  }
}
