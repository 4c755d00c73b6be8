internal import Checkpoint
internal import Columnar
internal import JSONText
internal import Operators
internal import Wire

/// What a stage keeps besides the rows that it sends: state, and rows that had no effect.
struct StageKeeping {
  /// nil for an operator without any, and without a checkpoint.
  let state: StageState?
  /// nil for an operator that takes in every row.
  let rejects: Rejects?
  /// nil for a stage that keeps none in the checkpoint.
  let files: StageFiles?

  init(rejects: Rejects? = nil) {
    (state, files) = (nil, nil)
    self.rejects = rejects
  }

  /// Joins the run, where anything is kept in the checkpoint, and gives the operator what the commit
  /// before this run says of it.
  ///
  /// - Parameters:
  ///   - header: with this stage at the end of its plan, as it is sent.
  ///   - input: the schema of the rows that come in.
  ///   - isMerging: the stage keeps the order of its inputs.
  init(_ header: Header, _ plan: inout StagePlan, input: Schema, isMerging: Bool) throws {
    let memo = header.plan.last.flatMap { header.resume?["stages"]?[$0.stage]?["memo"] }
    if let memo, var remembering = plan.operation as? any MemoOperator {
      try remembering.restore(memo)
      plan.operation = remembering
    }
    let rejecting = (plan.operation as? any RejectingOperator).flatMap { $0.mayReject ? $0 : nil }
    let files = try StageKeeping.files(
      header, plan, mayReject: rejecting != nil, isMerging: isMerging)
    self.files = files
    try plan.opening?(files.map { StagePlace($0, header) })
    if let files, var stateful = plan.operation as? any StatefulOperator {
      state = try StageState(header, files, restoring: &stateful)
      plan.operation = stateful
    } else {
      state = nil
    }
    rejects = try rejecting.map {
      try Rejects(header, input: input, checkpoint: files?.checkpoint.path, $0.necessity)
    }
    try rejects?.restore(memo)
  }

  private static func files(
    _ header: Header, _ plan: StagePlan, mayReject: Bool, isMerging: Bool
  ) throws -> StageFiles? {
    let isStateful = isMerging || plan.operation is any StatefulOperator
    guard let path = header.query.checkpoint, isStateful || mayReject || plan.opening != nil
    else { return nil }
    let files = try StageFiles(
      header, checkpoint: path, guards: plan.guards, mayBeNew: !isStateful)
    try files.declare()
    return files
  }

  /// Makes what was rejected in an epoch durable.
  func closeRejects(_ epoch: Int64) throws {
    guard let rejects else { return }
    try files?.recordPlan()
    try rejects.close(epoch)
  }
}

extension Rejects {
  /// - Parameters:
  ///   - header: says what becomes of late rows.
  ///   - input: the schema of the rows that come in.
  ///   - checkpoint: its directory.
  ///   - necessity: see ``RejectingOperator/necessity``.
  fileprivate convenience init(
    _ header: Header, input: Schema, checkpoint: String?, _ necessity: String
  ) throws {
    let stage = header.plan.last?.stage ?? ""
    let own = checkpoint.map {
      RejectFiles("\($0)/rejects/\(stage)", isPrivate: true, schema: input)
    }
    let late: RejectFiles? =
      switch header.shape.late {
      case nil, "drop": nil
      case "keep": own
      case let path?:
        RejectFiles(
          path, prefix: "\(stage)-\(header.query.tag)-", isPrivate: false, schema: input)
      }
    if checkpoint != nil, let epoch = header.resumeEpoch {
      try own?.removeFiles(behind: epoch)
      if late !== own { try late?.removeFiles(behind: epoch) }
    }
    self.init(
      lateFiles: late, unusableFiles: own, necessity: necessity, hasCheckpoint: checkpoint != nil)
  }
}

extension Header {
  /// The last epoch, as this stage counts them, that took effect before this run; nil when that is
  /// not known.
  fileprivate var resumeEpoch: Int64? {
    guard let resume else { return 0 }
    if let point = resumePoint { return point.epoch }
    guard let stage = numberingStage else { return nil }
    return resume["sources"]?[stage]?["epoch"]?.int64
  }
}
