internal import Columnar

/// A result that changes: drawn over and over in one place of a terminal; elsewhere printed each time
/// that it has changed, or once when the input is bounded.
struct ResultTable {
  private let screen: Screen
  private let rowLimit: Int
  private let isBounded: Bool
  private var layout: TableLayout
  private var source: Source
  private var area: LiveArea
  private var isStale = false
  private var tablesPrinted = 0
  /// What to say of no rows.
  private var nothing: String
  private var cells = CellText()

  private enum Source {
    /// Complete mode: each time the whole result.
    case whole(WholeResult)
    /// Update mode: rows by their keys.
    case keyed(KeyedRows)
  }

  init(_ form: ResultForm, keys: [Int]?, on screen: Screen, rowLimit: Int) {
    self.screen = screen
    self.rowLimit = rowLimit
    isBounded = form.isBounded
    nothing = form.nothing
    layout = TableLayout(form.schema)
    source = keys.map { .keyed(KeyedRows(keys: $0)) } ?? .whole(WholeResult())
    area = LiveArea(screen)
  }

  mutating func write(_ batch: Batch, isDeletion: Bool) {
    switch source {
    case .whole(var result):
      source = .whole(WholeResult())
      result.add(batch)
      source = .whole(result)
    case .keyed(var rows):
      source = .whole(WholeResult())
      for row in cells.rows(of: batch, 0..<batch.rowCount) {
        rows.apply(row, isDeletion: isDeletion)
      }
      source = .keyed(rows)
      isStale = isStale || batch.rowCount > 0
    }
  }

  mutating func commit(_ epoch: TargetEpoch) throws {
    // Now they are all of them.
    if epoch.replacesResult { nothing = "no rows" }
    if case .whole(var result) = source {
      source = .whole(WholeResult())
      result.commit(epoch)
      source = .whole(result)
      isStale = isStale || epoch.replacesResult
    }
    if screen.isTerminal {
      if area.isDue { try draw() }
    } else if isStale, !isBounded {
      try printWhole()
    }
  }

  /// Shows what has changed, at the latest when nothing more comes for now.
  mutating func draw() throws {
    guard isStale, let size = screen.size else { return }
    isStale = false
    // A row of the screen for the cursor, two for the head, two for notes.
    try area.show(table(rowLimit: max(1, min(rowLimit, size.rows - 5)), lineWidth: size.columns))
  }

  mutating func end() throws {
    if screen.isTerminal {
      let size = screen.size
      try area.show(table(rowLimit: rowLimit, lineWidth: size?.columns))
    } else if isStale || tablesPrinted == 0 {
      try printWhole()
    }
  }

  private mutating func printWhole() throws {
    isStale = false
    let separator = tablesPrinted > 0 ? "\n" : ""
    tablesPrinted += 1
    try screen.write(
      separator + table(rowLimit: rowLimit, lineWidth: nil).joined(separator: "\n") + "\n")
  }

  private mutating func table(rowLimit: Int, lineWidth: Int?) -> [String] {
    let (rows, total) = rows(atMost: rowLimit)
    layout.fit(rows, lineWidth: lineWidth)
    var lines = [String(screen.heading(layout).dropLast())]
    lines += rows.map { layout.line($0) }
    if total == 0 { lines.append(nothing) }
    if total > rows.count { lines.append(moreRows(total - rows.count)) }
    if let note = layout.note { lines.append(note) }
    return lines
  }

  private mutating func rows(atMost limit: Int) -> (rows: [[String]], total: Int) {
    switch source {
    case .keyed(let rows): return (Array(rows.rows.prefix(limit)), rows.count)
    case .whole(let result):
      var rows: [[String]] = []
      for batch in result.batches where rows.count < limit {
        rows += cells.rows(of: batch, 0..<min(batch.rowCount, limit - rows.count))
      }
      return (rows, result.batches.reduce(0) { $0 + $1.rowCount })
    }
  }
}

/// The latest row of each key, in the order in which keys first came.
struct KeyedRows {
  private let keys: [Int]
  private var places: [[String]: Int] = [:]
  private var slots: [[String]?] = []
  /// Rows of keys that are not kept.
  private var surplus = 0

  /// Nobody reads more in a table that changes.
  private static let keysMax = 10_000

  init(keys: [Int]) { self.keys = keys }

  var rows: [[String]] { slots.compactMap { $0 } }
  var count: Int { places.count + surplus }

  mutating func apply(_ row: [String], isDeletion: Bool) {
    let key = keys.map { row[$0] }
    if let place = places[key] {
      slots[place] = isDeletion ? nil : row
      if isDeletion { places[key] = nil }
    } else if isDeletion {
      surplus = max(0, surplus - 1)
    } else if places.count < KeyedRows.keysMax {
      places[key] = slots.count
      slots.append(row)
    } else {
      surplus += 1
    }
  }
}

/// Lines at the bottom of a terminal that are drawn anew in place.
struct LiveArea {
  private let screen: Screen
  private var drawnLines = 0
  private var lastDrawn = ContinuousClock.now - .seconds(1)

  private static let interval = Duration.milliseconds(50)

  init(_ screen: Screen) { self.screen = screen }

  /// Whether the last drawing is long enough ago for the eye.
  var isDue: Bool { ContinuousClock.now - lastDrawn >= LiveArea.interval }

  mutating func show(_ lines: [String]) throws {
    let text = lines.joined(separator: "\n") + "\n"
    let rewind = drawnLines > 0 ? "\r\u{1B}[\(drawnLines)A\u{1B}[J" : ""
    drawnLines = text.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    lastDrawn = .now
    try screen.write(rewind + text)
  }
}
