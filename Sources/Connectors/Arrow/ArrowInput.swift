internal import ArrowIPC
package import Columnar
package import Diagnostics
internal import Formats

/// Rows of Arrow files and streams, one batch after the other.
package final class ArrowInput: MeasuredInput {
  package let schema: Schema
  package let isBounded: Bool
  package let byteCount: Int64?
  package private(set) var consumedCount: Int64 = 0

  private let opener: InputOpener
  private let plan: InputPlan
  private let stop: StopSignal
  private let notices: Notices
  private let columns: ArrowColumns
  private var nextFile = 1
  private var current: OpenFile?
  private var consumedBefore: Int64 = 0
  private var emptySince: Int64?
  private var hasToldIdle = false

  private struct OpenFile {
    let name: String?
    let bytes: any ByteInput
    let reader: ArrowStreamReader
    let projection: ArrowProjection
    var rowCount: Int64 = 0
  }

  /// Waits for the schema of the first one.
  package init(
    _ opener: InputOpener, plan: InputPlan, stop: StopSignal, notices: Notices
  ) throws(StreamError) {
    self.opener = opener
    self.plan = plan
    self.stop = stop
    self.notices = notices
    isBounded = opener.isBounded
    byteCount = opener.byteCount
    let (bytes, reader) = try opener.openArrow(0, plan)
    let name = opener.name(0)
    columns = try ArrowColumns(plan.options.columns, of: reader.schema, in: name)
    if plan.wantsMetadata { try MetadataColumns.refuseTakenNames(in: columns.output) }
    schema =
      plan.wantsMetadata ? Schema(columns.output.fields + MetadataColumns.fields) : columns.output
    current = OpenFile(
      name: name, bytes: bytes, reader: reader,
      projection: try columns.projection(from: reader.schema, in: name, notices: notices))
  }

  package var malformedCount: Int64 { 0 }

  package func next(until deadline: Deadline) throws -> InputEvent {
    while let file = current {
      if stop.isRequested, !file.bytes.mayWait || file.bytes.availableCount == 0 {
        return .end(isComplete: false)
      }
      guard try isReady(file, until: deadline) else { return .nothingYet(idleSince: emptySince) }
      do throws(ArrowError) {
        if let batch = try file.reader.next() {
          let before = consumedCount
          consumedCount = consumedBefore + file.bytes.consumedCount
          let rows = try rows(of: batch, file)
          if let rows { return .rows(rows, byteCount: Int(consumedCount - before)) }
          continue
        }
      } catch {
        throw error.streamError(in: file.name)
      }
      try endFile(file)
      return .fileEnd()
    }
    return .end(isComplete: true)
  }

  /// Tells once, without waiting, that nothing has come, as ``RecordInput`` does.
  private func isReady(_ file: OpenFile, until deadline: Deadline) throws(StreamError) -> Bool {
    if file.reader.hasBufferedBytes { return true }
    if try file.bytes.wait(until: hasToldIdle ? deadline : .now) {
      emptySince = nil
      hasToldIdle = false
      return true
    }
    if emptySince == nil { emptySince = Moment.now.uptime }
    hasToldIdle = true
    return false
  }

  private func rows(of batch: ArrowBatch, _ file: OpenFile) throws(ArrowError) -> Batch? {
    for pair in batch.metadata {
      if pair.key == "stream.failure" {
        throw .malformed("the pipeline that wrote it had failed")
      }
      if pair.key == "stream.change", pair.value == "delete" {
        throw .malformed("it takes rows back, so that it is more than a table")
      }
    }
    if batch.rowCount == 0 { return nil }
    var rows = try file.projection.batch(batch)
    if plan.wantsMetadata {
      let numbers = Buffer<Int64>(count: rows.rowCount) { output in
        for row in 0..<rows.rowCount { output.append(Int64(row)) }
      }
      rows = MetadataColumns(file: file.name).appended(
        to: rows, offsets: numbers, blockOffset: file.rowCount)
      current?.rowCount += Int64(rows.rowCount)
    }
    return rows
  }

  private func endFile(_ file: OpenFile) throws(StreamError) {
    consumedBefore += file.bytes.consumedCount
    current = nil
    guard nextFile < opener.count else { return }
    let (bytes, reader) = try opener.openArrow(nextFile, plan)
    let name = opener.name(nextFile)
    current = OpenFile(
      name: name, bytes: bytes, reader: reader,
      projection: try columns.projection(from: reader.schema, in: name, notices: notices))
    nextFile += 1
  }
}

extension InputOpener {
  fileprivate func openArrow(
    _ index: Int, _ plan: InputPlan
  ) throws(StreamError) -> (any ByteInput, ArrowStreamReader) {
    let bytes = try openBytes(index, plan)
    do throws(ArrowError) {
      return (bytes, try ArrowStreamReader(ArrowBytes(bytes)))
    } catch {
      throw error.streamError(in: name(index))
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
