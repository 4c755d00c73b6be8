internal import Checkpoint
package import Columnar
internal import Diagnostics
internal import Glibc
package import JSONText
package import Wire

/// The end of a pipeline: takes epochs in, whole or not at all.
package protocol EpochSink {
  /// What must not change between two runs on one checkpoint.
  var guards: PlanGuards { get }

  mutating func begin(_ header: Header, _ schema: Schema) throws

  /// Goes back to the last commit: what a crash left half done is finished or undone. Only with a
  /// checkpoint, behind `begin`.
  mutating func resume(_ resume: SinkResume) throws -> SinkPosition

  mutating func write(_ rows: RowFrame) throws

  /// Makes the rows since the last commit take effect. Without a checkpoint.
  mutating func commit(_ ledger: Ledger) throws

  /// Makes them durable, so that nothing but the commit's record is missing for them to take effect.
  /// With a checkpoint.
  ///
  /// - Returns: what each target needs to know to go on from here after a crash.
  mutating func prepare(_ ledger: Ledger) throws -> [JSON]

  /// The commit's record is written: makes the rows visible, where they are not yet.
  mutating func publish(_ ledger: Ledger) throws

  /// The input has nothing more for now.
  mutating func flush() throws

  /// The run has failed, or nobody reads any more: the open epoch is void.
  mutating func discard()

  /// The stream has ended as it should.
  mutating func end() throws
}

extension StreamTool {
  /// Runs the stage that ends a pipeline.
  ///
  /// - Parameters:
  ///   - options: how the plan records the stage.
  ///   - explains: prints the plan and ends; nothing runs.
  ///   - makeSink: called once the stream's header is known.
  package func runSink(
    options: JSON, explains: Bool, _ makeSink: (Header, Schema) throws -> any EpochSink
  ) throws {
    let log = try log()
    let branch = try common.branchName()
    _ = try common.compression()
    Signals.install(.stage)
    do {
      let reader = try openUpstream(for: Self.toolName)
      var header = reader.header
      let stage = header.append(tool: Self.toolName, options: options, branch: branch)
      if explains { return print(PlanTree(header, reader.schema).text) }
      var sink = try makeSink(header, reader.schema)
      let checkpoint = try header.query.checkpoint.map {
        try SinkCheckpoint(header, checkpoint: $0, guards: sink.guards)
      }
      try sink.begin(header, reader.schema)
      try checkpoint?.takeUp(&sink)
      var loop = SinkLoop(stage, from: reader, checkpoint: checkpoint, log: log)
      do {
        try loop.run(into: &sink)
      } catch {
        loop.progress.erase()
        sink.discard()
        throw error
      }
      loop.report(on: header, to: log)
    } catch {
      throw ReportedError(error)
    }
  }
}

private struct SinkLoop {
  private let stage: String
  private let reader: WireReader
  private let checkpoint: SinkCheckpoint?
  private var rowCount: Int64 = 0
  private var epochRowCount: Int64 = 0
  /// When the first of the open epoch came.
  private var epochStart: Int64?
  private var epochCount = 0
  private var lastLedger: Ledger?
  private let start = monotonicMicroseconds()
  var progress: Progress

  init(_ stage: String, from reader: WireReader, checkpoint: SinkCheckpoint?, log: Log) {
    self.stage = stage
    self.reader = reader
    self.checkpoint = checkpoint
    progress = Progress(isWanted: log.verbosity >= 0 && log.format == .text)
  }

  mutating func run(into sink: inout any EpochSink) throws {
    while let frame = try reader.next() {
      if epochStart == nil { epochStart = monotonicMicroseconds() }
      switch frame {
      case .rows(let rows):
        if rows.stamp.number > checkpoint?.lastEpoch ?? 0 {
          try sink.write(rows)
          epochRowCount += Int64(rows.rowCount)
          progress.add(rows: rows.rowCount)
        }
      case .marker(let ledger):
        try finish(ledger, &sink)
        rowCount += epochRowCount
        epochRowCount = 0
        epochStart = nil
        epochCount += 1
        lastLedger = ledger
        progress.note(ledger)
      case .failure(let failure): throw WireError.failed(failure)
      }
      if !reader.hasBufferedFrame, try !reader.waitForInput(milliseconds: 0) { try sink.flush() }
    }
    progress.erase()
    try sink.end()
  }

  private func finish(_ ledger: Ledger, _ sink: inout any EpochSink) throws {
    guard let checkpoint else { return try sink.commit(ledger) }
    CrashPoint.pass("marker:receive")
    if ledger.epoch <= checkpoint.lastEpoch { return try checkpoint.skip(ledger) }
    var ledger = ledger
    let microseconds = monotonicMicroseconds() - (epochStart ?? 0)
    ledger[stage: stage].metrics = [
      Metric("rowsIn", epochRowCount), Metric("ms", microseconds / 1000),
    ]
    if checkpoint.changesNothing(ledger, rowCount: epochRowCount) {
      return try checkpoint.acknowledge(ledger)
    }
    try checkpoint.prepare(ledger)
    let targets = try sink.prepare(ledger)
    try checkpoint.commit(ledger, targets: targets)
    try sink.publish(ledger)
    try checkpoint.declare()
  }

  /// What there is to say at the end.
  func report(on header: Header, to log: Log) {
    if !Signals.isStopRequested, let open = OpenEnd(header, lastLedger: lastLedger) {
      log.warning(open.message, hint: open.hint)
    }
    log.info(summary)
  }

  private var summary: String {
    let seconds = Double(monotonicMicroseconds() - start) / 1e6
    let rate = seconds > 0.001 ? " (\(grouped(Int64(Double(rowCount) / seconds))) rows/s)" : ""
    return "\(stage): \(counted(rowCount, "row")) in \(counted(Int64(epochCount), "epoch")), "
      + "\(shortSeconds(seconds))\(rate)"
  }
}
