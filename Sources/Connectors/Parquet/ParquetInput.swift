package import Columnar
package import Diagnostics
internal import Formats
internal import Parquet

/// Rows of Parquet files, one batch after the other.
package final class ParquetInput: MeasuredInput {
  package let schema: Schema
  /// Of the first file, be it of an earlier run.
  package let record: Schema
  package let isBounded: Bool
  package let byteCount: Int64?
  package private(set) var consumedCount: Int64 = 0

  private let opener: InputOpener
  private let queue: OpeningQueue
  private let plan: InputPlan
  private let stop: StopSignal
  private let notices: Notices
  private let observer: (any FileObserver)?
  private let columns: FileColumns
  private var current: ParquetPart?
  private var fileCount = 0
  private var consumedBefore: Int64 = 0
  private var hasToldIdle = false

  /// Waits for the first file, if earlier runs did not read one.
  ///
  /// - Parameter observer: gets to know the files; then rows come with their pieces, which count
  ///   rows.
  package init(
    _ opener: InputOpener, plan: InputPlan, stop: StopSignal, notices: Notices,
    observer: (any FileObserver)? = nil
  ) throws(StreamError) {
    self.opener = opener
    self.plan = plan
    self.stop = stop
    self.notices = notices
    self.observer = observer
    isBounded = opener.isBounded
    byteCount = opener.byteCount
    queue = opener.makeQueue()
    var first: ParquetPart?
    if let kept = plan.keptSchema {
      record = kept
    } else if case .item(let segment) = try queue.next(until: .never) {
      let part = try ParquetPart(segment, opener)
      first = part
      record = part.file.schema
    } else {
      record = Schema([])
    }
    columns = try FileColumns(plan.options.columns, of: record, in: first?.name, .parquet)
    if plan.wantsMetadata { try MetadataColumns.refuseTakenNames(in: columns.output) }
    schema =
      plan.wantsMetadata ? Schema(columns.output.fields + MetadataColumns.fields) : columns.output
    if let first { try begin(first) }
  }

  package var malformedCount: Int64 { 0 }

  package func next(until deadline: Deadline) throws -> InputEvent {
    while true {
      if stop.isRequested { return .end(isComplete: false) }
      guard let part = current else {
        switch try queue.next(until: hasToldIdle ? deadline : .now) {
        case .item(let segment): try begin(ParquetPart(segment, opener))
        case .nothingYet(let since):
          hasToldIdle = true
          return .nothingYet(idleSince: since)
        case .end: return .end(isComplete: true)
        }
        hasToldIdle = false
        continue
      }
      let start = part.position
      if let rows = try part.next() { return event(rows, of: part, from: start) }
      if let number = try end(part) { return .fileEnd(observer == nil ? nil : number) }
    }
  }

  private func begin(_ part: ParquetPart) throws(StreamError) {
    part.number = fileCount
    fileCount += 1
    try part.select(
      columns.places(in: part.file.schema, of: part.name, notices: notices), as: columns.output)
    current = part
    guard let segment = part.segment else { return }
    var start = FileStart(
      number: part.number, segment: segment, position: segment.start, lineCount: 0)
    start.isRows = true
    try observer?.begin(start)
  }

  private func event(_ rows: Batch, of part: ParquetPart, from start: Int64) -> InputEvent {
    let before = consumedCount
    consumedCount = consumedBefore + part.file.consumedCount
    var piece: InputPiece?
    if observer != nil {
      piece = InputPiece(file: part.number, rows: start..<start + Int64(rows.rowCount))
    }
    return .rows(
      withMetadata(rows, of: part, from: start), byteCount: Int(consumedCount - before),
      piece: piece)
  }

  private func withMetadata(_ rows: Batch, of part: ParquetPart, from start: Int64) -> Batch {
    guard plan.wantsMetadata else { return rows }
    let numbers = Buffer<Int64>(count: rows.rowCount) { output in
      for row in 0..<rows.rowCount { output.append(Int64(row)) }
    }
    return MetadataColumns(file: part.name).appended(
      to: rows, offsets: numbers, blockOffset: start)
  }

  /// - Returns: the number of the file, when it ends with the part.
  private func end(_ part: ParquetPart) throws(StreamError) -> Int? {
    consumedBefore += part.file.consumedCount
    current = nil
    guard let segment = part.segment else { return part.number }
    if part.position < segment.end ?? segment.start { throw segment.notWhatItWas() }
    return segment.endsFile ? part.number : nil
  }
}
