internal import Checkpoint
internal import Columnar
package import Operators
package import Wire

/// Drives an operator from the first frame to the end of the stream.
package struct EpochLoop {
  private let stage: String
  private var operation: any Operator
  private let columnsUsed: Set<Int>?
  private let keeping: StageKeeping
  private let input: any EpochInput
  private let writer: WireWriter

  private var lastLedger: Ledger?
  /// That of the epoch before; nil before the first.
  private var watermark: Int64?
  private var openEpoch: EpochMetrics?
  private var total = EpochMetrics()
  private var epochCount = 0
  private let start = monotonicMicroseconds()

  /// - Parameters:
  ///   - stage: its id, under which it signs.
  ///   - rejects: takes the rows that the operator cannot take in.
  package init(
    _ stage: String, _ operation: any Operator, from reader: WireReader, to writer: WireWriter,
    rejects: Rejects? = nil
  ) {
    self.init(
      stage, operation, from: reader, to: writer, keeping: StageKeeping(rejects: rejects))
  }

  init(
    _ stage: String, _ operation: any Operator, from input: any EpochInput, to writer: WireWriter,
    keeping: StageKeeping
  ) {
    self.keeping = keeping
    self.stage = stage
    self.operation = operation
    columnsUsed = operation.columnsUsed
    self.input = input
    self.writer = writer
    watermark = input.resumeWatermark
  }

  /// - Parameter report: called before the stages behind learn of the end: what they have to say comes
  ///   after it.
  /// - Throws: what the operator throws, `WireError`, and what the reader says of a bad stream.
  package mutating func run(reporting report: () -> Void = {}) throws {
    while let frame = try input.next(for: writer) {
      switch frame {
      case .rows(let rows):
        try process(rows)
        if operation.isExhausted { return try endEarly(rows.stamp, report) }
      case .marker(let ledger):
        try finish(ledger)
        if operation.isExhausted, !ledger.isFinal { return try endEarly(ledger.stamp, report) }
      case .failure(let failure): throw WireError.failed(failure)
      }
    }
    report()
    try end()
  }

  private mutating func end() throws {
    if var concluding = operation as? any ConcludingOperator {
      try concluding.conclude()
      operation = concluding
    }
    try writer.end()
  }

  var summary: String {
    let seconds = Double(monotonicMicroseconds() - start) / 1e6
    return "\(stage): \(counted(total.rowsIn, "row")) in, \(counted(total.rowsOut, "row")) out, "
      + "\(counted(Int64(epochCount), "epoch")), \(shortSeconds(seconds))"
  }

  private mutating func process(_ rows: RowFrame) throws {
    let begin = monotonicMicroseconds()
    var metrics = openEpoch ?? EpochMetrics()
    metrics.rowsIn += Int64(rows.rowCount)
    if try passes(rows) {
      try writer.write(rows)
      metrics.rowsOut += Int64(rows.rowCount)
    } else {
      let (stamp, writer) = (rows.stamp, writer)
      try process(rows) { batch, change in
        metrics.rowsOut += Int64(batch.rowCount)
        try writer.send(batch, change, stamp)
      }
      try takeRejected(of: rows, &metrics)
    }
    metrics.microseconds += monotonicMicroseconds() - begin
    openEpoch = metrics
  }

  private mutating func passes(_ rows: RowFrame) throws -> Bool {
    if let merging = operation as? any MergingOperator { return merging.passes(input: rows.input) }
    guard var quick = operation as? any FrameOperator else { return false }
    defer { operation = quick }
    return try quick.passes(rowCount: rows.rowCount) { try rows.column($0) }
  }

  private mutating func process(
    _ rows: RowFrame, emit: (Batch, Change) throws -> Void
  ) throws {
    let change: Change = rows.isDeletion ? .delete : .insert
    let epoch = epoch(rows.stamp)
    if var merging = operation as? any MergingOperator {
      let batch = try rows.batch(merging.columnsUsed(ofInput: rows.input))
      defer { operation = merging }
      return try merging.process(batch, change, ofInput: rows.input, in: epoch, emit: emit)
    }
    try operation.process(try rows.batch(columnsUsed), change, in: epoch, emit: emit)
  }

  private func epoch(_ stamp: EpochStamp) -> Epoch {
    Epoch(
      number: stamp.number, time: stamp.time, watermark: watermark,
      completeInputs: input.completeInputs)
  }

  private mutating func takeRejected(of rows: RowFrame, _ metrics: inout EpochMetrics) throws {
    guard let rejects = keeping.rejects, var rejecting = operation as? any RejectingOperator
    else { return }
    let rejected = rejecting.takeRejected()
    operation = rejecting
    if rejected.isEmpty { return }
    metrics.lateRows += Int64(rejected.late.count)
    metrics.unusableRows += Int64(rejected.unusable.count)
    try rejects.take(rejected, of: rows)
  }

  private mutating func finish(_ marker: Ledger) throws {
    CrashPoint.pass("marker:receive")
    let begin = monotonicMicroseconds()
    var metrics = openEpoch ?? EpochMetrics()
    openEpoch = nil
    let writer = writer
    let end = EpochEnd(
      epoch: epoch(marker.stamp), isFinal: marker.isFinal, watermark: marker.watermark,
      idle: marker.sources.map(\.idle).min() ?? 0, replacesInput: marker.replaces)
    let outcome = try operation.finish(end) { batch, change in
      metrics.rowsOut += Int64(batch.rowCount)
      try writer.send(batch, change, marker.stamp)
    }
    metrics.microseconds += monotonicMicroseconds() - begin
    var ledger = marker
    ledger.replaces = marker.replaces || outcome.replacesResult
    ledger.watermark = outcome.watermark ?? marker.watermark
    watermark = input.watermark(behind: marker, sent: ledger)
    var part = StagePart(id: stage, metrics: metrics.signed(outcome))
    if let state = keeping.state, var stateful = operation as? any StatefulOperator {
      part.version = try state.commit(&stateful, epoch: marker.epoch)
      operation = stateful
      part.metrics += [
        Metric("stateRowsUpdated", state.changes.updated),
        Metric("stateRowsRemoved", state.changes.removed),
      ]
    }
    try keeping.closeRejects(marker.epoch)
    let memo = (operation as? any MemoOperator)?.memo
    part.memo = input.memo(adding: keeping.rejects?.tally.memo(adding: memo) ?? memo)
    ledger[stage: stage] = part
    CrashPoint.pass("marker:send")
    try writer.write(ledger)
    total.add(metrics)
    epochCount += 1
    lastLedger = ledger
  }

  /// Nothing that comes can change the result any more: the stream ends here.
  private mutating func endEarly(_ stamp: EpochStamp, _ report: () -> Void) throws {
    let isOpen = lastLedger?.epoch != stamp.number
    if isOpen || lastLedger?.isFinal == false {
      // An epoch whose marker has gone out cannot be closed again: the end is an epoch of its own.
      try finish(try lastKnown.ending(isOpen ? stamp.number : stamp.number + 1, at: stamp.time))
    }
    report()
    try end()
  }

  /// How far the stages before have come: as of this run, or of the commit before it.
  private var lastKnown: Ledger {
    get throws {
      if let lastLedger { return lastLedger }
      return try input.header.resumeLedger
        ?? Ledger(epoch: 0, by: input.header.numberingStage ?? stage, time: 0)
    }
  }
}

