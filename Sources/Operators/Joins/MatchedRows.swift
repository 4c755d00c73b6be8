import Columnar
import Diagnostics

/// Which rows of a table have been matched: the others come out at the end.
final class MatchedRows {
  private var marks = MutableBuffer<UInt8>()
  private(set) var count = 0
  private var restored: [Int64] = []
  /// In the order of their first match, since they were last asked for; kept where they are saved.
  private var new = MutableBuffer<Int32>()
  var savesNew = false

  /// - Throws: when what was restored are not rows of a table that has so many.
  func begin(rowCount: Int) throws {
    guard marks.count != rowCount || !restored.isEmpty else { return }
    marks.append(repeating: 0, count: rowCount - marks.count)
    for row in restored {
      guard row >= 0, row < Int64(rowCount), marks[Int(row)] == 0 else {
        throw StreamError.stateDamage("it knows row \(row) of a table that has \(rowCount)")
      }
      marks[Int(row)] = 1
    }
    count = restored.count
    restored = []
  }

  /// Rows that were marked before; they count from `begin` on.
  func restore(_ rows: [Int64]) { restored += rows }

  /// - Parameter rows: -1 for none.
  func mark(_ rows: Buffer<Int32>) {
    let source = rows.span
    for slot in source.indices {
      let row = Int(source[slot])
      guard row >= 0, marks[row] == 0 else { continue }
      marks[row] = 1
      count += 1
      if savesNew { new.append(source[slot]) }
    }
  }

  /// Calls `body` with the rows that are not marked, in runs of at most 16,384.
  func forEachUnmarked(_ body: (Buffer<Int32>) throws -> Void) throws {
    try forEachRow(marked: 0, body)
  }

  func forEachMarked(_ body: (Buffer<Int32>) throws -> Void) throws {
    try forEachRow(marked: 1, body)
  }

  private func forEachRow(
    marked: UInt8, _ body: (Buffer<Int32>) throws -> Void
  ) throws {
    var rows = MutableBuffer<Int32>(capacity: 16_384)
    for row in 0..<marks.count where marks[row] == marked {
      rows.append(Int32(truncatingIfNeeded: row))
      if rows.count == 16_384 { try body(rows.take(reserving: 16_384)) }
    }
    if rows.count > 0 { try body(rows.take()) }
  }

  func takeNew() -> Buffer<Int32> { new.take() }

  var byteCount: Int { marks.capacity + new.capacity * 4 + restored.capacity * 8 }
}
