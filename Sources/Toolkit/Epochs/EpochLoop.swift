internal import Checkpoint
package import Columnar
internal import Diagnostics
internal import Glibc
package import JSONText
package import Operators
package import Wire

/// What a tool makes of its options once it knows what comes in.
package struct StagePlan {
  package var operation: any Operator
  /// What the rows mean behind this stage.
  package var shape: Shape
  /// How the plan records the stage: see ``PlanStage/commandLine``.
  package var options: JSON
  /// What must not change between two runs on one checkpoint.
  package var guards: PlanGuards
  /// See ``PlanStage``.
  package var isPinned: Bool
  /// For a stage that keeps files of its own, or takes its time to begin: called once behind the
  /// header, with its place in the checkpoint, if there is one. What comes meanwhile is taken in.
  package var opening: ((StagePlace?) throws -> Void)?

  package init(
    _ operation: any Operator, shape: Shape, options: JSON, guards: PlanGuards = PlanGuards()
  ) {
    self.operation = operation
    self.shape = shape
    self.options = options
    self.guards = guards
    isPinned = operation is any StatefulOperator
  }
}

/// An operator that can often tell what becomes of rows without decoding all of them.
package protocol FrameOperator: Operator {
  /// Whether all rows of a frame go on as they are. If so they have been dealt with, and `process`
  /// is not called; else nothing has happened yet.
  ///
  /// - Parameter column: decodes a column of the frame.
  mutating func passes(rowCount: Int, column: (Int) throws -> Column) throws -> Bool
}

extension StreamTool {
  /// Runs the stage: header, epochs, end.
  ///
  /// - Parameter plan: makes the operator; its errors reach the user, and stop the stages behind.
  package func runEpochs(_ plan: (Header, Schema) throws -> StagePlan) throws {
    try runEpochs { branch in
      let reader = try openUpstream(for: Self.toolName)
      let plan = try plan(reader.header, reader.schema)
      var header = reader.header
      _ = header.append(
        tool: Self.toolName, options: plan.options, branch: branch, isPinned: plan.isPinned)
      let ahead = plan.opening == nil ? nil : ReadAhead(reader)
      return OpenedStage(header, plan, [StageInput(schema: reader.schema)]) { _, _ in
        ahead?.finish()
        return ahead ?? reader
      }
    }
  }

  /// - Parameter open: waits for what comes in; given the name of a branch that the stage begins.
  func runEpochs(opening open: (_ branch: String?) throws -> OpenedStage) throws {
    let log = try log()
    let branch = try common.branchName()
    let compression = try common.compression()
    Signals.install(.stage)
    var output = try StageOutput()
    let writer = WireWriter(descriptor: output.descriptor, compression: compression)
    var stage = Self.toolName
    do {
      let opened = try open(branch)
      var (header, plan) = (opened.header, opened.plan)
      stage = header.plan.last?.stage ?? stage
      CrashPoint.name(stage: stage)
      header.shape = plan.shape.ending(as: header.shape)
      try StageFiles.checkPlan(header, plan.guards)
      // First the header, so that the stages behind are ready when the state has been read.
      try writer.begin(header, plan.operation.output)
      let keeping = try StageKeeping(header, &plan, opened.inputs)
      plan.operation.watch(writer)
      let input = try opened.makeInput(header, keeping)
      var loop = EpochLoop(stage, plan.operation, from: input, to: writer, keeping: keeping)
      do {
        try loop.run { keeping.rejects?.report(to: log) }
      } catch {
        keeping.rejects?.discard()
        throw error
      }
      // A stream that ended early: those before must not wait for us to read on.
      close(0)
      log.info(loop.summary)
    } catch {
      if let failure = failureFrame(for: error, stage: stage) { try? writer.write(failure) }
      _ = output.finish()
      throw ReportedError(error)
    }
    let status = output.finish()
    if status != 0 { throw ReportedError(SilentExit(status: status)) }
  }
}

/// A stage that knows what comes in, before it has sent anything.
struct OpenedStage {
  /// With the stage at the end of its plan.
  let header: Header
  let plan: StagePlan
  /// At least one.
  let inputs: [StageInput]
  let makeInput: (Header, StageKeeping) throws -> any EpochInput

  init(
    _ header: Header, _ plan: StagePlan, _ inputs: [StageInput],
    _ makeInput: @escaping (Header, StageKeeping) throws -> any EpochInput
  ) {
    self.header = header
    self.plan = plan
    self.inputs = inputs
    self.makeInput = makeInput
  }
}

extension Shape {
  /// Whether and how the input ends is the sources' to say.
  fileprivate func ending(as input: Shape) -> Shape {
    var shape = self
    (shape.isBounded, shape.endsByItself) = (input.isBounded, input.endsByItself)
    return shape
  }
}

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

/// What a stage counts within an epoch.
private struct EpochMetrics {
  var rowsIn: Int64 = 0
  var rowsOut: Int64 = 0
  var lateRows: Int64 = 0
  var unusableRows: Int64 = 0
  var microseconds: Int64 = 0

  mutating func add(_ other: EpochMetrics) {
    rowsIn += other.rowsIn
    rowsOut += other.rowsOut
    lateRows += other.lateRows
    unusableRows += other.unusableRows
    microseconds += other.microseconds
  }

  func signed(_ outcome: EpochOutcome) -> [Metric] {
    var metrics = [
      Metric("rowsIn", rowsIn), Metric("rowsOut", rowsOut),
      Metric("stateRows", Int64(outcome.stateRows)),
      Metric("stateBytes", Int64(outcome.stateBytes)),
      Metric("lateRows", lateRows), Metric("unusableRows", unusableRows),
      Metric("ms", microseconds / 1000),
    ]
    if let openWindows = outcome.openWindows {
      metrics.append(Metric("openWindows", Int64(openWindows)))
    }
    if let nextClose = outcome.nextClose { metrics.append(Metric("nextClose", nextClose)) }
    return metrics
  }
}
