import Diagnostics
import JSONText
import Operators
import Toolkit

/// An operator that lets so many rows out, counted over the whole query: the count travels in the
/// ledger.
protocol LimitedOperator: MemoOperator {
  /// Rows that may still come out; nil for any number.
  var remaining: Int? { get set }
}

extension LimitedOperator {
  var memo: JSON? { remaining.map { ["remaining": .integer(Int64($0))] } }

  mutating func restore(_ memo: JSON) throws {
    guard remaining != nil else { return }
    guard let left = memo["remaining"]?.int64, left >= 0 else {
      throw StreamError.damagedCheckpoint("this is no count of rows: \(memo.text)")
    }
    remaining = Int(left)
  }
}

extension MapStage: LimitedOperator {}
