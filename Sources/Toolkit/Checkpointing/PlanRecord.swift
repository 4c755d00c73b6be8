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
  let schema: Schema?
  /// A source's: what a record of its input holds, before columns are chosen.
  var records: Schema?

  var json: JSON {
    let members = guards.values.map { JSON.Member($0.name, $0.text.map { .string($0) } ?? .null) }
    var json: JSON = [
      "stage": .string(stage.stage), "tool": .string(stage.tool),
      "command": .string(stage.commandLine), "options": stage.options,
      "guards": .object(members), "plan": .array(lineage.map(\.json)),
    ]
    if let schema { json["schema"] = schema.json }
    if let records { json["records"] = records.json }
    return json
  }

  /// Refuses what would corrupt the files.
  ///
  /// - Parameter former: of the run that made them.
  /// - Throws: an I/O error that names each difference.
  func check(against former: JSON) throws(StreamError) {
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
