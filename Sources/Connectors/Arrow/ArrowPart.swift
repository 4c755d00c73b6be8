internal import ArrowIPC
internal import Columnar
internal import Diagnostics
internal import Formats

/// An Arrow file or stream, or the rows of it from one to another, that is being read.
final class ArrowPart: BatchPart {
  let segment: FileSegment?
  private(set) var position: Int64 = 0

  private let bytes: any ByteInput
  private let reader: ArrowStreamReader
  private var projection: ArrowProjection?

  /// - Parameter segment: nil for standard input.
  init(
    _ segment: FileSegment?, _ opener: InputOpener, _ plan: InputPlan
  ) throws(StreamError) {
    if let segment, segment.start > 0 || segment.epoch != nil { try segment.checkUnchanged() }
    self.segment = segment
    bytes = try opener.openWhole(segment, plan)
    do throws(ArrowError) {
      reader = try ArrowStreamReader(ArrowBytes(bytes))
    } catch {
      throw error.streamError(in: segment?.file.name)
    }
  }

  var record: Schema { reader.schema }

  var consumedCount: Int64 { bytes.consumedCount }

  var isAtRest: Bool { !bytes.mayWait || bytes.availableCount == 0 }

  func select(_ places: [ColumnPlace?], as output: Schema, where condition: RowCondition) {
    projection = ArrowProjection(output: output, places: places)
  }

  func wait(until deadline: Deadline) throws(StreamError) -> Bool {
    if reader.hasBufferedBytes { return true }
    return try bytes.wait(until: deadline)
  }

  func next() throws(StreamError) -> BatchPartRows? {
    do throws(ArrowError) {
      return try nextRows().map { .read($0) }
    } catch {
      throw error.streamError(in: name)
    }
  }

  private func nextRows() throws(ArrowError) -> Batch? {
    let end = segment?.end ?? .max
    while position < end, let batch = try reader.next() {
      try refuseChanges(batch)
      let count = Int64(batch.rowCount)
      let start = min(count, max(0, (segment?.start ?? 0) - position))
      let rows = Int(start)..<Int(max(start, min(count, end - position)))
      position += Int64(rows.upperBound)
      if !rows.isEmpty { return try projection?.batch(batch)[rows] }
    }
    if position < end { try reader.refuseMore() }
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
}

extension ArrowStreamReader {
  /// What follows the end-of-stream mark is not read, so nothing may.
  ///
  /// - Throws: `.malformed` when something does.
  func refuseMore() throws(ArrowError) {
    if try hasMore() { throw .malformed("more follows behind its end") }
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
    case .unsupported:
      return StreamError(
        .usage, message, location: name,
        hint: "leave the column out, or cast it, where the file is written")
    default: return StreamError(.data, message, location: name)
    }
  }
}
