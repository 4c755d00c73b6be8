package import Columnar

/// Puts rows into aligned windows: one row comes out for each window that a row is in.
package struct WindowRows: Sendable {
  /// For each row that comes out: the row that it came from, ascending; when its window begins and
  /// ends, ascending for each row. Rejected are rows without a usable time, and those whose windows
  /// are all closed: how late these are is counted from the end of their last window.
  package typealias Result = (
    rows: Buffer<Int32>, starts: Buffer<Int64>, ends: Buffer<Int64>, rejected: RejectedRows
  )

  private let windows: AlignedWindows

  package init(_ windows: AlignedWindows) { self.windows = windows }

  /// - Parameters:
  ///   - times: a timestamp of each row. Those that are null, or more than
  ///     ``AlignedWindows/timeMax`` away from 1970, are unusable.
  ///   - watermark: windows that end at or before it are closed: no row comes out for them. With
  ///     nil all are open.
  package func rows(_ times: Column, watermark: Int64?) -> Result {
    precondition(times.type == .timestamp)
    guard times.count > 0, case .int64(let values) = times.storage else {
      return (Buffer(), Buffer(), Buffer(), RejectedRows())
    }
    if let pane = windows.commonPane(times) {
      return rows(of: OpenWindows(windows, pane, watermark), count: values.count)
    }
    return scatter(times, values, watermark)
  }

  private func rows(of open: OpenWindows, count: Int) -> Result {
    var rejected = RejectedRows()
    guard let first = open.windows.first else {
      rejected.late = (0..<Int32(count)).map { ($0, open.lateBy) }
      return (Buffer(), Buffer(), Buffer(), rejected)
    }
    let total = count * open.windows.count
    let rows = Buffer<Int32>(count: total) { output in
      for row in 0..<count {
        output.append(repeating: Int32(truncatingIfNeeded: row), count: open.windows.count)
      }
    }
    if open.windows.count == 1 {
      return (
        rows, Buffer(repeating: first.lowerBound, count: total),
        Buffer(repeating: first.upperBound, count: total), rejected
      )
    }
    let starts = Buffer<Int64>(count: total) { output in
      for _ in 0..<count { for window in open.windows { output.append(window.lowerBound) } }
    }
    let ends = Buffer<Int64>(count: total) { output in
      for _ in 0..<count { for window in open.windows { output.append(window.upperBound) } }
    }
    return (rows, starts, ends, rejected)
  }

  private func scatter(_ times: Column, _ values: Buffer<Int64>, _ watermark: Int64?) -> Result {
    var panes = Panes(windows, watermark)
    var rejected = RejectedRows()
    var rows = MutableBuffer<Int32>(capacity: values.count)
    var starts = MutableBuffer<Int64>(capacity: values.count)
    var ends = MutableBuffer<Int64>(capacity: values.count)
    let span = values.span
    for slot in span.indices {
      let row = Int32(truncatingIfNeeded: slot)
      guard AlignedWindows.isUsable(span[slot]), !times.isNull(slot) else {
        rejected.unusable.append(row)
        continue
      }
      panes.move(to: span[slot])
      if panes.current.windows.isEmpty { rejected.late.append((row, panes.current.lateBy)) }
      for window in panes.current.windows {
        rows.append(row)
        starts.append(window.lowerBound)
        ends.append(window.upperBound)
      }
    }
    return (rows.take(), starts.take(), ends.take(), rejected)
  }
}

extension AlignedWindows {
  /// Whether windows reach as far as that.
  package static func isUsable(_ time: Int64) -> Bool { time.magnitude <= timeMax.magnitude }

  /// How many windows a time may be in.
  var windowCountMax: Int {
    switch pattern {
    case .sliding(let size, let slide): Int((size + slide - 1) / slide)
    case .cumulating(let size, let step): Int(size / step)
    case .months: 1
    }
  }
}

/// The windows of a pane that rows may still come into.
private struct OpenWindows {
  let windows: [Range<Int64>]
  /// How far behind the watermark a row of the pane is when none is open.
  let lateBy: Int64

  init(_ geometry: AlignedWindows, _ pane: Range<Int64>, _ watermark: Int64?) {
    let all = geometry.windows(of: pane)
    guard let watermark else {
      (windows, lateBy) = (all, 0)
      return
    }
    windows = all.filter { $0.upperBound > watermark }
    let (difference, isTooLarge) = watermark.subtractingReportingOverflow(
      geometry.lastEnd(of: pane))
    lateBy = isTooLarge ? .max : difference
  }
}

/// Remembers the panes of a batch: times that are near to each other come one after the other.
private struct Panes {
  private let geometry: AlignedWindows
  private let watermark: Int64?
  private var known: [Int64: OpenWindows] = [:]
  private var pane: Range<Int64> = 0..<0
  private(set) var current: OpenWindows

  init(_ geometry: AlignedWindows, _ watermark: Int64?) {
    self.geometry = geometry
    self.watermark = watermark
    current = OpenWindows(geometry, geometry.pane(of: 0), nil)
  }

  mutating func move(to time: Int64) {
    if pane.contains(time) { return }
    pane = geometry.pane(of: time)
    if let windows = known[pane.lowerBound] {
      current = windows
    } else {
      current = OpenWindows(geometry, pane, watermark)
      known[pane.lowerBound] = current
    }
  }
}
