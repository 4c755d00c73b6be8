internal import ArrowIPC
internal import Columnar
internal import Diagnostics
internal import JSONText

/// The rows of an epoch, from the log.
final class WALReplay: RowInput {
  let schema: Schema
  let isBounded = true
  private let batches: ArrowStreamReader?
  private let place: String

  /// Compares the checksum before the first row.
  init(_ log: WriteAheadLog, _ input: JSON, schema: Schema) throws {
    self.schema = schema
    guard let range = try WALRange.read(input) else {
      (batches, place) = (nil, log.path)
      return
    }
    place = "\(log.path)/\(range.segment)"
    guard let segment = try SegmentReader(place),
      range.bytes.lowerBound >= Int64(segment.head.count),
      try segment.sum(of: range.bytes) == range.sum
    else { throw WALReplay.damaged("the rows are not what they were", place) }
    do throws(ArrowError) {
      let batches = try segment.batches(in: range.bytes)
      self.batches = batches
    } catch {
      throw WALReplay.damaged(error.message, place)
    }
    if let former = batches?.schema, former != schema {
      throw StreamError(
        .io,
        "rows that were received and not yet committed have the columns '\(former)', "
          + "but now they are '\(schema)'",
        location: place,
        hint: "run the former command until they are committed (an empty input will do), or begin "
          + "anew with another --checkpoint directory")
    }
  }

  func next(until deadline: Deadline) throws -> InputEvent {
    do throws(ArrowError) {
      while let batch = try batches?.next() {
        if batch.rowCount == 0 { continue }
        return .rows(try batch.batch(), byteCount: 0)
      }
    } catch {
      throw WALReplay.damaged(error.message, place)
    }
    return .end(isComplete: true)
  }

  private static func damaged(_ what: String, _ place: String) -> StreamError {
    StreamError.damagedCheckpoint(what, at: place)
  }
}
