import Columnar
import Connectors
import Diagnostics
import Glibc
import JSONText
import TestSupport

/// Gives the batches that it was made with, a pause before each, and then ends.
final class BatchInput: MeasuredInput {
  let schema: Schema
  let isBounded = false
  let consumedCount: Int64 = 0
  let byteCount: Int64? = nil
  let malformedCount: Int64 = 0
  private var batches: [Batch]
  private var hasPaused = false

  init(_ schema: Schema, _ batches: [Batch] = []) {
    self.schema = schema
    self.batches = batches
  }

  func next(until deadline: Deadline) -> InputEvent {
    guard let first = batches.first else { return .end(isComplete: false) }
    hasPaused.toggle()
    if hasPaused { return .nothingYet(idleSince: 0) }
    batches.removeFirst()
    return .rows(first, byteCount: 1)
  }
}

/// A run of a source, as far as its log is concerned.
final class WALRun {
  let log: WriteAheadLog
  let input: ReceivedInput
  let journal: WALJournal
  /// What the intents say, by epoch.
  private(set) var intents: [JSON] = []
  private(set) var firstEpoch: Int64

  init(
    _ path: String, _ schema: Schema, behind intents: [JSON] = [], batches: [Batch] = [],
    segmentByteCountMax: Int64 = WriteAheadLog.segmentByteCountMax
  ) throws {
    log = try WriteAheadLog(path, segmentByteCountMax: segmentByteCountMax)
    input = ReceivedInput(BatchInput(schema, batches))
    journal = WALJournal(log, of: input)
    firstEpoch = Int64(intents.count) + 1
    self.intents = intents
  }

  var nextEpoch: SourceEpoch {
    SourceEpoch(number: Int64(intents.count) + 1, time: Int64(intents.count) * 1000)
  }

  func take(_ batch: Batch) throws { try journal.take(batch, in: nextEpoch) }

  func close() throws { intents.append(try journal.close(nextEpoch)) }

  /// What the log has left of the rows behind the last intent.
  func recover() throws -> [WriteAheadLog.Orphans] {
    let history = try WALHistory(nil, of: log)
    for intent in intents { try history.advance(past: intent) }
    return try log.recover(behind: history)
  }

  /// The rows of an epoch that is made again.
  func replayed(_ input: JSON) throws -> [[Value]] {
    let rows = try allRows(of: try journal.replay(input))
    _ = try journal.close(nextEpoch)
    return rows
  }
}

func allRows(of input: any RowInput) throws -> [[Value]] {
  var rows: [[Value]] = []
  while case .rows(let batch, _, _) = try input.next(until: .never) { rows += batch.rows }
  return rows
}

extension Batch {
  var rows: [[Value]] { (0..<rowCount).map { row($0) } }
}

/// Rows of every type.
func randomBatch(_ count: Int, seed: UInt64) -> Batch {
  let fields = someTypes.enumerated().map { Field("c\($0.offset)", $0.element) }
  let columns = fields.enumerated().map {
    Column(
      $0.element.type,
      values: randomValues($0.element.type, count: count, seed: seed + UInt64($0.offset)))
  }
  return Batch(schema: Schema(fields), columns: columns, rowCount: count)
}

func numbers(_ range: Range<Int64>) -> Batch {
  rows(range.map { ($0, "row \($0)") })
}

extension TemporaryDirectory {
  func bytes(_ name: String) -> [UInt8] {
    let descriptor = unsafe open(at(name), O_RDONLY)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
    let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, count)))
  }
}
