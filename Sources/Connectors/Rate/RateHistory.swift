package import Columnar
internal import Diagnostics
package import JSONText

/// How many rows of a rate an epoch has.
struct RateSpan: Sendable {
  /// When row 0 is due: µs, UTC.
  let start: Int64
  /// Row numbers.
  let rows: Range<Int64>

  init(start: Int64, rows: Range<Int64>) {
    self.start = start
    self.rows = rows
  }

  init(_ json: JSON) throws(StreamError) {
    guard let start = json["start"]?.int64, let from = json["from"]?.int64,
      let to = json["to"]?.int64, 0 <= from, from <= to
    else { throw StreamError.damagedCheckpoint("this is no span of rows") }
    self.init(start: start, rows: from..<to)
  }

  var json: JSON {
    [
      "start": .integer(start), "from": .integer(rows.lowerBound), "to": .integer(rows.upperBound),
    ]
  }
}

/// Counts the rows of each epoch.
package final class RateJournal: InputJournal {
  private var start: Int64?
  private var from: Int64
  private var to: Int64

  /// - Parameter history: where the counting goes on.
  package init(_ history: RateHistory) {
    start = history.span?.start
    from = history.span?.rows.upperBound ?? 0
    to = from
  }

  package func take(_ batch: Batch, in epoch: SourceEpoch) { to += Int64(batch.rowCount) }

  package func close(_ epoch: SourceEpoch) -> JSON {
    let start = start ?? epoch.time
    self.start = start
    defer { from = to }
    return RateSpan(start: start, rows: from..<to).json
  }
}

/// How many rows of a rate there have been.
package final class RateHistory: InputHistory {
  private(set) var span: RateSpan?

  /// - Parameter base: nil for none.
  package init(_ base: JSON?) throws { span = try base.map { try RateSpan($0) } }

  package func advance(past input: JSON) throws { span = try RateSpan(input) }

  package func makeBase() -> JSON { span?.json ?? .null }
}

/// The rows of an epoch once more.
package final class RateReplay: RowInput {
  package let schema = rateSchema
  package let isBounded = true
  private let schedule: RateSchedule
  private let start: Int64
  private var rows: Range<Int64>

  package init(_ schedule: RateSchedule, _ input: JSON) throws {
    self.schedule = schedule
    let span = try RateSpan(input)
    (start, rows) = (span.start, span.rows)
  }

  package func next(until deadline: Deadline) -> InputEvent {
    guard !rows.isEmpty else { return .end(isComplete: true) }
    let count = min(Int64(rows.count), RateSchedule.batchRowsMax)
    let taken = rows.lowerBound..<rows.lowerBound + count
    rows = taken.upperBound..<rows.upperBound
    return .rows(schedule.batch(of: taken, start: start), byteCount: 0)
  }
}

extension RateSchedule {
  static let batchRowsMax: Int64 = 16_384

  /// - Parameter start: when row 0 is due.
  func batch(of rows: Range<Int64>, start: Int64) -> Batch {
    let times = Buffer<Int64>(count: rows.count) { output in
      for row in rows { output.append(start + time(of: row)) }
    }
    let values = Buffer<Int64>(count: rows.count) { output in
      for row in rows { output.append(row) }
    }
    return Batch(
      schema: rateSchema,
      columns: [Column(.timestamp, .int64(times)), Column(.bigint, .int64(values))])
  }
}
