import Diagnostics
import JSONText
import Testing
import Wire
import stream_sink

@Suite("Marking partitions as whole")
struct DoneFilesTests {
  /// Behind a windowed aggregation in append mode, as `change` makes it.
  private func header(_ change: (inout Header) -> Void = { _ in }) -> Header {
    func stage(_ id: String) -> PlanStage {
      PlanStage(stage: "main.\(id)", tool: "stream-\(id)", options: [:])
    }
    var header = Header(
      plan: ["source", "window", "agg", "map", "dedup", "sink"].map(stage),
      shape: Shape(
        window: ["kind": "tumbling", "size": 1_000_000], mode: .append,
        keys: ["window_start", "window_end", "country"]))
    change(&header)
    return header
  }

  private func message(_ columns: [String], _ header: Header) -> String? {
    do throws(StreamError) {
      try DoneFiles(partitionColumns: columns).check(header)
      return nil
    } catch {
      #expect(error.kind == .usage)
      return "\(error.message) | \(error.hint ?? "")"
    }
  }

  @Test(
    "is possible where all rows of a partition come in one epoch",
    arguments: [
      (["window_start"], "tumbling"), (["window_end"], "tumbling"),
      (["country", "Window_Start"], "sliding"), (["window_start"], "months"),
      (["window_end"], "cumulating"), (["window_start", "window_end"], "cumulating"),
      (["window_end"], "session"),
    ])
  func possible(columns: [String], kind: String) {
    let header = header { $0.shape.window?["kind"] = .string(kind) }
    #expect(message(columns, header) == nil)
  }

  @Test("needs a partition for each window", arguments: [[], ["country"]] as [[String]])
  func noWindowColumn(columns: [String]) {
    let all = (["window_start"] + columns).joined(separator: ",")
    #expect(
      message(columns, header()) == "--done-file marks the partitions of closed windows: "
        + "--partition-by has to name window_start or window_end | --partition-by \(all)")
  }

  @Test("needs windows")
  func noWindow() {
    #expect(
      message(["window_start"], header { $0.shape.window = nil })
        == "--done-file marks the partitions of closed windows, but the rows are in none | "
        + "… | stream-window --time ts --watermark 10m --size 1h | stream-agg 'count(*)' | …")
  }

  @Test("needs the results of windows, not their rows")
  func noAggregation() {
    let header = header { header in
      header.plan.removeAll { $0.tool == "stream-agg" }
      header.shape.mode = nil
    }
    #expect(
      message(["window_start"], header)
        == "--done-file marks the partitions of closed windows, but these are not the results of "
        + "windows: they come from main.window | "
        + "put stream-agg between the last stream-window and the sink")
  }

  @Test("needs results that come once", arguments: [OutputMode.update, .complete])
  func changingResults(mode: OutputMode) {
    #expect(
      message(["window_start"], header { $0.shape.mode = mode })
        == "--done-file needs results that come once, when their window is closed, but those of "
        + "main.agg change (\(mode.rawValue) mode) | use --mode append in main.agg")
  }

  @Test(
    "needs windows of a partition to close together",
    arguments: [("cumulating", "cumulating windows"), ("session", "sessions")])
  func sharedStarts(kind: String, name: String) {
    #expect(
      message(
        ["country", "window_start"], header { $0.shape.window?["kind"] = .string(kind) })
        == "--done-file: \(name) that begin together do not end together, so a partition by "
        + "window_start is never known to be whole | "
        + "--partition-by country,window_start,window_end")
  }

  @Test("needs the window as the aggregation has sent it")
  func lostKeys() {
    #expect(
      message(["window_end"], header { $0.shape.keys = [] })
        == "--done-file: 'window_end' may not be the window's any more: behind main.agg it, or "
        + "another key, was left out or computed anew | "
        + "keep window_start, window_end and the columns of --by as they come from main.agg")
  }
}
