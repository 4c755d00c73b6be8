package import Diagnostics
package import JSONText
package import Operators

/// How many rows had no effect, and how late they were.
package struct RejectTally: Sendable, Equatable {
  package private(set) var lateCount: Int64 = 0
  package private(set) var unusableCount: Int64 = 0
  /// How far behind the watermark the latest of them was, in µs.
  package private(set) var lateMost: Int64 = 0
  /// How many were late by less than each of ``limits``, and than the one before it; then the rest.
  package private(set) var histogram = [Int64](repeating: 0, count: RejectTally.limits.count + 1)

  /// 1 s, 10 s, 1 min, 10 min, 1 h, 1 d: in µs.
  package static let limits: [Int64] = [1, 10, 60, 600, 3_600, 86_400].map { $0 * 1_000_000 }

  package init() {}

  package mutating func add(_ rejected: RejectedRows) {
    lateCount &+= Int64(rejected.late.count)
    unusableCount &+= Int64(rejected.unusable.count)
    for (_, microseconds) in rejected.late {
      lateMost = max(lateMost, microseconds)
      let bucket = RejectTally.limits.firstIndex { microseconds < $0 }
      histogram[bucket ?? RejectTally.limits.count] &+= 1
    }
  }

  // MARK: - As a stage's memo keeps it

  /// Adds the counts to what the stage remembers besides; nothing when there are none.
  package func memo(adding memo: JSON?) -> JSON? {
    guard lateCount > 0 || unusableCount > 0 else { return memo }
    var memo = memo ?? .object([])
    if lateCount > 0 {
      memo["late"] = [
        "rows": .integer(lateCount), "max": .integer(lateMost),
        "by": .array(histogram.map { .integer($0) }),
      ]
    }
    if unusableCount > 0 { memo["unusable"] = .integer(unusableCount) }
    return memo
  }

  /// - Throws: an I/O error when the counts are none.
  package init(memo: JSON) throws(StreamError) {
    if let late = memo["late"] {
      let buckets = (late["by"]?.array ?? []).compactMap(\.int64)
      guard let count = late["rows"]?.int64, let most = late["max"]?.int64,
        buckets.count == RejectTally.limits.count + 1,
        ([count, most] + buckets).allSatisfy({ $0 >= 0 })
      else { throw RejectTally.damage(memo) }
      (lateCount, lateMost, histogram) = (count, most, buckets)
    }
    if let unusable = memo["unusable"] {
      guard let count = unusable.int64, count >= 0 else { throw RejectTally.damage(memo) }
      unusableCount = count
    }
  }

  private static func damage(_ memo: JSON) -> StreamError {
    StreamError.damagedCheckpoint("this is no count of late rows: \(memo.text)")
  }
}
