package import Columnar
import Diagnostics
import Expressions

/// A table whose rows are found by their keys.
package final class JoinTable {
  package let rows: TableRows
  let chains: RowChains
  /// A row with a null that equals nothing has a key, but is in no chain.
  private var keys: JoinKeys

  fileprivate init(_ rows: TableRows, keys: consuming JoinKeys, _ chains: RowChains) {
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
  init(_ keys: Buffer<Int32>, keyCount: Int) {
    let keys = keys.span
    if keyCount == keys.count, RowChains.areAscending(keys) {
      self = .single
      return
    }
    var counts = MutableBuffer<Int32>()
    counts.append(repeating: 0, count: keyCount + 1)
    for row in keys.indices where keys[row] >= 0 { counts[Int(keys[row]) + 1] += 1 }
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

  private static func areAscending(_ keys: borrowing Span<Int32>) -> Bool {
    for row in keys.indices where Int(keys[row]) != row { return false }
    return true
  }
}

/// Makes a table of batches.
package struct JoinTableBuilder: ~Copyable {
  private let plan: TableJoinPlan
  private let name: String
  private var keys: JoinKeysBuilder
  /// 0 for each row with a null that equals nothing.
  private var matching = ValidityBuilder()
  private var rows: TableRowsBuilder
  private var numbers = RowNumbers()

  /// - Parameters:
  ///   - name: of the table, for errors.
  ///   - keepsAll: all columns that are needed to make the table again are kept, and not only those
  ///     that come out.
  ///   - byteCountMax: no column of rows that come out together has more; for tests.
  package init(
    _ plan: TableJoinPlan, name: String, keepsAll: Bool = false, byteCountMax: Int = Int(Int32.max)
  ) {
    self.plan = plan
    self.name = name
    keys = JoinKeysBuilder(plan.condition.equalities.map(\.right.type))
    rows = TableRowsBuilder(
      plan.right, shown: plan.rightColumnsLookedUp, kept: keepsAll ? plan.rightColumnsUsed : [],
      byteCountMax: byteCountMax)
  }

  /// - Parameter batch: of the plan's right schema; columns that it does not need may be left out.
  /// - Throws: `StreamError` of kind data when there are too many rows, or an expression fails.
  package mutating func append(_ batch: Batch) throws {
    guard matching.count + batch.rowCount < Int32.max else {
      throw StreamError(
        .data, "the table has more than \(Int32.max) rows", location: name)
    }
    let columns = try evaluated(over: batch)
    numbers.advance(batch.rowCount)
    try keys.append(columns, rowCount: batch.rowCount)
    note(plan.condition.completeKeys(columns), batch.rowCount)
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

  private mutating func note(_ bits: Bitmap?, _ rowCount: Int) {
    guard let bits else { return matching.appendValid(count: rowCount) }
    for row in 0..<rowCount { matching.append(bits[row]) }
  }

  /// - Throws: `StreamError` of kind data when there are too many keys.
  package consuming func finish() throws -> JoinTable {
    var keyOfRow = Buffer<Int32>()
    let keys = try keys.finish(&keyOfRow)
    if let matching = matching.take() { keyOfRow = keyOfRow.replacing(unless: matching) }
    let chains = RowChains(keyOfRow, keyCount: keys.count)
    return JoinTable(rows.finish(), keys: keys, chains)
  }
}

extension Buffer<Int32> {
  /// With -1 where a bit is 0.
  fileprivate func replacing(unless bits: Bitmap) -> Buffer<Int32> {
    let source = span
    return Buffer(count: count) { output in
      for slot in source.indices { output.append(bits[slot] ? source[slot] : -1) }
    }
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
