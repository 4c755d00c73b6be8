package import Columnar
import Diagnostics
import Expressions

/// A table whose rows are found by their keys.
package final class JoinTable {
  package let rows: TableRows
  let chains: RowChains
  /// Each row's key is a group; a row with a null that equals nothing is in no chain.
  private var keys: GroupTable

  fileprivate init(_ rows: TableRows, keys: consuming GroupTable, _ chains: RowChains) {
    self.rows = rows
    self.keys = keys
    self.chains = chains
  }

  /// The key of each row of a stream, as ``RowChains`` numbers them; -1 for one that the table has
  /// not.
  func find(_ columns: [Column], rowCount: Int) throws -> Buffer<Int32> {
    try keys.find(columns, rowCount: rowCount)
  }
}

/// The rows of each key, in the order of the table.
enum RowChains {
  /// Row `n` is the only one of key `n`.
  case single
  /// Those of key `n` are `rows[starts[n]..<starts[n + 1]]`.
  case lists(starts: Buffer<Int32>, rows: Buffer<Int32>)

  /// - Parameters:
  ///   - keys: of each row; -1 for a row that matches nothing.
  ///   - keyCount: above each of them.
  init(_ keys: borrowing Span<Int32>, keyCount: Int) {
    var counts = MutableBuffer<Int32>()
    counts.append(repeating: 0, count: keyCount + 1)
    var isSingle = keyCount == keys.count
    for row in keys.indices {
      let key = Int(keys[row])
      isSingle = isSingle && key == row
      if key >= 0 { counts[key + 1] += 1 }
    }
    if isSingle {
      self = .single
      return
    }
    for key in 0..<keyCount { counts[key + 1] += counts[key] }
    let total = Int(counts[keyCount])
    var next = MutableBuffer<Int32>(capacity: keyCount + 1)
    next.append(contentsOf: counts.span)
    var rows = MutableBuffer<Int32>()
    rows.append(repeating: 0, count: total)
    for row in keys.indices where keys[row] >= 0 {
      let key = Int(keys[row])
      rows[Int(next[key])] = Int32(truncatingIfNeeded: row)
      next[key] += 1
    }
    self = .lists(starts: counts.take(), rows: rows.take())
  }
}

/// Makes a table of batches.
package struct JoinTableBuilder: ~Copyable {
  private let plan: TableJoinPlan
  private let name: String
  private var keys: GroupTable
  private var keyOfRow = MutableBuffer<Int32>()
  private var rows: TableRowsBuilder
  private var numbers = RowNumbers()

  /// - Parameters:
  ///   - name: of the table, for errors.
  ///   - columnByteCountMax: for tests.
  package init(_ plan: TableJoinPlan, name: String, columnByteCountMax: Int = 1 << 30) {
    self.plan = plan
    self.name = name
    keys = GroupTable(keyTypes: plan.condition.equalities.map(\.right.type))
    rows = TableRowsBuilder(
      plan.right, used: plan.rightColumnsUsed, columnByteCountMax: columnByteCountMax)
  }

  /// - Parameter batch: of the plan's right schema; columns that it does not need may be left out.
  /// - Throws: `StreamError` of kind data when there are too many rows, or an expression fails.
  package mutating func append(_ batch: Batch) throws {
    guard keyOfRow.count + batch.rowCount < Int32.max else {
      throw StreamError(
        .data, "the table has more than \(Int32.max) rows", location: name)
    }
    let columns = try evaluated(over: batch)
    numbers.advance(batch.rowCount)
    let groups = try keys.groups(of: columns, rowCount: batch.rowCount)
    note(groups, plan.condition.completeKeys(columns))
    rows.append(batch)
  }

  private func evaluated(over batch: Batch) throws -> [Column] {
    let context = EvaluationContext(now: 0)
    do {
      return try numbers.attempt {
        try plan.condition.equalities.map { try $0.right.evaluate(over: batch, context: context) }
      }
    } catch let failure as RowError {
      var error = failure.error
      error.location = name
      throw error
    }
  }

  private mutating func note(_ groups: Buffer<Int32>, _ matching: Bitmap?) {
    guard let matching else { return keyOfRow.append(contentsOf: groups.span) }
    for row in 0..<groups.count { keyOfRow.append(matching[row] ? groups[row] : -1) }
  }

  package consuming func finish() -> JoinTable {
    JoinTable(rows.take(), keys: keys, RowChains(keyOfRow.span, keyCount: keys.count))
  }
}

extension JoinCondition {
  /// 0 for each row with a null in its key that equals nothing; nil where there is none.
  ///
  /// - Parameter keys: a side of each equality.
  func completeKeys(_ keys: [Column]) -> Bitmap? {
    var complete: Bitmap?
    for (column, equality) in zip(keys, equalities) where !equality.matchesNulls {
      let validity =
        column.type == .void ? Bitmap(repeating: false, count: column.count) : column.validity
      guard let validity else { continue }
      complete = complete.map { $0 & validity } ?? validity
    }
    return complete
  }
}
