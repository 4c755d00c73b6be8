package import Columnar
import Expressions

/// What ties groups to time.
package enum AggregateGrouping: Sendable {
  /// Nothing: a group stays for ever.
  case keys
  /// Its keys begin with the start and the end of a window that the time of the row is in.
  case windows(AlignedWindows, RowTime)
  /// Its keys begin with the start and the end of the session that the row is part of. This is for
  /// ``SessionAggregate``.
  case sessions(SessionGapPlan, RowTime)
  /// One of the keys, counted from 0, is the event time.
  case timeKey(Int)
}

/// Where the time of a row stands.
package enum RowTime: Sendable, Equatable {
  case column(Int)
  /// It is that of the epoch.
  case epoch

  var columnsUsed: Set<Int> {
    if case .column(let index) = self { [index] } else { [] }
  }

  func times(_ batch: Batch, in epoch: Epoch) -> Column {
    switch self {
    case .column(let index): batch.columns[index]
    case .epoch:
      Column(
        .timestamp, words: Buffer(repeating: epoch.time, count: batch.rowCount), validity: nil)
    }
  }
}

extension Field {
  package static let windowStart = Field("window_start", .timestamp)
  package static let windowEnd = Field("window_end", .timestamp)
}

/// Rows as they are grouped.
struct GroupedInput {
  var batch: Batch
  var keys: [Column]
  /// The rows of the batch that came in of which these are made; nil: all of them.
  var origins: Buffer<Int32>?
  var rejected = RejectedRows()
}

extension GroupedInput {
  /// Leaves out what is behind the watermark, or has a time that is out of reach.
  ///
  /// - Parameter timeKey: which of the keys is the time.
  mutating func dropLate(_ timeKey: Int, _ watermark: Int64?) {
    let judge = EventTimes(watermark: watermark, refusesNull: false)
    guard let rows = judge.usable(keys[timeKey], rejected: &rejected) else { return }
    batch = batch.gathering(rows)
    keys = keys.map { $0.gathering(rows) }
    origins = rows
  }
}
