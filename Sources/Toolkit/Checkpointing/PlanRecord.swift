package import Columnar
internal import Checkpoint
internal import Diagnostics
internal import JSONText
internal import Wire

/// What a stage's files depend on: a command line that changes one of these values would make them
/// mean something else.
///
/// All else (a filter before the stage, an option that changes no file) may change between two runs.
package struct PlanGuards: Sendable {
  package struct Value: Sendable, Equatable {
    /// As people know it: `--by`, `the type of 'price'`.
    let name: String
    /// nil: not given.
    let text: String?
  }

  package private(set) var values: [Value] = []

  package init() {}

  /// - Parameter text: nil for an option that was not given.
  package func adding(_ name: String, _ text: String?) -> PlanGuards {
    var guards = self
    guards.values.append(Value(name: name, text: text))
    return guards
  }

  /// The types of the columns that the stage's files are made of.
  package func adding(typesOf fields: some Sequence<Field>) -> PlanGuards {
    fields.reduce(self) { $0.adding("the type of '\($1.name)'", "\($1.type)") }
  }
}

/// `plan.json`: how a stage was run when it made its files.
struct PlanRecord {
  let stage: PlanStage
  /// All stages up to this one.
  let lineage: [PlanStage]
  let guards: PlanGuards
  /// A source's: what it reads.
  var schema: Schema?
  /// A source's: what a record of its input holds, before columns are chosen.
  var records: Schema?

  var json: JSON {
    let members = guards.values.map { JSON.Member($0.name, $0.text.map { .string($0) } ?? .null) }
    var json: JSON = [
      "stage": .string(stage.stage), "tool": .string(stage.tool),
      "command": .string(stage.commandLine), "options": stage.options,
      "lineage": .array(lineage.allStages.map { .string($0.stage) }),
      "guards": .object(members), "plan": .array(lineage.map(\.json)),
    ]
    if !inputs.isEmpty { json["inputs"] = .array(inputs.map { .string($0) }) }
    if let schema { json["schema"] = schema.json }
    if let records { json["records"] = records.json }
    return json
  }

  /// The stages that number the epochs of each input; empty for a stage with one.
  private var inputs: [String] { lineage.inputsOfLast.compactMap(\.numberingStage) }

  /// Refuses what would corrupt the files.
  ///
  /// - Parameter former: of the run that made them.
  /// - Throws: a usage error when other inputs are read, an I/O error that names each difference
  ///   otherwise.
  func check(against former: JSON) throws(StreamError) {
    try checkInputs(former)
    var differences = lineageDifferences(former)
    let members = former["guards"]?.members ?? []
    for value in guards.values {
      guard let before = members.first(where: { $0.key == value.name }) else { continue }
      guard before.value.string != value.text else { continue }
      differences.append(
        "\(value.name) was \(quoted(before.value.string)), now it is \(quoted(value.text))")
    }
    guard let first = differences.first else { return }
    let others = differences.dropFirst().map { "; \($0)" }.joined()
    throw StreamError(
      .io, "\(stage.stage): its files were made by another command: \(first)\(others)",
      hint: "go on with the former command (\(former["command"]?.string ?? "")), or begin anew "
        + "with another --checkpoint directory")
  }

  /// The epochs of each input are numbered and acknowledged: one that is left out for a while would
  /// come twice, or with a gap.
  private func checkInputs(_ former: JSON) throws(StreamError) {
    func sources(_ ids: [String]) -> [String] { ids.filter { $0.isID(of: "source") } }
    let before = sources((former["lineage"]?.array ?? []).compactMap(\.string))
    let now = sources(lineage.allStages.map(\.stage))
    let gone = before.filter { !now.contains($0) }
    let new = now.filter { !before.contains($0) }
    if !gone.isEmpty || !new.isEmpty {
      let changes = [(gone, "gone"), (new, "new")].filter { !$0.0.isEmpty }
        .map { "\(listed($0.0)) \($0.0.count == 1 ? "is" : "are") \($0.1)" }
      throw StreamError(
        .usage,
        "\(stage.stage): its files were made of the rows of \(listed(before)), but now "
          + changes.joined(separator: " and "),
        hint: gone.count == new.count
          ? "if only the name is another one, give the former one (--name); else use another "
            + "--checkpoint directory"
          : "go on with the former inputs, or use another --checkpoint directory")
    }
    let order = (former["inputs"]?.array ?? []).compactMap(\.string)
    guard order != inputs, !order.isEmpty else { return }
    // Of the further ones of a union each is as good as the other.
    if order.first == inputs.first, Set(order) == Set(inputs) { return }
    throw PlanRecord.inputsDiffer(stage.stage, before: order, now: inputs)
  }

  static func inputsDiffer(_ stage: String, before: [String], now: [String]) -> StreamError {
    StreamError(
      .usage, "\(stage): its inputs were \(listed(before)), now they are \(listed(now))",
      hint: "go on with the former inputs, in that order, or use another --checkpoint directory")
  }

  private func lineageDifferences(_ former: JSON) -> [String] {
    let stages = (former["plan"]?.array ?? []).compactMap { try? PlanStage($0) }
    let (before, now) = (stages.pinnedIDs, lineage.pinnedIDs)
    let (all, allBefore) = (lineage.allStages.map(\.stage), stages.allStages.map(\.stage))
    let removed = before.filter { !all.contains($0) }
    let added = now.filter { !allBefore.contains($0) }
    return removed.map { "stage \($0) is gone" } + added.map { "stage \($0) is new" }
  }

  private func quoted(_ text: String?) -> String { text.map { "'\($0)'" } ?? "not given" }
}

extension [PlanStage] {
  fileprivate var pinnedIDs: [String] { allStages.filter(\.isPinned).map(\.stage) }
}

extension String {
  /// Whether it is the id of a stage of a tool, such as `main.agg.2` for `agg`.
  fileprivate func isID(of tool: String) -> Bool {
    split(separator: ".").dropFirst().first.map { $0 == tool } ?? false
  }
}

/// `a`, `a and b`, `a, b and c`.
func listed(_ names: [String]) -> String {
  guard let last = names.last, names.count > 1 else { return names.first ?? "nothing" }
  return "\(names.dropLast().joined(separator: ", ")) and \(last)"
}
