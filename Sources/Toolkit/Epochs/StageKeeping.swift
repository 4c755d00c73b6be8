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
  ///   - inputs: what comes in.
  init(_ header: Header, _ plan: inout StagePlan, _ inputs: [StageInput]) throws {
    let memo = header.plan.last.flatMap { header.resume?["stages"]?[$0.stage]?["memo"] }
    if let memo, var remembering = plan.operation as? any MemoOperator {
      try remembering.restore(memo)
      plan.operation = remembering
    }
    let rejecting = (plan.operation as? any RejectingOperator).flatMap { $0.mayReject ? $0 : nil }
    // The order of several inputs is kept.
    let files = try StageKeeping.files(
      header, plan, mayReject: rejecting != nil, isMerging: inputs.count > 1)
    self.files = files
    try plan.opening?(files.map { StagePlace($0, header) })
    if let files, var stateful = plan.operation as? any StatefulOperator {
      state = try StageState(header, files, restoring: &stateful)
      plan.operation = stateful
    } else {
      state = nil
    }
    rejects = try rejecting.map {
      try Rejects(header, inputs, checkpoint: files?.checkpoint.path, $0.necessity)
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

/// What a stage knows of one of its inputs.
struct StageInput {
  /// The branch that its epochs come from.
  var branch = "main"
  let schema: Schema
}

extension [StageInput] {
  /// What the names of the files begin with that hold rejected rows. Those of several inputs are told
  /// from each other by their branches.
  ///
  /// - Parameter prefix: comes first.
  fileprivate func rejectSeries(behind prefix: String = "") -> [(prefix: String, schema: Schema)] {
    if count == 1 { return [(prefix, self[0].schema)] }
    let areDistinct = Set(map(\.branch)).count == count
    return enumerated().map { index, input in
      ("\(prefix)\(input.branch)\(areDistinct ? "" : "\(index + 1)")-", input.schema)
    }
  }
}

extension Rejects {
  /// - Parameters:
  ///   - header: says what becomes of late rows.
  ///   - inputs: what comes in.
  ///   - checkpoint: its directory.
  ///   - necessity: see ``RejectingOperator/necessity``.
  fileprivate convenience init(
    _ header: Header, _ inputs: [StageInput], checkpoint: String?, _ necessity: String
  ) throws {
    let stage = header.plan.last?.stage ?? ""
    let own = checkpoint.map {
      RejectFiles("\($0)/rejects/\(stage)", isPrivate: true, inputs: inputs.rejectSeries())
    }
    let late: RejectFiles? =
      switch header.shape.late {
      case nil, "drop": nil
      case "keep": own
      case let path?:
        RejectFiles(
          path, isPrivate: false,
          inputs: inputs.rejectSeries(behind: "\(stage)-\(header.query.tag)-"))
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
    guard let resume, isCommitted else { return 0 }
    if let point = resumePoint { return point.epoch }
    guard let stage = numberingStage else { return nil }
    return resume["sources"]?[stage]?["epoch"]?.safeInteger
  }
}
