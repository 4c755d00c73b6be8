package import JSONText
package import Wire

extension Header {
  /// Appends a stage to the plan.
  ///
  /// - Parameters:
  ///   - tool: the command, such as `stream-agg`.
  ///   - options: see ``PlanStage/commandLine``.
  ///   - branch: given when the stage starts a branch of its own.
  ///   - otherInput: the stages of the inputs besides the one that this header is of.
  ///   - isPinned: see ``PlanStage``.
  /// - Returns: the stage's id, such as `main.agg`, or `main.agg.2` for the second of its kind.
  package mutating func append(
    tool: String, options: JSON, branch: String? = nil, otherInput: [PlanStage] = [],
    isPinned: Bool = false
  ) -> String {
    let branch = branch ?? plan.last?.branch ?? "main"
    let short = tool.hasPrefix("stream-") ? String(tool.dropFirst("stream-".count)) : tool
    let stem = "\(branch).\(short)"
    let taken = Set((plan + otherInput).allStages.map(\.stage))
    var id = stem
    var number = 2
    while taken.contains(id) {
      id = "\(stem).\(number)"
      number += 1
    }
    plan.append(
      PlanStage(
        stage: id, tool: tool, options: options, otherInput: otherInput, isPinned: isPinned))
    return id
  }
}

extension PlanStage {
  /// `main` of `main.agg.2`.
  package var branch: String { String(stage.prefix { $0 != "." }) }

  /// The stages of each input besides the first, the source first.
  package var otherInputs: [[PlanStage]] {
    var inputs: [[PlanStage]] = []
    for stage in otherInput {
      if inputs.isEmpty || stage.tool.hasPrefix("stream-source") { inputs.append([]) }
      inputs[inputs.count - 1].append(stage)
    }
    return inputs
  }
}

extension [PlanStage] {
  /// The stage that numbers the epochs as they are at the end of this plan.
  var numberingStage: String? { last { !$0.otherInput.isEmpty }?.stage ?? first?.stage }

  /// The plans of the inputs of the last stage; empty when it has one.
  var inputsOfLast: [[PlanStage]] {
    guard let last, !last.otherInput.isEmpty else { return [] }
    return [Array(dropLast())] + last.otherInputs
  }

  /// With those of other inputs.
  var allStages: [PlanStage] { flatMap { [$0] + $0.otherInput.allStages } }
}
