import Columnar
import Diagnostics
import Expressions

/// The groups of an aggregation and the state of each call for them.
struct GroupedState: ~Copyable {
  private(set) var states: CallStates
  private(set) var table: GroupTable
  private var changes: GroupChanges
  let form: StateForm

  /// - Parameter sendsChanges: whether ``takeUnsent()`` will be asked.
  init(_ plan: AggregatePlan, sendsChanges: Bool) {
    let keys = Array(plan.aggregation.intermediate.fields[..<plan.aggregation.keyCount])
    // Groups that time closes are moved when the memory of others is given back.
    states = CallStates(plan, areGivenOut: plan.closesGroups)
    changes = GroupChanges(areSent: sendsChanges)
    table = GroupTable(keyTypes: keys.map(\.type))
    states.resize(to: table.count)
    form = StateForm(
      schema: states.stateSchema(keys), keyCount: keys.count, byteCountMax: plan.stateColumnBytes)
  }

  var groupCount: Int { table.count }

  var allGroups: Buffer<Int32> {
    .numbers(in: 0..<table.count)
  }

  /// The memory that was allocated for all of it.
  var byteCount: Int { states.byteCount + table.byteCount + changes.byteCount }

  /// - Parameters:
  ///   - keys: of the batch's rows.
  ///   - rows: for errors.
  /// - Throws: `RowError`, `StreamError`.
  mutating func add(
    _ batch: Batch, keys: [Column], _ rows: RowNumbers, _ context: EvaluationContext
  ) throws {
    let groups = try table.groups(of: keys, rowCount: batch.rowCount)
    if changes.areKept { table.markChanged(groups) }
    states.resize(to: table.count)
    try states.update(groups, batch, rows, context)
  }

  /// The groups that had rows since the last call, in the order of their first one.
  mutating func takeUnsent() -> Buffer<Int32> {
    changes.add(table.takeChanged(), groupCount: table.count)
    return changes.takeUnsent()
  }

  func forEachResult(of groups: Buffer<Int32>, _ body: (Batch) throws -> Void) throws {
    try states.forEachResult(of: groups, table, body)
  }
}

// MARK: - Saving

extension GroupedState {
  mutating func keepChanges() {
    changes.areSaved = true
    states.keepChanges()
    states.resize(to: table.count)
    // A group without a key is there before its first row.
    if table.count > 0 { table.markChanged(Buffer(repeating: 0, count: 1)) }
  }

  var areChangesKept: Bool { changes.areSaved }

  /// As ``takeUnsent()``, for the checkpoint: each is asked in its own time.
  mutating func takeUnsaved() -> Buffer<Int32> {
    changes.add(table.takeChanged(), groupCount: table.count)
    return changes.takeUnsaved()
  }

  /// The state of some groups, for a checkpoint or for another of the same making.
  func forEachState(
    of groups: Buffer<Int32>, isChange: Bool, _ body: (Batch) throws -> Void
  ) throws {
    try states.forEachState(of: groups, table, form, isChange: isChange, body)
  }

  /// The keys of some groups.
  func forEachKey(of groups: Buffer<Int32>, _ body: (Batch) throws -> Void) throws {
    try table.forEachKey(of: groups, form, body)
  }

  /// Takes rows that were given out; nothing counts as changed.
  ///
  /// - Returns: the group of each row.
  @discardableResult
  mutating func restore(_ rows: Batch) throws -> Buffer<Int32> {
    try StreamError.refuseState(rows.schema, unlike: form.schema)
    guard rows.rowCount > 0 else { return Buffer() }
    let groups = try restoredGroups(rows)
    _ = takeUnsaved()
    guard table.areDistinct(groups) else {
      throw StreamError.stateDamage("a key comes twice in one batch")
    }
    states.resize(to: table.count)
    try states.restore(rows, keyCount: form.keyCount, to: groups)
    return groups
  }

  /// The groups of rows of which only the keys count.
  mutating func restoredGroups(_ rows: Batch) throws -> Buffer<Int32> {
    let found = Schema(Array(rows.schema.fields.prefix(form.keyCount)))
    try StreamError.refuseState(found, unlike: form.keySchema)
    do {
      return try table.groups(of: Array(rows.columns[..<form.keyCount]), rowCount: rows.rowCount)
    } catch let error as StreamError {
      throw StreamError.stateDamage(error.message)
    }
  }
}
