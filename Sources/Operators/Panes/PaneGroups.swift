import Columnar
import Diagnostics
import Expressions

/// The groups of one pane, or of several panes together.
final class PaneGroups {
  private let plan: AggregatePlan
  private(set) var table: GroupTable
  private(set) var states: CallStates
  /// The groups below this are in the checkpoint.
  private(set) var savedCount = 0
  /// Whether ``takeChanged()`` has something to give.
  private(set) var hasChanges = false

  /// - Parameter isMerged: with others, into others.
  init(_ plan: AggregatePlan, isMerged: Bool) {
    self.plan = plan
    table = GroupTable(keyTypes: plan.aggregation.keys.map(\.type))
    states = CallStates(plan, areGivenOut: isMerged)
    states.resize(to: table.count)
  }

  var groupCount: Int { table.count }

  var byteCount: Int { table.byteCount + states.byteCount }

  var allGroups: Buffer<Int32> {
    .numbers(in: 0..<table.count)
  }

  /// - Parameter marksChanges: whether ``takeChanged()`` will be asked.
  /// - Throws: `RowError`, `StreamError`.
  func add(
    _ batch: Batch, _ rows: RowNumbers, _ context: EvaluationContext, marksChanges: Bool
  ) throws {
    let keys = try rows.evaluate(plan.aggregation.keys, over: batch, context)
    let groups = try table.groups(of: keys, rowCount: batch.rowCount)
    if marksChanges {
      table.markChanged(groups)
      hasChanges = true
    }
    states.resize(to: table.count)
    try states.update(groups, batch, rows, context)
  }

  /// Adds what another one has behind what is here.
  func merge(_ other: PaneGroups) throws {
    let all = other.allGroups
    for start in stride(from: 0, to: all.count, by: 16_384) {
      let part = all[start..<min(start + 16_384, all.count)]
      let groups = try table.groups(of: other.table.keys(of: part), rowCount: part.count)
      states.resize(to: table.count)
      try states.merge(part, of: other.states, into: groups)
    }
  }

  /// The groups by their keys.
  func sortedGroups() -> Buffer<Int32> {
    let all = allGroups
    guard all.count > 1 else { return all }
    return sortedRows(by: table.keys(of: all).map { SortColumn($0) }, rowCount: all.count)
  }
}

// MARK: - Saving

extension PaneGroups {
  func keepChanges() {
    states.keepChanges()
    states.resize(to: table.count)
    // A group without a key is there before its first row.
    if table.count > 0 { table.markChanged(Buffer(repeating: 0, count: 1)) }
  }

  /// The groups that changed since the last call, in the order of their first row; they count as
  /// saved.
  func takeChanged() -> Buffer<Int32> {
    savedCount = table.count
    hasChanges = false
    return table.takeChanged()
  }

  var savedGroups: Buffer<Int32> { allGroups[0..<savedCount] }

  /// - Parameter rows: the keys, then the states.
  func restore(_ rows: Batch) throws {
    let keyCount = table.keyTypes.count
    do {
      let keys = Array(rows.columns[..<keyCount])
      let groups = try table.groups(of: keys, rowCount: rows.rowCount)
      _ = takeChanged()
      guard table.areDistinct(groups) else {
        throw StreamError.stateDamage("a key comes twice in one batch")
      }
      savedCount = table.count
      states.resize(to: table.count)
      try states.restore(rows, keyCount: keyCount, to: groups)
    } catch let error as StreamError where error.kind == .data {
      throw StreamError.stateDamage(error.message)
    }
  }
}

/// The groups of a pane under their time and their keys.
struct TimedGroups: GroupNames {
  let groups: PaneGroups
  /// The first columns: the start and the end of a window, or the start of a pane.
  let times: [Int64]

  func keys(of numbers: Buffer<Int32>) -> [Column] {
    times.map {
      Column(.timestamp, words: Buffer(repeating: $0, count: numbers.count), validity: nil)
    } + groups.table.keys(of: numbers)
  }

  func keyByteCount(of group: Int) -> Int {
    8 * times.count + groups.table.keyByteCount(of: group)
  }
}
