import Columnar
import Expressions
import Operators

/// One table for all epochs.
final class FixedTable: TableSupply {
  private let table: JoinTable
  private(set) var closed: [Int64] = []

  init(_ table: JoinTable) { self.table = table }

  /// - Parameter size: rows at which the table is cut when it is read.
  convenience init(
    _ rows: Batch, _ plan: TableJoinPlan, size: Int = .max, byteCountMax: Int = Int(Int32.max)
  ) throws {
    var builder = JoinTableBuilder(plan, name: "table", byteCountMax: byteCountMax)
    let size = min(size, rows.rowCount + 1)
    for start in stride(from: 0, to: rows.rowCount, by: size) {
      try builder.append(rows[start..<min(start + size, rows.rowCount)])
    }
    self.init(try builder.finish())
  }

  func table(for epoch: Epoch) -> JoinTable { table }

  func close(_ epoch: Epoch) { closed.append(epoch.number) }
}

extension TableJoinPlan {
  init(
    _ type: JoinType, _ on: String, _ left: Schema, _ right: Schema, prefix: String? = nil
  ) throws {
    try self.init(
      type, on: JoinCondition(parsing: on, left: left, right: right, rightName: "the table"),
      left: left, right: right, prefix: prefix)
  }

  func makeOperator(_ supply: any TableSupply, pairsMax: Int = 65_536) -> any Operator {
    type.keepsUnmatchedRight
      ? OuterTableJoin(self, supply, pairsMax: pairsMax)
      : TableJoin(self, supply, pairsMax: pairsMax)
  }
}
