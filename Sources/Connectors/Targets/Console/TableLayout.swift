/// Columns of text side by side, two cells apart: as wide as their widest value, or narrower where a
/// line would not fit the terminal.
struct TableLayout {
  struct Column {
    let title: String
    let isNumber: Bool
    /// The widest value so far; never shrinks, so that rows that come later stand under the others.
    var needed: Int
    var width = 0
  }

  private(set) var columns: [Column]
  /// How many columns fit, from the left.
  private(set) var visibleCount: Int
  /// Cells of a line; nil where lines may be of any length.
  private(set) var lineWidth: Int?

  static let gap = 2
  private static let narrowestText = 8

  init(titles: [(name: String, isNumber: Bool)]) {
    columns = titles.map {
      let title = escaped($0.name)
      return Column(title: title, isNumber: $0.isNumber, needed: max(displayWidth(title), 1))
    }
    visibleCount = columns.count
  }

  /// Makes room for more rows.
  ///
  /// - Returns: whether a width changed.
  @discardableResult
  mutating func fit(_ rows: [[String]], lineWidth: Int?) -> Bool {
    self.lineWidth = lineWidth
    for row in rows {
      for (index, cell) in row.enumerated() {
        columns[index].needed = max(columns[index].needed, displayWidth(cell))
      }
    }
    let before = columns.map(\.width)
    let visibleBefore = visibleCount
    distribute()
    return before != columns.map(\.width) || visibleBefore != visibleCount
  }

  /// Numbers keep their width as long as the texts can give way; then columns on the right go.
  private mutating func distribute() {
    for index in columns.indices { columns[index].width = columns[index].needed }
    visibleCount = columns.count
    guard let lineWidth else { return }
    while visibleCount > 1, !fits(textCap: TableLayout.narrowestText, lineWidth) {
      visibleCount -= 1
    }
    var low = TableLayout.narrowestText
    var high = max(low, columns.map(\.needed).max() ?? low)
    while low < high {
      let middle = (low + high + 1) / 2
      if fits(textCap: middle, lineWidth) { low = middle } else { high = middle - 1 }
    }
    for index in columns.indices where !columns[index].isNumber {
      columns[index].width = min(columns[index].needed, low)
    }
    if visibleCount == 1 { columns[0].width = min(columns[0].width, lineWidth) }
  }

  private func fits(textCap: Int, _ lineWidth: Int) -> Bool {
    let widths = columns[..<visibleCount].map { $0.isNumber ? $0.needed : min($0.needed, textCap) }
    return widths.reduce(0, +) + TableLayout.gap * (visibleCount - 1) <= lineWidth
  }

  /// Titles and the rule under them.
  var header: [String] {
    let rule = columns[..<visibleCount].map { String(repeating: "-", count: $0.width) }
    return [
      line(columns.map(\.title)),
      rule.joined(separator: String(repeating: " ", count: TableLayout.gap)),
    ]
  }

  /// What to say of the columns that are not shown; nil when all are.
  var note: String? {
    let hidden = columns[visibleCount...].map(\.title)
    guard !hidden.isEmpty else { return nil }
    let note = "… \(hidden.count) more columns: \(hidden.joined(separator: ", "))"
    return lineWidth.map { truncated(note, cells: $0).text } ?? note
  }

  /// One row; without blanks at its end.
  func line(_ cells: [String]) -> String {
    var line = ""
    for (index, cell) in cells[..<visibleCount].enumerated() {
      let column = columns[index]
      let (text, width) = truncated(cell, cells: column.width)
      let padding = String(repeating: " ", count: max(column.width - width, 0))
      if index > 0 { line += String(repeating: " ", count: TableLayout.gap) }
      line += column.isNumber ? padding + text : text + padding
    }
    while line.utf8.last == UInt8(ascii: " ") { line.unicodeScalars.removeLast() }
    return line
  }
}
