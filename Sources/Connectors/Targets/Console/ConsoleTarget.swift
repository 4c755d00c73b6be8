package import Columnar

/// A table for people.
///
/// On a terminal it fits the line, and a result that changes (complete mode, or update mode with
/// known keys) is drawn anew in its place. Elsewhere lines are as long as they need to be, and changed
/// rows follow each other.
package struct ConsoleTarget: Target {
  private let screen: Screen
  private let wantedRows: Int?
  private var view: View = .none

  private enum View {
    case none
    case feed(RowFeed)
    case result(ResultTable)
  }

  /// - Parameter rows: most rows of a table to show; nil for the usual: 1000 of a bounded input on
  ///   a terminal, else all of them.
  package init(descriptor: Int32 = 1, rows: Int? = nil) {
    screen = Screen(descriptor: descriptor)
    wantedRows = rows
  }

  package mutating func begin(_ form: ResultForm) throws {
    let keys = form.keys.compactMap { form.schema.index(of: $0) }
    let knowsKeys = !keys.isEmpty && keys.count == form.keys.count
    let isTable = form.mode == .complete || (form.mode == .update && knowsKeys && screen.isTerminal)
    if isTable {
      let limit = wantedRows ?? (screen.isTerminal ? 1000 : .max)
      let keys = form.mode == .update ? keys : nil
      view = .result(ResultTable(form, keys: keys, on: screen, rowLimit: limit))
    } else {
      let limit = wantedRows ?? (screen.isTerminal && form.isBounded ? 1000 : .max)
      view = .feed(RowFeed(form, on: screen, rowLimit: limit))
    }
  }

  package mutating func write(_ batch: Batch, isDeletion: Bool) throws {
    switch view {
    case .none: break
    case .feed(var feed):
      defer { view = .feed(feed) }
      try feed.write(batch, isDeletion: isDeletion)
    case .result(var table):
      view = .none
      table.write(batch, isDeletion: isDeletion)
      view = .result(table)
    }
  }

  package mutating func commit(_ epoch: TargetEpoch) throws {
    guard case .result(var table) = view else { return }
    view = .none
    try table.commit(epoch)
    view = .result(table)
  }

  package mutating func flush() throws {
    guard case .result(var table) = view else { return }
    view = .none
    try table.draw()
    view = .result(table)
  }

  package mutating func discard() {}

  package mutating func end() throws {
    switch view {
    case .none: break
    case .feed(var feed): try feed.end()
    case .result(var table): try table.end()
    }
  }
}
