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

  /// nil when there was none.
  package var json: JSON? {
    guard lateCount > 0 || unusableCount > 0 else { return nil }
    return [
      "late": .integer(lateCount), "most": .integer(lateMost),
      "histogram": .array(histogram.map { .integer($0) }), "unusable": .integer(unusableCount),
    ]
  }

  /// - Throws: an I/O error when it is none.
  package init(_ json: JSON) throws(StreamError) {
    let buckets = (json["histogram"]?.array ?? []).compactMap(\.int64)
    guard let late = json["late"]?.int64, let most = json["most"]?.int64,
      let unusable = json["unusable"]?.int64, buckets.count == RejectTally.limits.count + 1,
      ([late, most, unusable] + buckets).allSatisfy({ $0 >= 0 })
    else {
      throw StreamError(
        .io, "the checkpoint is damaged: this is no count of late rows: \(json.text)")
    }
    (lateCount, lateMost, unusableCount, histogram) = (late, most, unusable, buckets)
  }
}
