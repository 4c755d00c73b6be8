import Columnar
import Diagnostics
import Expressions
import JSONText
import Operators
import Toolkit
import Wire

extension JoinTool {
  /// The path of the stream to join with; nil for a join with a table.
  func otherStream() throws -> String? {
    guard let path = stream.stream?.text else {
      let option =
        stream.watermarkPolicy != nil
        ? "--watermark-policy" : stream.stateMemory != nil ? "--state-memory" : nil
      if let option, table.table != nil {
        throw StreamError(.usage, "\(option) goes with --stream, not with --table")
      }
      return nil
    }
    guard !path.isEmpty else {
      throw StreamError(.usage, "--stream: expected a path", hint: "--stream <(stream-source …)")
    }
    if let option = table.given {
      throw StreamError(.usage, "\(option) does not go with --stream: a join has two sides")
    }
    return path
  }

  func runStreamJoin(_ type: JoinType, with path: String) throws {
    let policy = try WatermarkPolicy(option: stream.watermarkPolicy?.text)
    let byteLimit = try parseStateMemory(stream.stateMemory?.text)
    let log = try log()
    try runMergedEpochs([path], policy: policy) { header, inputs in
      for input in inputs { try input.header.refuseChangingRows(for: "a join") }
      let sides = inputs.map { input in
        StreamJoinPlan.Input(
          input.schema, eventTime: input.header.shape.eventTime,
          hasWatermark: input.header.shape.watermark != nil)
      }
      let names = (left: inputs[0].name, right: inputs[1].name)
      let condition = try JoinCondition(
        parsing: on.text, left: sides[0].schema, right: sides[1].schema, leftName: names.left,
        rightName: names.right)
      var plan = try StreamJoinPlan(
        type, on: condition, left: sides[0], right: sides[1], prefix: prefix)
      plan.stateByteLimit = byteLimit
      let shape = StreamJoinShape(plan, inputs.map { $0.header.shape }, names: names)
      try shape.refuseEndless(isBounded: header.shape.isBounded)
      if !header.shape.isBounded, let (problem, hint) = shape.endlessState {
        log.warning("\(problem): the state grows for ever", hint: hint)
      }
      return StagePlan(
        StreamJoin(plan), shape: shape.behind(header.shape), options: streamOptions(type, path),
        guards: streamGuards(type, plan, policy))
    }
  }

  private func streamOptions(_ type: JoinType, _ path: String) -> JSON {
    PlanOptions().adding("stream", path).adding("on", on.text).adding("type", type.rawValue)
      .adding("prefix-right", prefix)
      .adding("watermark-policy", stream.watermarkPolicy?.text)
      .adding("state-memory", stream.stateMemory?.text).json
  }

  /// What the waiting rows are made of, and who waits.
  private func streamGuards(
    _ type: JoinType, _ plan: StreamJoinPlan, _ policy: WatermarkPolicy
  ) -> PlanGuards {
    PlanGuards().adding("--on", on.text).adding("--type", type.rawValue)
      .adding("--watermark-policy", policy.rawValue)
      .adding(typesOf: plan.columns.left.fields).adding(typesOf: plan.columns.right.fields)
  }
}

/// What the rows of two streams mean when they are joined, and whether they ever go.
struct StreamJoinShape {
  private let plan: StreamJoinPlan
  private let shapes: [Shape]
  private let names: (left: String, right: String)

  init(_ plan: StreamJoinPlan, _ shapes: [Shape], names: (left: String, right: String)) {
    (self.plan, self.shapes, self.names) = (plan, shapes, names)
  }

  /// Which waiting rows never go, and what would help; nil when all do.
  var endlessState: (problem: String, hint: String?)? {
    let sides = JoinedSide.allCases.filter { plan.times.hold($0) == nil }
    guard !sides.isEmpty else { return nil }
    let owners = sides.map { name($0) }.joined(separator: " and ")
    return ("nothing says when rows of \(owners) can have no match any more", advice(sides))
  }

  /// A row without a match would never come out.
  func refuseEndless(isBounded: Bool) throws {
    guard !isBounded,
      let side = JoinedSide.allCases.first(where: {
        plan.sendsUnmatched($0) && plan.times.hold($0) == nil
      })
    else { return }
    throw StreamError(
      .usage,
      "a join of type \(plan.type.rawValue) sends rows of \(name(side)) without a match, but "
        + "nothing says when it is certain that none will come",
      hint: advice([side]))
  }

  private func name(_ side: JoinedSide) -> String { side == .left ? names.left : names.right }

  private func advice(_ sides: [JoinedSide]) -> String {
    let lacking = zip(JoinedSide.allCases, shapes).filter { $0.1.watermark == nil }.map { $0.0 }
    if !lacking.isEmpty {
      let owners = lacking.map { name($0) }.joined(separator: " and ")
      return "give \(owners) a watermark: stream-window --time … --watermark 1m; or, where the "
        + "input ends: stream-source --final"
    }
    let (left, right) = (shapes[0].eventTime ?? "ts", shapes[1].eventTime ?? "ts")
    let bound =
      switch (sides.contains(.left), sides.contains(.right)) {
      case (true, false): "r.\(right) <= l.\(left) + INTERVAL 1 HOUR"
      case (false, true): "r.\(right) >= l.\(left)"
      default: "r.\(right) BETWEEN l.\(left) AND l.\(left) + INTERVAL 1 HOUR"
      }
    return "say in --on how far apart the times may be: … AND \(bound)"
  }

  /// - Parameter header: of both inputs together.
  func behind(_ merged: Shape) -> Shape {
    var shape = Shape(isBounded: merged.isBounded)
    shape.late = shapes[0].late ?? shapes[1].late
    shape.mode = shapes[0].mode ?? shapes[1].mode
    // Rows that may come at any time have no event time that a later stage could go by.
    guard JoinedSide.allCases.allSatisfy({ plan.times.hold($0) != nil }) else { return shape }
    shape.watermark = shapes.compactMap(\.watermark).max()
    // An unmatched row of the right side has no time of the left side.
    let owner = plan.type == .right ? 1 : 0
    shape.window = shapes[owner].window
    shape.eventTime = shapes[owner].eventTime.flatMap { name in
      owner == 0 ? name : plan.columns.outputName(ofRight: name)
    }
    return shape
  }
}
