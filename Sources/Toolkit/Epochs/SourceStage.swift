internal import Checkpoint
package import Columnar
internal import Diagnostics
internal import Glibc
package import JSONText
package import Wire

/// The stage that a pipeline begins with.
package struct SourceStage {
  /// Its id, such as `main.source`.
  package let id: String
  package let log: Log
  package let writer: WireWriter
  /// nil: nothing is kept, and a run that dies begins again from the start.
  package let checkpoint: SourceCheckpoint?
  private let header: Header
  private let guards: PlanGuards
  private let output: Int32

  fileprivate init(
    id: String, log: Log, writer: WireWriter, checkpoint: SourceCheckpoint?, header: Header,
    guards: PlanGuards, output: Int32
  ) {
    self.id = id
    self.log = log
    self.writer = writer
    self.checkpoint = checkpoint
    self.header = header
    self.guards = guards
    self.output = output
  }

  /// Sends the header, as soon as the schema is known, and, with a checkpoint, waits for the sink:
  /// there are no rows before.
  ///
  /// - Parameters:
  ///   - records: what a record of the input holds before columns are chosen: later runs read it
  ///     from the checkpoint.
  ///   - isBounded: it is known from the start that the input ends and that this is final.
  ///   - endsByItself: see ``Shape/endsByItself``.
  ///   - guards: what must not change between two runs; nil: what the request said.
  package func begin(
    _ schema: Schema, records: Schema? = nil, isBounded: Bool, endsByItself: Bool = false,
    guards: PlanGuards? = nil
  ) throws {
    var header = header
    header.shape.isBounded = isBounded
    header.shape.endsByItself = endsByItself
    if let checkpoint {
      checkpoint.fill(&header)
      try checkpoint.checkPlan(header, schema, records: records, guards ?? self.guards)
    } else {
      header.query.runs[id] = randomIdentifier()
    }
    CrashPoint.pass("header:send")
    try writer.begin(header, schema)
    try checkpoint?.awaitSink(output)
    try checkpoint?.recordPlan()
  }

  /// Sends the header of an input that is complete: no row follows, and what the checkpoint says of
  /// the source stays as it is.
  fileprivate func begin(complete checkpoint: SourceCheckpoint, _ schema: Schema) throws {
    log.warning(
      "the \(checkpoint.isQueryComplete ? "query" : "input") is complete; new input is not read",
      hint: "begin another one with an empty --checkpoint directory")
    var header = header
    header.shape.isBounded = true
    checkpoint.fill(&header)
    try checkpoint.checkPlan(header, schema, records: checkpoint.records, guards)
    CrashPoint.pass("header:send")
    try writer.begin(header, schema)
    try checkpoint.awaitSink(output)
  }

  /// Whether another epoch may end: with a checkpoint few are on their way to the sink.
  package func hasRoom() throws -> Bool { try checkpoint?.hasRoom(output) ?? true }

  /// Waits until the sink has acknowledged all epochs, nobody reads them any more, or the source was
  /// told to stop.
  package func awaitCommits() throws {
    while let checkpoint, try !checkpoint.isDone {
      if Signals.isStopRequested || isClosed(output) { return }
      usleep(2_000)
    }
  }

  /// Ends an epoch.
  ///
  /// - Parameter input: what its intent says; nil without a checkpoint.
  package func close(_ ledger: Ledger, input: JSON?) throws {
    var ledger = ledger
    if let checkpoint, let input, let part = ledger.sources.first {
      ledger.sources[0].end = input
      try checkpoint.write(
        Intent(
          epoch: part.epoch, time: ledger.time, idle: part.idle, isFinal: ledger.isFinal,
          rows: part.rows, input: input))
    }
    CrashPoint.pass("marker:send")
    try writer.write(ledger)
  }
}

/// The checkpoint that a source was told to use.
package struct CheckpointRequest: Sendable {
  /// As the user wrote it.
  package let path: String
  /// What must not change between two runs.
  package let guards: PlanGuards

  package init(path: String, guards: PlanGuards) {
    self.path = path
    self.guards = guards
  }
}

extension StreamTool {
  /// Runs a source.
  ///
  /// - Parameters:
  ///   - options: how the plan records the stage.
  ///   - checkpoint: where the query is kept; nil for one that is not.
  ///   - body: sends the header and all epochs; the end-of-stream mark is sent behind it. Its errors
  ///     reach the user, and stop the stages behind.
  package func runSource(
    options: JSON, checkpoint request: CheckpointRequest? = nil,
    _ body: (SourceStage) throws -> Void
  ) throws {
    let log = try log()
    let branch = try common.branchName()
    let compression = try common.compression()
    Signals.install(.source)
    var output = try StageOutput()
    let writer = WireWriter(descriptor: output.descriptor, compression: compression)
    var header = Header()
    let id = header.append(tool: Self.toolName, options: options, branch: branch)
    do {
      let checkpoint = try request.map {
        try SourceCheckpoint($0.path, id: id, name: nil, log: log)
      }
      let stage = SourceStage(
        id: id, log: log, writer: writer, checkpoint: checkpoint, header: header,
        guards: request?.guards ?? PlanGuards(), output: output.descriptor)
      do {
        if let checkpoint, checkpoint.isComplete, let schema = checkpoint.schema {
          try stage.begin(complete: checkpoint, schema)
        } else {
          try body(stage)
        }
      } catch is StoppedAtStart {}
      try writer.end()
    } catch {
      if let failure = failureFrame(for: error, stage: id) { try? writer.write(failure) }
      _ = output.finish()
      throw ReportedError(error)
    }
    let status = output.finish()
    if status != 0 { throw ReportedError(SilentExit(status: status)) }
  }
}
