package import Columnar
import Diagnostics
import Expressions

/// `GROUP BY` over aligned windows in append mode: each window comes out once, when the watermark
/// has passed its end.
///
/// A row is added to one pane, however many windows it is in; a window is merged from its panes when
/// it closes. Panes that no open window needs are dropped whole.
package final class PaneAggregate: StatefulOperator, RejectingOperator {
  private let plan: AggregatePlan
  private let windows: AlignedWindows
  private let time: RowTime

  /// By time.
  private var panes: [Range<Int64>] = []
  private var tree: PaneTree
  private var groupCount = 0
  private var byteCount = 0
  private var numbers = RowNumbers()
  private var rejected = RejectedRows()

  private var areChangesKept = false
  /// Panes that had rows since the checkpoint was told, in the order of the first one.
  private var changed: [Range<Int64>] = []
  /// Panes that were dropped, and that the checkpoint still has.
  private var dropped: [(pane: Range<Int64>, groups: PaneGroups)] = []

  /// - Parameter plan: in append mode, grouped by windows.
  package init(_ plan: AggregatePlan) {
    guard case .windows(let windows, let time) = plan.grouping, plan.mode == .append
    else { preconditionFailure("panes are for windows in append mode") }
    self.plan = plan
    self.windows = windows
    self.time = time
    output = plan.output
    tree = PaneTree(plan)
    let start = windows.areTumbling ? Field.windowStart : Field("pane_start", .timestamp)
    let keys = [start] + plan.aggregation.keys.map(\.field)
    form = StateForm(
      schema: CallStates(plan, areGivenOut: true).stateSchema(keys), keyCount: keys.count,
      byteCountMax: plan.stateColumnBytes)
  }

  package let output: Schema

  private let form: StateForm

  package var columnsUsed: Set<Int>? { plan.columnsUsed }

  package func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    guard change == .insert else {
      throw StreamError.rowsAreTakenBack("an aggregation can only add rows")
    }
    let split = PaneSplit(time.times(batch, in: epoch), windows)
    rejected.unusable = split.unusable
    do {
      for part in split.parts { try add(part, of: batch, in: epoch) }
    } catch let failure as RowError {
      throw failure.error
    }
    numbers.advance(batch.rowCount)
    try plan.checkMemory(byteCount, groupCount: groupCount)
  }

  private func add(_ part: PaneSplit.Part, of batch: Batch, in epoch: Epoch) throws {
    let end = windows.lastEnd(of: part.pane)
    if let watermark = epoch.watermark, end <= watermark {
      let by = RejectedRows.lateness(of: end, at: watermark)
      let rows = part.rows.span
      for slot in rows.indices { rejected.late.append((row: rows[slot], by: by)) }
      return
    }
    let groups = groups(of: part.pane)
    let (groupsBefore, bytesBefore) = (groups.groupCount, groups.byteCount)
    let rows = part.rows.count == batch.rowCount ? nil : part.rows
    let input = rows.map { rows in
      part.isRun
        ? batch[Int(rows[0])..<Int(rows[0]) + rows.count]
        : batch.gathering(rows, columns: plan.columnsUsed)
    }
    if areChangesKept, !groups.hasChanges { changed.append(part.pane) }
    try groups.add(
      input ?? batch, numbers.of(rows), EvaluationContext(now: epoch.time),
      marksChanges: areChangesKept)
    tree.forgetNodes(above: windows.paneNumber(at: part.pane.lowerBound))
    groupCount += groups.groupCount - groupsBefore
    byteCount += groups.byteCount - bytesBefore
  }

  private func groups(of pane: Range<Int64>) -> PaneGroups {
    let number = windows.paneNumber(at: pane.lowerBound)
    if let groups = tree[number] { return groups }
    let groups = PaneGroups(plan, isMerged: !windows.areTumbling)
    if areChangesKept { groups.keepChanges() }
    tree.insert(groups, at: number)
    panes.insert(pane, at: place(of: pane))
    groupCount += groups.groupCount
    byteCount += groups.byteCount
    return groups
  }

  /// Where a pane is, or would be.
  private func place(of pane: Range<Int64>) -> Int {
    var (low, high) = (0, panes.count)
    while low < high {
      let middle = (low + high) / 2
      if panes[middle].lowerBound < pane.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low
  }

  package func takeRejected() -> RejectedRows { rejected.take() }
}

// MARK: - Results

