internal import Columnar

/// Rows that are added for good, in a table that grows at its end.
struct RowFeed {
  private let screen: Screen
  /// Most rows to show.
  private let rowLimit: Int
  /// What to say of no rows.
  private let nothing: String
  private var layout: TableLayout
  private var cells = CellText()
  private var shown = 0
  private var hidden = 0

  private static let chunkRows = 1024

  init(_ form: ResultForm, on screen: Screen, rowLimit: Int) {
    self.screen = screen
    self.rowLimit = rowLimit
    nothing = form.nothing
    layout = TableLayout(form.schema)
  }

  mutating func write(_ batch: Batch, isDeletion: Bool) throws {
    let wanted = min(batch.rowCount, rowLimit - shown)
    hidden += batch.rowCount - wanted
    var row = 0
    while row < wanted {
      let end = min(row + RowFeed.chunkRows, wanted)
      try show(cells.rows(of: batch, row..<end), isDeletion)
      row = end
    }
  }

  private mutating func show(_ rows: [[String]], _ isDeletion: Bool) throws {
    layout.fit(rows, lineWidth: screen.size?.columns)
    var text = shown == 0 ? screen.heading(layout) : ""
    for row in rows {
      text += layout.line(row)
      text += isDeletion ? "  (taken back)\n" : "\n"
    }
    shown += rows.count
    try screen.write(text)
  }

  mutating func end() throws {
    if shown == 0 {
      layout.fit([], lineWidth: screen.size?.columns)
      try screen.write(screen.heading(layout) + "\(nothing)\n")
    }
    if hidden > 0 { try screen.write(moreRows(hidden) + "\n") }
    if let note = layout.note { try screen.write(note + "\n") }
  }
}

extension ResultForm {
  /// What there is to say when a run has brought no rows: with a checkpoint earlier runs may have
  /// brought some.
  var nothing: String { isDurable ? "nothing new" : "no rows" }
}

func moreRows(_ count: Int) -> String { "… \(count) more row\(count == 1 ? "" : "s")" }

extension TableLayout {
  init(_ schema: Schema) {
    self.init(titles: schema.fields.map { ($0.name, $0.type.isNumeric) })
  }
}

extension Screen {
  /// The head of a table, with a newline.
  func heading(_ layout: TableLayout) -> String {
    let lines = layout.header
    let title = hasStyles ? "\u{1B}[1m\(lines[0])\u{1B}[0m" : lines[0]
    return "\(title)\n\(lines[1])\n"
  }
}
