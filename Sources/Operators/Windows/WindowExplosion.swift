import Columnar

/// A row for each window that a row is in.
struct WindowExplosion: Sendable {
  /// The window's start and end, then the columns of the input, but for those of these names.
  let output: Schema
  private let windows: AlignedWindows
  private let kept: [Int]

  /// So many rows at once stay in the cache.
  private static let rowCountMax = 16_384

  init(_ windows: AlignedWindows, _ input: Schema) {
    self.windows = windows
    let own = [Field.windowStart, .windowEnd]
    kept = input.fields.indices.filter { index in
      !own.contains { $0.name == input.fields[index].name.lowercased() }
    }
    output = Schema(own + kept.map { input.fields[$0] })
  }

  /// - Parameters:
  ///   - times: of the rows.
  ///   - watermark: windows that end at or before it are closed.
  /// - Returns: the rows that are in no open window.
  func explode(
    _ batch: Batch, _ times: Column, _ watermark: Int64?, emit: (Batch) throws -> Void
  ) throws -> RejectedRows {
    var rejected = RejectedRows()
    let size = max(1, WindowExplosion.rowCountMax / windows.windowCountMax)
    for start in stride(from: 0, to: batch.rowCount, by: size) {
      let range = start..<min(start + size, batch.rowCount)
      let placed = WindowRows(windows).rows(times[range], watermark: watermark)
      let origin = Int32(truncatingIfNeeded: start)
      rejected.late += placed.rejected.late.map { ($0.row + origin, $0.by) }
      rejected.unusable += placed.rejected.unusable.map { $0 + origin }
      guard placed.rows.count > 0 else { continue }
      // Where each row has its window nothing moves.
      let isWhole = windows.windowCountMax == 1 && placed.rows.count == range.count
      let columns = kept.map { index in
        let column = batch.columns[index][range]
        return isWhole ? column : column.gathering(placed.rows)
      }
      let ends = [placed.starts, placed.ends].map { Column(.timestamp, .int64($0)) }
      try emit(Batch(schema: output, columns: ends + columns, rowCount: placed.rows.count))
    }
    return rejected
  }
}