extension PaneAggregate {
  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    if let closing = end.closingTime, closing > end.epoch.watermark ?? .min {
      try close(behind: end.epoch.watermark ?? .min, upTo: closing, end) { try emit($0, .insert) }
    }
    var outcome = EpochOutcome()
    outcome.stateRows = groupCount
    outcome.stateBytes = byteCount + tree.nodeByteCount
    outcome.openWindows = windows.windowCount(of: panes, endingBehind: end.closingTime ?? .min)
    outcome.nextClose = panes.first.flatMap {
      windows.firstEnd(of: $0, behind: end.closingTime ?? .min)
    }
    return outcome
  }

  private func close(
    behind open: Int64, upTo closing: Int64, _ end: EpochEnd, emit: (Batch) throws -> Void
  ) throws {
    var results = ResultRows(plan, EvaluationContext(now: end.epoch.time))
    for window in windowsToClose(behind: open, upTo: closing) {
      let numbers =
        windows.paneNumber(at: window.lowerBound)..<windows.paneNumber(at: window.upperBound)
      guard let groups = try tree.merged(numbers) else { continue }
      let names = TimedGroups(groups: groups, times: [window.lowerBound, window.upperBound])
      try groups.states.forEachResult(of: groups.sortedGroups(), names) {
        try results.add($0, emit)
      }
    }
    try results.finish(emit)
    dropPanes(upTo: closing)
  }

  /// In order; each is part of a pane that has rows.
  private func windowsToClose(behind open: Int64, upTo closing: Int64) -> [Range<Int64>] {
    var closed: [Range<Int64>] = []
    for pane in panes {
      if pane.upperBound > closing { break }
      for window in windows.windows(of: pane, endingBehind: open, upTo: closing)
      where closed.last.map({ $0.isBefore(window) }) ?? true { closed.append(window) }
    }
    return closed
  }

  private func dropPanes(upTo closing: Int64) {
    let count = panes.prefix { windows.lastEnd(of: $0) <= closing }.count
    for pane in panes[..<count] { drop(pane) }
    panes.removeFirst(count)
  }

  private func drop(_ pane: Range<Int64>) {
    let number = windows.paneNumber(at: pane.lowerBound)
    guard let groups = tree[number] else { return }
    groupCount -= groups.groupCount
    byteCount -= groups.byteCount
    tree.remove(number)
    if groups.savedCount > 0 { dropped.append((pane, groups)) }
  }
}

extension Range<Int64> {
  /// In the order of windows: by start and end.
  fileprivate func isBefore(_ other: Range<Int64>) -> Bool {
    (lowerBound, upperBound) < (other.lowerBound, other.upperBound)
  }
}

// MARK: - State

extension PaneAggregate {
  package var stateSchema: Schema { form.schema }

  package var stateKeyCount: Int { form.keyCount }

  package var stateAppends: Set<Int> {
    CallStates(plan, areGivenOut: true).stateAppends(keyCount: form.keyCount)
  }

  package var stateByteCount: Int { byteCount }

  package func keepChanges() { areChangesKept = true }

  package func takeChanges(_ body: (Batch, Change) throws -> Void) throws {
    let (panes, gone) = (changed, dropped)
    (changed, dropped) = ([], [])
    for pane in panes {
      guard let groups = tree[windows.paneNumber(at: pane.lowerBound)] else { continue }
      let rows = groups.takeChanged()
      defer { groups.states.forgetChanges(of: rows) }
      let names = TimedGroups(groups: groups, times: [pane.lowerBound])
      try groups.states.forEachState(of: rows, names, form, isChange: true) {
        try body($0, .insert)
      }
    }
    for (pane, groups) in gone {
      let names = TimedGroups(groups: groups, times: [pane.lowerBound])
      try names.forEachKey(of: groups.savedGroups, form) { try body($0, .delete) }
    }
  }

  package func snapshot(_ body: (Batch) throws -> Void) throws {
    precondition(areChangesKept, "only who keeps changes knows the whole state")
    for pane in panes {
      guard let groups = tree[windows.paneNumber(at: pane.lowerBound)] else { continue }
      let names = TimedGroups(groups: groups, times: [pane.lowerBound])
      try groups.states.forEachState(of: groups.allGroups, names, form, isChange: false, body)
    }
  }

  package func restore(_ rows: Batch, _ change: Change) throws {
    let isWhole = change == .insert
    let keys = Schema(Array(rows.schema.fields.prefix(form.keyCount)))
    try StreamError.refuseState(
      isWhole ? rows.schema : keys,
      unlike: isWhole ? form.schema : form.keySchema)
    let split = PaneSplit(rows.columns[0], windows)
    guard split.unusable.isEmpty else { throw StreamError.stateDamage("a pane has no time") }
    for part in split.parts {
      guard part.startsPane(of: rows.columns[0]) else {
        throw StreamError.stateDamage("a pane begins where none does")
      }
      if isWhole {
        try restore(rows.gathering(part.rows), to: part.pane)
      } else if tree[windows.paneNumber(at: part.pane.lowerBound)] != nil {
        // Groups are dropped with their pane, all of them.
        drop(part.pane)
        panes.remove(at: place(of: part.pane))
      }
    }
    dropped = []
  }

  private func restore(_ rows: Batch, to pane: Range<Int64>) throws {
    let groups = groups(of: pane)
    let (groupsBefore, bytesBefore) = (groups.groupCount, groups.byteCount)
    try groups.restore(
      Batch(
        schema: Schema(Array(rows.schema.fields.dropFirst())),
        columns: Array(rows.columns.dropFirst()), rowCount: rows.rowCount))
    groupCount += groups.groupCount - groupsBefore
    byteCount += groups.byteCount - bytesBefore
  }
}

extension PaneSplit.Part {
  /// Whether the times of its rows are the start of the pane.
  fileprivate func startsPane(of times: Column) -> Bool {
    let words = times.words()
    return (0..<rows.count).allSatisfy { words[Int(rows[$0])] == pane.lowerBound }
  }
}