extension Ledger {
  /// The marker of an epoch that ends the stream, of which the stages before know nothing yet.
  fileprivate func ending(_ epoch: Int64, at time: Int64) -> Ledger {
    var ledger = self
    (ledger.epoch, ledger.time) = (epoch, time)
    (ledger.isFinal, ledger.replaces) = (true, false)
    // What is counted by epoch is that of another one.
    for index in sources.indices { ledger.sources[index].rows = 0 }
    for index in stages.indices { ledger.stages[index].metrics = [] }
    return ledger
  }
}

extension RowFrame {
  /// Columns that nobody looks at are not decoded.
  fileprivate func batch(_ used: Set<Int>?) throws -> Batch {
    guard let used, used.count < schema.fields.count else { return try batch() }
    let columns = try schema.fields.indices.map { index in
      used.contains(index) ? try column(index) : Column(.void, .void(count: rowCount))
    }
    return Batch(schema: schema, columns: columns, rowCount: rowCount)
  }
}

extension WireWriter {
  /// Larger results go out in slices: what the next stage works on should stay in its cache, and in a
  /// pipe there should be room for one slice while another is read.
  private static let (batchRowsMax, batchBytesMax) = (16_384, 600_000)

  fileprivate func send(_ batch: Batch, _ change: Change, _ stamp: EpochStamp) throws {
    let parts = max(
      (batch.rowCount + WireWriter.batchRowsMax - 1) / WireWriter.batchRowsMax,
      min(batch.byteCount / WireWriter.batchBytesMax + 1, batch.rowCount / 1024))
    if batch.rowCount == 0 { return }
    if parts <= 1 { return try write(batch, stamp, isDeletion: change == .delete) }
    // Where bitmaps can be cut without being shifted.
    let step = ((batch.rowCount + parts - 1) / parts + 63) / 64 * 64
    for start in stride(from: 0, to: batch.rowCount, by: step) {
      let part = batch[start..<min(start + step, batch.rowCount)]
      try write(part, stamp, isDeletion: change == .delete)
    }
  }
}
