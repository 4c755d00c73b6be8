import Columnar
import Connectors
import Toolkit
import Wire

/// Sends epochs through the pipe.
struct WireOutput: EpochOutput {
  private let stage: SourceStage
  /// nil for a source that reads nothing.
  private let input: (any MeasuredInput)?
  private let summary: Summary
  private var consumedBefore: Int64 = 0
  private var malformedBefore: Int64 = 0

  init(_ stage: SourceStage, input: (any MeasuredInput)? = nil, summary: Summary) {
    self.stage = stage
    self.input = input
    self.summary = summary
  }

  func write(_ batch: Batch, in epoch: SourceEpoch) throws {
    try stage.writer.write(batch, EpochStamp(number: epoch.number, time: epoch.time))
    summary.rowCount += Int64(batch.rowCount)
  }

  mutating func close(_ epoch: SourceEpoch, idle: Int64, isFinal: Bool) throws {
    summary.epochCount += 1
    var part = StagePart(id: stage.id)
    part.metrics.append(Metric("rowsOut", Int64(epoch.rows)))
    if let input {
      part.metrics.append(Metric("bytesIn", input.consumedCount - consumedBefore))
      if let total = input.byteCount { part.metrics.append(Metric("bytesTotal", total)) }
      part.metrics.append(Metric("malformedRows", input.malformedCount - malformedBefore))
      consumedBefore = input.consumedCount
      malformedBefore = input.malformedCount
    }
    try stage.writer.write(
      Ledger(
        epoch: epoch.number, by: stage.id, time: epoch.time, isFinal: isFinal,
        sources: [
          SourcePart(id: stage.id, epoch: epoch.number, rows: Int64(epoch.rows), idle: idle)
        ],
        stages: [part]))
  }
}

/// What `-v` tells at the end.
final class Summary {
  fileprivate(set) var rowCount: Int64 = 0
  fileprivate(set) var epochCount: Int64 = 0
  private let start = monotonicMicroseconds()

  func text(_ stage: String, _ input: (any MeasuredInput)?) -> String {
    let seconds = Double(monotonicMicroseconds() - start) / 1e6
    let bytes = input.map { " from \(shortBytes($0.consumedCount))" } ?? ""
    let malformed = input?.malformedCount ?? 0
    let flaws = malformed > 0 ? ", \(grouped(malformed)) malformed" : ""
    let rate = seconds > 0.001 ? " (\(grouped(Int64(Double(rowCount) / seconds))) rows/s)" : ""
    return
      "\(stage): \(counted(rowCount, "row"))\(bytes)\(flaws) in \(counted(epochCount, "epoch")), "
      + "\(shortSeconds(seconds))\(rate)"
  }
}
