import Columnar

/// The rows of a batch by the pane that their time is in.
struct PaneSplit {
  /// Rows of one pane, ascending.
  struct Part {
    let pane: Range<Int64>
    let rows: Buffer<Int32>

    /// Whether they stand one behind the other.
    var isRun: Bool { rows.count > 0 && Int(rows[rows.count - 1] - rows[0]) + 1 == rows.count }
  }

  /// In the order of their first row.
  private(set) var parts: [Part] = []
  /// Rows without a time that has a pane.
  private(set) var unusable: [Int32] = []

  init(_ times: Column, _ windows: AlignedWindows) {
    guard times.count > 0, case .int64(let values) = times.storage else { return }
    if let pane = windows.commonPane(times) {
      parts = [Part(pane: pane, rows: .numbers(in: 0..<times.count))]
      return
    }
    var scatter = Scatter(windows)
    let (span, validity) = (values.span, times.validity)
    var places = MutableBuffer<Int32>(capacity: times.count)
    for row in span.indices {
      guard AlignedWindows.isUsable(span[row]), validity.isSet(row) else {
        unusable.append(Int32(truncatingIfNeeded: row))
        places.append(-1)
        continue
      }
      places.append(scatter.part(of: span[row]))
    }
    parts = scatter.parts(places.take())
  }
}

/// Finds the panes of a batch, then gives each its rows.
private struct Scatter {
  private let windows: AlignedWindows
  private var panes: [Range<Int64>] = []
  private var counts: [Int] = []
  private var known: [Int64: Int] = [:]
  private var current = 0

  init(_ windows: AlignedWindows) { self.windows = windows }

  /// The number of a time's pane; the row is counted.
  mutating func part(of time: Int64) -> Int32 {
    if panes.isEmpty || !panes[current].contains(time) { move(to: windows.pane(of: time)) }
    counts[current] += 1
    return Int32(truncatingIfNeeded: current)
  }

  private mutating func move(to pane: Range<Int64>) {
    if let number = known[pane.lowerBound] {
      current = number
      return
    }
    current = panes.count
    known[pane.lowerBound] = current
    panes.append(pane)
    counts.append(0)
  }

  /// - Parameter places: the number of each row's pane; -1 for none.
  func parts(_ places: Buffer<Int32>) -> [PaneSplit.Part] {
    var ends: [Int] = []
    for count in counts { ends.append((ends.last ?? 0) + count) }
    var next = zip(ends, counts).map { $0 - $1 }
    var rows = [Int32](repeating: 0, count: ends.last ?? 0)
    let span = places.span
    for row in span.indices where span[row] >= 0 {
      let part = Int(span[row])
      rows[next[part]] = Int32(truncatingIfNeeded: row)
      next[part] += 1
    }
    let ordered = Buffer(rows)
    return panes.indices.map { part in
      PaneSplit.Part(pane: panes[part], rows: ordered[ends[part] - counts[part]..<ends[part]])
    }
  }
}

extension AlignedWindows {
  /// The pane that all times are in; nil when there are several, or times without a pane.
  ///
  /// - Parameter times: at least one.
  func commonPane(_ times: Column) -> Range<Int64>? {
    guard times.validity == nil else { return nil }
    let bounds = TimeBounds(times)
    guard !bounds.hasUnusable, let earliest = bounds.earliest, let latest = bounds.latest
    else { return nil }
    let pane = pane(of: earliest)
    return latest < pane.upperBound ? pane : nil
  }
}
