package import Columnar
package import Diagnostics
internal import Formats

/// Rows of files that hold batches, Arrow's and Parquet's, one batch after the other.
package final class BatchFiles: MeasuredInput {
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
  private let condition: RowCondition
  /// What is read, and the number of its file.
  private var current: (part: any BatchPart, number: Int)?
  private var fileCount = 0
  private var consumedBefore: Int64 = 0
  private var emptySince: Int64?
  private var hasToldIdle = false

  /// Waits for the schema of the first file, if earlier runs did not read one.
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
    var first: (any BatchPart)?
    if let kept = plan.keptSchema {
      record = kept
    } else if case .item(let segment) = try queue.next(until: .never) {
      let part = try opener.openBatches(segment, plan)
      first = part
      record = part.record
    } else {
      record = Schema([])
    }
    columns = try FileColumns(plan.options.columns, of: record, in: first?.name, plan.format)
    if plan.wantsMetadata { try MetadataColumns.refuseTakenNames(in: columns.output) }
    schema =
      plan.wantsMetadata ? Schema(columns.output.fields + MetadataColumns.fields) : columns.output
    condition = plan.filter?.condition(over: schema) ?? .always
    if let first { try begin(first) }
  }

  package var malformedCount: Int64 { 0 }

  package func next(until deadline: Deadline) throws -> InputEvent {
    while true {
      if stop.isRequested, current?.part.isAtRest ?? true { return .end(isComplete: false) }
      guard let (part, number) = current else {
        switch try queue.next(until: hasToldIdle ? deadline : .now) {
        case .item(let segment): try begin(opener.openBatches(segment, plan))
        case .nothingYet(let since):
          hasToldIdle = true
          return .nothingYet(idleSince: since)
        case .end: return .end(isComplete: true)
        }
        hasToldIdle = false
        continue
      }
      guard try isReady(part, until: deadline) else { return .nothingYet(idleSince: emptySince) }
      switch try part.next() {
      case .read(let rows): return event(rows, of: part, number)
      case .passedOver(let count):
        return .passedOver(rowCount: count, piece: piece(count, of: part, number))
      case nil: break
      }
      if try end(part) { return .fileEnd(observer == nil ? nil : number) }
    }
  }

  private func begin(_ part: any BatchPart) throws(StreamError) {
    try part.select(
      columns.places(in: part.record, of: part.name, notices: notices), as: columns.output,
      where: condition)
    current = (part, fileCount)
    fileCount += 1
    guard let segment = part.segment else { return }
    var start = FileStart(
      number: fileCount - 1, segment: segment, position: segment.start, lineCount: 0)
    start.isRows = true
    try observer?.begin(start)
  }

  /// Tells once, without waiting, that nothing has come, as ``RecordInput`` does.
  private func isReady(_ part: any BatchPart, until deadline: Deadline) throws(StreamError) -> Bool
  {
    if try part.wait(until: hasToldIdle ? deadline : .now) {
      emptySince = nil
      hasToldIdle = false
      return true
    }
    if emptySince == nil { emptySince = Moment.now.uptime }
    hasToldIdle = true
    return false
  }

  private func event(_ rows: Batch, of part: any BatchPart, _ number: Int) -> InputEvent {
    let before = consumedCount
    consumedCount = consumedBefore + part.consumedCount
    return .rows(
      withMetadata(rows, of: part, from: part.position - Int64(rows.rowCount)),
      byteCount: Int(consumedCount - before), piece: piece(rows.rowCount, of: part, number))
  }

  /// - Parameter count: of the rows before the place where the part is.
  private func piece(_ count: Int, of part: any BatchPart, _ number: Int) -> InputPiece? {
    guard observer != nil else { return nil }
    return InputPiece(file: number, rows: part.position - Int64(count)..<part.position)
  }

  private func withMetadata(_ rows: Batch, of part: any BatchPart, from start: Int64) -> Batch {
    guard plan.wantsMetadata else { return rows }
    let numbers = Buffer<Int64>(count: rows.rowCount) { output in
      for row in 0..<rows.rowCount { output.append(Int64(row)) }
    }
    return MetadataColumns(file: part.name).appended(
      to: rows, offsets: numbers, blockOffset: start)
  }

  /// - Returns: whether the file ends with the part.
  private func end(_ part: any BatchPart) throws(StreamError) -> Bool {
    consumedBefore += part.consumedCount
    current = nil
    guard let segment = part.segment else { return true }
    if part.position < segment.end ?? segment.start { throw segment.notWhatItWas() }
    return segment.endsFile
  }
}

extension InputOpener {
  fileprivate func openBatches(
    _ segment: FileSegment?, _ plan: InputPlan
  ) throws(StreamError) -> any BatchPart {
    if plan.format == .arrow { return try ArrowPart(segment, self, plan) }
    return try ParquetPart(segment, self)
  }
}
