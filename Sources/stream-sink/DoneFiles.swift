package import Diagnostics
import JSONText
package import Wire

/// Whether partitions can be marked as whole: if all rows of a window come in one epoch, and no
/// partition has rows of windows that close at different times, then the partitions that an epoch
/// writes are whole with its commit.
package struct DoneFiles {
  private let columns: [String]

  private static let starts = "window_start"
  private static let ends = "window_end"

  /// - Throws: a usage error when no column tells windows apart.
  package init(partitionColumns: [String]) throws(StreamError) {
    columns = partitionColumns
    guard names(DoneFiles.starts) || names(DoneFiles.ends) else {
      throw StreamError(
        .usage,
        "--done-file marks the partitions of closed windows: --partition-by has to name "
          + "window_start or window_end",
        hint: "--partition-by \((["window_start"] + columns).joined(separator: ","))")
    }
  }

  private func names(_ column: String) -> Bool {
    columns.contains { $0.lowercased() == column }
  }

  /// - Parameter header: with the sink at the end of its plan.
  /// - Throws: a usage error that says what is missing.
  package func check(_ header: Header) throws(StreamError) {
    let shape = header.shape
    guard let window = shape.window else {
      throw StreamError(
        .usage, "--done-file marks the partitions of closed windows, but the rows are in none",
        hint: "… | stream-window --time ts --watermark 10m --size 1h | stream-agg 'count(*)' | …")
    }
    // A dedup behind the aggregation passes rows on in their epoch; any other stage may not.
    let passing: Set = ["stream-map", "stream-dedup", "stream-sink"]
    let stage = header.plan.last { !passing.contains($0.tool) }
    guard let stage, stage.tool == "stream-agg" else {
      throw StreamError(
        .usage,
        "--done-file marks the partitions of closed windows, but these are not the results of "
          + "windows: they come from \(stage?.stage ?? "a stream without stages")",
        hint: "put stream-agg between the last stream-window and the sink")
    }
    guard shape.mode == .append else {
      throw StreamError(
        .usage,
        "--done-file needs results that come once, when their window is closed, but those of "
          + "\(stage.stage) change (\(shape.mode?.rawValue ?? "no") mode)",
        hint: "use --mode append in \(stage.stage)")
    }
    try checkClosing(window["kind"]?.string ?? "")
    try checkKeys(shape.keys, behind: stage.stage)
  }

  /// Windows with the same start may have different ends.
  private func checkClosing(_ kind: String) throws(StreamError) {
    guard !names(DoneFiles.ends) else { return }
    let windows = ["cumulating": "cumulating windows", "session": "sessions"][kind]
    guard let windows else { return }
    throw StreamError(
      .usage,
      "--done-file: \(windows) that begin together do not end together, so a partition by "
        + "window_start is never known to be whole",
      hint: "--partition-by \(columns.joined(separator: ",")),window_end")
  }

  /// A column that is no key any more may hold anything.
  private func checkKeys(_ keys: [String], behind stage: String) throws(StreamError) {
    for name in [DoneFiles.starts, DoneFiles.ends] where names(name) && !keys.contains(name) {
      throw StreamError(
        .usage,
        "--done-file: '\(name)' may not be the window's any more: behind \(stage) it, or another "
          + "key, was left out or computed anew",
        hint: "keep window_start, window_end and the columns of --by as they come from \(stage)")
    }
  }
}
