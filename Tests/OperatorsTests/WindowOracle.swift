import Columnar
import Operators

/// What windowed aggregation gives, found in the slowest way: all rows are kept, each is tried in
/// every window, and every result is computed from all rows of its group, anew each time.
struct WindowOracle {
  /// A window and a key; the key stays null where only windows are grouped by.
  struct Group: Hashable {
    let window: Range<Int64>
    let key: String?
  }

  /// A row that was let into a window.
  private struct Entry {
    let row: TimedRow
    let group: Group
    let epoch: Int
  }

  struct Result: Equatable {
    var rows: [[Value]] = []
    /// Places of rows in the epoch.
    var late: [Int] = []
    var lateBy: [Int64] = []
    var unusable: [Int] = []
    var replacesResult = false
    var nextClose: Int64?
    /// nil where nothing is ever closed.
    var openWindows: Int?
    /// Windows with their keys that may still change.
    var openGroups = 0
    /// Panes with their keys that may still be needed.
    var openPanes = 0
  }

  let windows: AlignedWindows
  let mode: AggregateMode
  let isKeyed: Bool
  let withLists: Bool

  private var entries: [Entry] = []
  private var epoch = 0

  init(_ windows: AlignedWindows, _ mode: AggregateMode, isKeyed: Bool, withLists: Bool) {
    (self.windows, self.mode, self.isKeyed, self.withLists) = (windows, mode, isKeyed, withLists)
  }

  mutating func run(_ input: TimedEpoch) -> Result {
    epoch += 1
    var result = Result()
    let watermark = mode == .complete ? nil : input.before
    for (place, row) in input.rows.enumerated() {
      guard let time = row.time, time.magnitude <= 1 << 62 else {
        result.unusable.append(place)
        continue
      }
      let all = everyWindow(of: time, in: windows)
      let open = all.filter { window in watermark.map { window.upperBound > $0 } ?? true }
      if open.isEmpty, let watermark, let last = all.map(\.upperBound).max() {
        result.late.append(place)
        result.lateBy.append(watermark - last)
      }
      entries += open.map {
        Entry(row: row, group: Group(window: $0, key: isKeyed ? row.key : nil), epoch: epoch)
      }
    }
    let closing = input.isFinal ? .max : input.after ?? .min
    send(input, closing, &result)
    measure(closing, &result)
    return result
  }

  private func send(_ input: TimedEpoch, _ closing: Int64, _ result: inout Result) {
    switch mode {
    case .append:
      let closed = groups { _ in true }.filter {
        $0.window.upperBound <= closing && $0.window.upperBound > input.before ?? .min
      }
      result.rows = closed.sorted(by: isBefore).map(row)
    case .update: result.rows = groups { $0.epoch == epoch }.map(row)
    case .complete:
      result.replacesResult = entries.contains { $0.epoch == epoch }
      if result.replacesResult { result.rows = groups { _ in true }.map(row) }
    }
  }

  private func measure(_ closing: Int64, _ result: inout Result) {
    let all = groups { _ in true }
    guard mode != .complete else {
      result.openGroups = all.count
      return
    }
    let open = all.filter { $0.window.upperBound > closing }
    result.openGroups = open.count
    result.openWindows = Set(open.map(\.window)).count
    result.nextClose = open.map(\.window.upperBound).min()
    // The panes that any of these windows has rows in.
    let panes = Set(
      entries.filter { $0.group.window.upperBound > closing }.map {
        Group(window: pane(of: $0.row.time ?? 0), key: $0.group.key)
      })
    result.openPanes = panes.count
  }

  /// In the order of their first row among those that are asked for.
  private func groups(_ isWanted: (Entry) -> Bool) -> [Group] {
    var (seen, order): (Set<Group>, [Group]) = ([], [])
    for entry in entries where isWanted(entry) && seen.insert(entry.group).inserted {
      order.append(entry.group)
    }
    return order
  }

  private func isBefore(_ left: Group, _ right: Group) -> Bool {
    let (one, other) = (left.window, right.window)
    if one != other {
      return (one.lowerBound, one.upperBound) < (other.lowerBound, other.upperBound)
    }
    guard let name = right.key else { return false }
    return left.key.map { $0 < name } ?? true
  }

  private func row(_ group: Group) -> [Value] {
    let rows = entries.filter { $0.group == group }.map(\.row)
    let (numbers, doubles) = (rows.compactMap(\.n), rows.compactMap(\.x))
    var values: [Value] = [
      .integer(group.window.lowerBound), .integer(group.window.upperBound),
    ]
    if isKeyed { values.append(group.key.map { .string($0) } ?? .null) }
    values += [
      .integer(Int64(rows.count)), .integer(Int64(numbers.count)),
      numbers.isEmpty ? .null : .integer(numbers.reduce(0) { $0 + Int64($1) }),
      numbers.min().map { .integer(Int64($0)) } ?? .null,
      doubles.max().map { .double($0) } ?? .null,
      doubles.isEmpty ? .null : .double(doubles.reduce(0, +) / Double(doubles.count)),
    ]
    if withLists { values.append(.list(numbers.map { .integer(Int64($0)) })) }
    return values
  }

  /// For ``row(_:)``.
  static let aggregates =
    "count(*) AS rows, count(n) AS numbers, sum(n) AS sum, min(n) AS least, max(x) AS greatest, "
    + "avg(x) AS mean"
  static let list = ", collect_list(n) AS list"
}

// MARK: - Windows

extension WindowOracle {
  /// The longest stretch around a time that no window begins or ends in, by what is said of it.
  private func pane(of time: Int64) -> Range<Int64> {
    let length: Int64
    switch windows.pattern {
    case .sliding(let size, let slide):
      length = (1...slide).last { size % $0 == 0 && slide % $0 == 0 } ?? 1
    case .cumulating(_, let step): length = step
    case .months: return everyWindow(of: time, in: windows)[0]
    }
    var start = windows.offset + (time - windows.offset) / length * length
    if start > time { start -= length }
    return start..<start + length
  }
}

/// The windows that a time is in, by start and end, found by trying all that are near.
func everyWindow(of time: Int64, in windows: AlignedWindows) -> [Range<Int64>] {
  let offset = windows.offset
  var candidates: [Range<Int64>] = []
  switch windows.pattern {
  case .sliding(let size, let slide):
    let near = (time - offset) / slide
    for number in near - size / slide - 2...near + 2 {
      candidates.append(offset + number * slide..<offset + number * slide + size)
    }
  case .cumulating(let size, let step):
    let near = (time - offset) / size
    for number in near - 2...near + 2 {
      let start = offset + number * size
      for end in stride(from: start + step, through: start + size, by: Int(step)) {
        candidates.append(start..<end)
      }
    }
  case .months(let count):
    for first in stride(from: 0, to: midnights.count - Int(count), by: Int(count)) {
      candidates.append(midnights[first] + offset..<midnights[first + Int(count)] + offset)
    }
  }
  return candidates.filter { $0.contains(time) }
}

/// The first moment of each month from 1946 to 1993: 24 years before and behind 1970, so that
/// windows of up to two years begin at the first one.
private let midnights: [Int64] = {
  let before = (1946..<1970).reduce(0) { $0 + ($1 % 4 == 0 ? 366 : 365) }
  var (days, starts) = (-before, [Int64]())
  for year in 1946..<1994 {
    let february = year % 4 == 0 ? 29 : 28
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
      starts.append(Int64(days) * 86_400_000_000)
      days += length
    }
  }
  return starts
}()
