import Checkpoint
import Columnar
import Connectors
import Diagnostics
import JSONText
import Toolkit
import Wire

/// Sends epochs through the pipe.
struct WireOutput: EpochOutput {
  private let stage: SourceStage
  /// nil for a source that reads nothing.
  private let input: (any MeasuredInput)?
  private let summary: Summary
  private let resumption: Resumption?
  private var filter: (any BoundRowFilter)?
  /// Of the open epoch.
  private var rowsOut: Int64 = 0
  private var consumedBefore: Int64 = 0
  private var malformedBefore: Int64 = 0

  /// - Parameters:
  ///   - filter: which rows go out; nil for all.
  ///   - resumption: with a checkpoint alone.
  init(
    _ stage: SourceStage, input: (any MeasuredInput)? = nil, filter: (any BoundRowFilter)?,
    summary: Summary, resumption: Resumption? = nil
  ) {
    self.filter = filter
    self.stage = stage
    self.input = input
    self.summary = summary
    self.resumption = resumption
  }

  func hasRoom() throws -> Bool { try stage.hasRoom() }

  func take(_ piece: InputPiece, in epoch: SourceEpoch) throws {
    try resumption?.journal.take(piece)
  }

  func take(endOf file: Int) throws { try resumption?.journal.take(endOf: file) }

  mutating func write(_ batch: Batch, in epoch: SourceEpoch) throws {
    try resumption?.journal.take(batch, in: epoch)
    let rows = try filter?.rows(of: batch, in: epoch) ?? batch
    guard rows.rowCount > 0 else { return }
    try stage.writer.write(rows, EpochStamp(number: epoch.number, time: epoch.time))
    rowsOut += Int64(rows.rowCount)
  }

  /// What the stage says of the epoch that ends.
  private mutating func part() -> StagePart {
    summary.epochCount += 1
    summary.rowCount += rowsOut
    defer { rowsOut = 0 }
    return StagePart(id: stage.id, metrics: [Metric("rowsOut", rowsOut)])
  }

  mutating func close(_ epoch: SourceEpoch, idle: Int64, isFinal: Bool) throws {
    var part = part()
    if let input {
      part.metrics.append(Metric("bytesIn", input.consumedCount - consumedBefore))
      if let total = input.byteCount { part.metrics.append(Metric("bytesTotal", total)) }
      part.metrics.append(Metric("malformedRows", input.malformedCount - malformedBefore))
      consumedBefore = input.consumedCount
      malformedBefore = input.malformedCount
    }
    let ledger = Ledger(
      epoch: epoch.number, by: stage.id, time: epoch.time, isFinal: isFinal,
      sources: [
        SourcePart(id: stage.id, epoch: epoch.number, rows: Int64(epoch.rows), idle: idle)
      ],
      stages: [part])
    try stage.close(ledger, input: try resumption?.journal.close(epoch))
    try resumption?.trim()
  }

  /// Ends an epoch that was made again.
  mutating func close(replayed epoch: SourceEpoch, as intent: Intent) throws {
    let input = try resumption?.journal.close(epoch)
    guard input == intent.input, Int64(epoch.rows) == intent.rows else {
      throw StreamError(
        .data,
        "the input is not what it was: epoch \(intent.epoch) was begun with other bytes "
          + "(\(intent.input.text)), and cannot be made again",
        hint: "put the former input back, or begin anew with another --checkpoint directory")
    }
    let source = SourcePart(
      id: stage.id, epoch: intent.epoch, rows: intent.rows, idle: intent.idle)
    try stage.close(
      Ledger(
        epoch: intent.epoch, by: stage.id, time: intent.time, isFinal: intent.isFinal,
        sources: [source], stages: [part()]),
      input: input)
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
