import Columnar
import Operators

/// Sessions worked out anew from all rows after each epoch: the rows of a key by their time, cut
/// where the next one begins behind the end of all before.
///
/// It computes `count(*), sum(n), max(x), sum(x), array_sort(collect_list(n))`.
struct SessionOracle {
  static let aggregates = "count(*), sum(n), max(x), sum(x), array_sort(collect_list(n))"

  struct Row {
    let key: String?
    let start: Int64
    let end: Int64
    let number: Int64
    let double: Double
    let epoch: Int
    /// Among all rows of the query.
    let place: Int
  }

  struct Session {
    var rows: [Row]

    var key: String? { rows[0].key }
    var start: Int64 { rows[0].start }
    var end: Int64 { rows.map(\.end).max() ?? 0 }
    var name: [Value] { [.integer(start), value(key)] }

    var result: [Value] {
      let numbers = rows.map(\.number)
      return [
        .integer(start), .integer(end), value(key), .integer(Int64(rows.count)),
        .integer(numbers.reduce(0, +)), .double(rows.map(\.double).max() ?? 0),
        .double(rows.map(\.double).reduce(0, +)), .list(numbers.sorted().map { .integer($0) }),
      ].map(exact)
    }

    /// In the epoch; nil without rows in it.
    func firstPlace(in epoch: Int) -> Int? { rows.filter { $0.epoch == epoch }.map(\.place).min() }

    private func value(_ key: String?) -> Value { key.map { .string($0) } ?? .null }
  }

  private let constantGap: Int64?
  private var rows: [Row] = []
  private var rowCount = 0

  init(constantGap: Int64?) { self.constantGap = constantGap }

  /// The open sessions after some rows.
  ///
  /// - Parameter watermark: nil: nothing is late.
  mutating func add(
    _ input: [SessionRow], epoch: Int, watermark: Int64?
  ) -> (open: [Session], lateCount: Int, unusableCount: Int) {
    var (lateCount, unusableCount) = (0, 0)
    for row in input {
      rowCount += 1
      let gap =
        constantGap ?? row.gap.flatMap { Int64($0.split(separator: " ")[0]) }.map { $0 * 1000 }
      guard let start = row.time, let gap else {
        unusableCount += 1
        continue
      }
      if let watermark, start + gap <= watermark {
        lateCount += 1
        continue
      }
      rows.append(
        Row(
          key: row.key, start: start, end: start + gap, number: row.number, double: row.double,
          epoch: epoch, place: rowCount))
    }
    return (open, lateCount, unusableCount)
  }

  private var open: [Session] {
    var sessions: [Session] = []
    for (_, rows) in Dictionary(grouping: rows, by: \.key) {
      var current: Session?
      for row in rows.sorted(by: { ($0.start, $0.place) < ($1.start, $1.place) }) {
        if let session = current, row.start <= session.end {
          current?.rows.append(row)
        } else {
          current.map { sessions.append($0) }
          current = Session(rows: [row])
        }
      }
      current.map { sessions.append($0) }
    }
    return sessions
  }

  /// Forgets what ends at or before a time.
  ///
  /// - Returns: it by window and key.
  mutating func close(upTo time: Int64?) -> [Session] {
    guard let time else { return [] }
    let closed = open.filter { $0.end <= time }
    let places = Set(closed.flatMap { $0.rows.map(\.place) })
    rows.removeAll { places.contains($0.place) }
    return closed.sorted { ($0.start, $0.end, $0.key ?? "") < ($1.start, $1.end, $1.key ?? "") }
  }
}
