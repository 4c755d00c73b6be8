internal import Columnar
internal import Diagnostics
internal import Formats

/// Finds out what the records of an input hold.
struct SchemaSampler {
  /// What had to be opened for it, to be read later.
  private(set) var opened: [RecordReader] = []
  private let queue: OpeningQueue
  private let plan: InputPlan
  private let open: (FileSegment?) throws(StreamError) -> RecordReader

  /// Types are inferred from at most so much of the first file that is not empty.
  static let sampleBytesMax = 1 << 20

  init(
    _ queue: OpeningQueue, plan: InputPlan,
    open: @escaping (FileSegment?) throws(StreamError) -> RecordReader
  ) {
    self.queue = queue
    self.plan = plan
    self.open = open
  }

  /// What `--schema` says, what earlier runs read, or else what the first records look like; no
  /// columns when there are none.
  mutating func recordSchema() throws(StreamError) -> Schema {
    if let schema = plan.options.schema ?? plan.keptSchema { return schema }
    if plan.format == .text { return TextParser.recordSchema }
    while case .item(let segment) = try queue.next(until: .never) {
      let reader = try open(segment)
      opened.append(reader)
      do throws(StreamError) {
        if let schema = try plan.inferRecord(from: reader.blocks, options: reader.options) {
          return schema
        }
      } catch {
        throw error.located(in: reader.name)
      }
    }
    return Schema([])
  }

}

extension InputPlan {
  /// What the first records of an input look like.
  ///
  /// - Parameter options: adapted to it.
  /// - Returns: nil for one without records.
  func inferRecord(
    from reader: BlockReader, options: ReadOptions
  ) throws(StreamError) -> Schema? {
    var header: CSVHeader?
    if hasHeaders {
      let read = try reader.header(
        until: .never, delimiter: options.delimiter, limits: limits)
      guard case .item(let found) = read else { return nil }
      header = found
    }
    let sample = try firstRecords(of: reader, behind: header?.byteCount ?? 0)
    let start = header?.byteCount ?? byteOrderMarkLength(sample.bytes)
    let bytes = sample.bytes[start..<sample.bytes.count]
    if header == nil, bytes.count == 0 { return nil }
    return try inferSchema(
      format, options, sample: bytes, isWhole: sample.isWhole, header: header)
  }

  /// Looks at the first records; waits for one at least, since a guess without any would bind all
  /// that follow.
  private func firstRecords(
    of reader: BlockReader, behind start: Int
  ) throws(StreamError) -> Peek {
    var wanted = max(SchemaSampler.sampleBytesMax, start + 1)
    while true {
      let peek = try reader.peek(wanted, patience: limits.linger)
      let records = peek.bytes[min(start, peek.bytes.count)..<peek.bytes.count]
      let hasRecord = records.elements.contains(0x0A)
      if hasRecord || peek.isWhole || reader.isStopped { return peek }
      guard peek.bytes.count < limits.recordBytesMax else { return peek }
      wanted = max(wanted, peek.bytes.count * 2)
    }
  }
}

extension BlockReader {
  /// The header that the input begins with. It stays there.
  ///
  /// - Returns: `end` when the input has none.
  func header(
    until deadline: Deadline, delimiter: UInt8, limits: BlockLimits
  ) throws(StreamError) -> Supply<CSVHeader> {
    var wanted = limits.firstBytes
    while true {
      let peek = try peek(wanted, until: deadline, patience: 0)
      if let header = try CSVHeader.read(
        from: peek.bytes, isLast: peek.isWhole, delimiter: delimiter)
      {
        return .item(header)
      }
      if peek.isWhole || isStopped { return .end }
      if peek.bytes.count < wanted, deadline != .never {
        return .nothingYet(idleSince: peek.emptySince)
      }
      guard peek.bytes.count < limits.recordBytesMax else {
        throw StreamError(
          .data, "no end of the header within \(limits.recordBytesMax >> 20) MiB")
      }
      wanted = max(wanted, peek.bytes.count * 2)
    }
  }
}
