import Columnar
import Connectors
import Glibc

private let segmentName = "0000000000000000001.arrows"
private let schema = Schema([Field("a", .bigint), Field("b", .string)])

/// A source without rows.
private final class NoRows: MeasuredInput {
  let schema: Schema
  let isBounded = true
  let consumedCount: Int64 = 0
  let byteCount: Int64? = nil
  let malformedCount: Int64 = 0

  init(_ schema: Schema) { self.schema = schema }

  func next(until deadline: Deadline) -> InputEvent { .end(isComplete: true) }
}

/// Reads a segment of a write-ahead log as a run does that finds it: what is said to be whole can be
/// read to its end.
func recoverRows(_ bytes: [UInt8]) {
  withScratchDirectory { directory in
    guard let file = unsafe fopen("\(directory)/\(segmentName)", "w") else { return }
    precondition(unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count)
    unsafe fclose(file)
    guard let log = try? WriteAheadLog(directory), let history = try? WALHistory(nil, of: log),
      let orphans = try? log.recover(behind: history)
    else { preconditionFailure("a directory in order refuses to be read") }
    for found in orphans {
      let journal = WALJournal(log, of: ReceivedInput(NoRows(schema)))
      // Its columns may be others: then it is refused.
      guard let rows = try? journal.replay(found.input) else { continue }
      var count: Int64 = 0
      while case .rows(let batch, _, _)? = try? rows.next(until: .never) {
        count += Int64(batch.rowCount)
      }
      precondition(count == found.rowCount)
    }
  }
}

func segmentSeed() -> [UInt8] {
  var bytes: [UInt8] = []
  withScratchDirectory { directory in
    do {
      let log = try WriteAheadLog(directory)
      let journal = WALJournal(log, of: ReceivedInput(NoRows(schema)))
      let columns = [Column([1, nil, 3] as [Int64?]), Column(["x", nil, "a longer string"])]
      for _ in 0..<2 {
        try journal.take(
          Batch(schema: schema, columns: columns), in: SourceEpoch(number: 1, time: 0))
      }
    } catch {
      preconditionFailure("a scratch directory takes what is written: \(error)")
    }
    guard let file = unsafe fopen("\(directory)/\(segmentName)", "r") else { return }
    var room = [UInt8](repeating: 0, count: 1 << 16)
    bytes = Array(room.prefix(unsafe fread(&room, 1, room.count, file)))
    unsafe fclose(file)
  }
  return bytes
}

private func withScratchDirectory(_ body: (String) -> Void) {
  var template = Array("/tmp/segment-XXXXXX".utf8CString)
  guard unsafe mkdtemp(&template) != nil else { preconditionFailure("no room for a directory") }
  let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  body(path)
  unsafe unlink("\(path)/\(segmentName)")
  unsafe rmdir(path)
}
