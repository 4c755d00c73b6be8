internal import Checkpoint
package import Columnar
internal import Glibc
internal import Operators
package import Wire

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
