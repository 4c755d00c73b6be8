import JSONText
import Operators
import Tables
import Toolkit

/// The table that a join is given for each epoch.
final class JoinedTable: TableSupply {
  private let table: LookUpTable
  let versions: TableVersions

  init(_ table: LookUpTable, _ versions: TableVersions) {
    self.table = table
    self.versions = versions
  }

  func table(for epoch: Epoch) throws -> JoinTable {
    try versions.prepare(epoch.number)
    return try table.inUse()
  }

  func close(_ epoch: Epoch) throws { try versions.close(epoch.number) }
}

extension TableJoin: MemoOperator {
  var memo: JSON? { (supply as? JoinedTable)?.versions.memo }

  mutating func restore(_ memo: JSON) {}
}

extension OuterTableJoin: MemoOperator {
  var memo: JSON? { (supply as? JoinedTable)?.versions.memo }

  func restore(_ memo: JSON) {}
}
