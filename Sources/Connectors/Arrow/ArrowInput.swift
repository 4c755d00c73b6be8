internal import ArrowIPC
package import Columnar
package import Diagnostics
internal import Formats

/// Rows of Arrow files and streams, one batch after the other.
package final class ArrowInput: MeasuredInput {
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
  private var current: ArrowPart?
  private var fileCount = 0
  private var consumedBefore: Int64 = 0
  private var emptySince: Int64?
  private var hasToldIdle = false

  /// Waits for the schema of the first one, if earlier runs did not read it.
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
    var first: ArrowPart?
    if let kept = plan.keptSchema {
      record = kept
    } else if case .item(let segment) = try queue.next(until: .never) {
      let part = try opener.openArrow(segment, plan)
      first = part
      record = part.reader.schema
    } else {
      record = Schema([])
    }
    columns = try FileColumns(plan.options.columns, of: record, in: first?.name, .arrow)
    if plan.wantsMetadata { try MetadataColumns.refuseTakenNames(in: columns.output) }
    schema =
      plan.wantsMetadata ? Schema(columns.output.fields + MetadataColumns.fields) : columns.output
    if let first { try begin(first) }
  }

  package var malformedCount: Int64 { 0 }

  package func next(until deadline: Deadline) throws -> InputEvent {
    while true {
      guard var part = current else {
        if stop.isRequested { return .end(isComplete: false) }
        switch try queue.next(until: hasToldIdle ? deadline : .now) {
        case .item(let segment): try begin(opener.openArrow(segment, plan))
        case .nothingYet(let since):
          hasToldIdle = true
          return .nothingYet(idleSince: since)
        case .end: return .end(isComplete: true)
        }
        hasToldIdle = false
        continue
      }
      if stop.isRequested, !part.bytes.mayWait || part.bytes.availableCount == 0 {
        return .end(isComplete: false)
      }
      guard try isReady(part, until: deadline) else { return .nothingYet(idleSince: emptySince) }
      let event: InputEvent?
      do throws(ArrowError) {
        event = try nextRows(of: &part)
      } catch {
        throw error.streamError(in: part.name)
      }
      if let event {
        current = part
        return event
      }
      if let number = try end(part) { return .fileEnd(observer == nil ? nil : number) }
    }
  }

  private func begin(_ opened: ArrowPart) throws(StreamError) {
    var part = opened
    part.number = fileCount
    fileCount += 1
    part.projection = ArrowProjection(
      output: columns.output,
      places: try columns.places(in: part.reader.schema, of: part.name, notices: notices))
    current = part
    guard let segment = part.segment else { return }
    var start = FileStart(
      number: part.number, segment: segment, position: segment.start, lineCount: 0)
    start.isRows = true
    try observer?.begin(start)
  }

  /// Tells once, without waiting, that nothing has come, as ``RecordInput`` does.
  private func isReady(_ part: ArrowPart, until deadline: Deadline) throws(StreamError) -> Bool {
    if part.reader.hasBufferedBytes { return true }
    if try part.bytes.wait(until: hasToldIdle ? deadline : .now) {
      emptySince = nil
      hasToldIdle = false
      return true
    }
    if emptySince == nil { emptySince = Moment.now.uptime }
    hasToldIdle = true
    return false
  }

  /// - Returns: nil at the end of the part.
  private func nextRows(of part: inout ArrowPart) throws(ArrowError) -> InputEvent? {
    while part.rowCount < part.segment?.end ?? .max, let batch = try part.reader.next() {
      try refuseChanges(batch)
      let rows = part.wantedRows(of: batch)
      let start = part.rowCount + Int64(rows.lowerBound)
      part.rowCount += Int64(batch.rowCount)
      if rows.isEmpty { continue }
      let before = consumedCount
      consumedCount = consumedBefore + part.bytes.consumedCount
      var piece: InputPiece?
      if observer != nil {
        piece = InputPiece(file: part.number, rows: start..<start + Int64(rows.count))
      }
      let taken = try part.projection?.batch(batch)[rows] ?? Batch(empty: columns.output)
      return .rows(
        withMetadata(taken, of: part, from: start), byteCount: Int(consumedCount - before),
        piece: piece)
    }
    return nil
  }

  private func refuseChanges(_ batch: ArrowBatch) throws(ArrowError) {
    for pair in batch.metadata {
      if pair.key == "stream.failure" {
        throw .malformed("the pipeline that wrote it had failed")
      }
      if pair.key == "stream.change", pair.value == "delete" {
        throw .malformed("it takes rows back, so that it is more than a table")
      }
    }
  }

  private func withMetadata(_ rows: Batch, of part: ArrowPart, from start: Int64) -> Batch {
    guard plan.wantsMetadata else { return rows }
    let numbers = Buffer<Int64>(count: rows.rowCount) { output in
      for row in 0..<rows.rowCount { output.append(Int64(row)) }
    }
    return MetadataColumns(file: part.name).appended(
      to: rows, offsets: numbers, blockOffset: start)
  }

  /// - Returns: the number of the file, when it ends with the part.
  private func end(_ part: ArrowPart) throws(StreamError) -> Int? {
    consumedBefore += part.bytes.consumedCount
    current = nil
    guard let segment = part.segment else { return part.number }
    if part.rowCount < segment.end ?? segment.start { throw segment.notWhatItWas() }
    return segment.endsFile ? part.number : nil
  }
}

/// An Arrow file, or a part of it, that is being read.
private struct ArrowPart {
  /// nil for a stream.
  let segment: FileSegment?
  let bytes: any ByteInput
  let reader: ArrowStreamReader
  var projection: ArrowProjection?
  var number = 0
  /// Rows of the file that were read or passed over.
  var rowCount: Int64 = 0

  var name: String? { segment?.file.name }

  /// Which rows of the next batch are within the part.
  func wantedRows(of batch: ArrowBatch) -> Range<Int> {
    let count = Int64(batch.rowCount)
    let start = min(count, max(0, (segment?.start ?? 0) - rowCount))
    let end = min(count, (segment?.end ?? .max) - rowCount)
    return Int(start)..<Int(max(start, end))
  }
}

extension InputOpener {
  fileprivate func openArrow(
    _ segment: FileSegment?, _ plan: InputPlan
  ) throws(StreamError) -> ArrowPart {
    if let segment, segment.start > 0 || segment.epoch != nil { try segment.checkUnchanged() }
    let bytes = try openWhole(segment, plan)
    do throws(ArrowError) {
      return ArrowPart(
        segment: segment, bytes: bytes, reader: try ArrowStreamReader(ArrowBytes(bytes)))
    } catch {
      throw error.streamError(in: segment?.file.name)
    }
  }
}

/// An input as the Arrow reader wants it.
private final class ArrowBytes: ArrowIPC.ByteSource {
  private let input: any ByteInput

  init(_ input: any ByteInput) { self.input = input }

  @unsafe func read(
    _ first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer
  ) throws(ArrowError) -> Int {
    do throws(StreamError) {
      return try unsafe input.read(into: first)
    } catch {
      throw .system(errno: 0, error.message)
    }
  }
}

extension ArrowError {
  fileprivate func streamError(in file: String?) -> StreamError {
    let name = file ?? standardInputName
    switch self {
    case .foreign:
      return StreamError(
        .data, "this is neither an Arrow stream nor an Arrow file", location: name)
    case .system(_, let message): return StreamError(.io, message, location: name)
    case .unsupported: return StreamError(.usage, message, location: name)
    default: return StreamError(.data, message, location: name)
    }
  }
}
