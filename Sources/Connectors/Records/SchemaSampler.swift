internal import Columnar
internal import Diagnostics
internal import Formats

/// Finds out what the records of an input hold.
struct SchemaSampler {
  /// What had to be opened for it, to be read later; by the file's number.
  private(set) var opened: [Int: BlockReader] = [:]
  private let opener: InputOpener
  private let plan: InputPlan
  private let pool: BlockPool

  /// Types are inferred from at most so much of the first file that is not empty.
  static let sampleBytesMax = 1 << 20

  init(_ opener: InputOpener, plan: InputPlan, pool: BlockPool) {
    self.pool = pool
    self.opener = opener
    self.plan = plan
  }

  /// What `--schema` says, else what the first records look like; no columns when there are none.
  mutating func recordSchema() throws(StreamError) -> Schema {
    if let schema = plan.options.schema { return schema }
    if plan.format == .text { return TextParser.recordSchema }
    for index in 0..<opener.count {
      let reader = try opener.open(index, plan, pool: pool)
      opened[index] = reader
      do throws(StreamError) {
        if let schema = try infer(from: reader, options: opener.options(index, plan)) {
          return schema
        }
      } catch {
        throw error.located(in: opener.name(index))
      }
    }
    return Schema([])
  }

  func infer(
    from reader: BlockReader, options: ReadOptions
  ) throws(StreamError) -> Schema? {
    var header: CSVHeader?
    if plan.format == .csv, options.hasHeader {
      let read = try reader.header(
        until: .never, delimiter: options.delimiter, limits: plan.limits)
      guard case .item(let found) = read else { return nil }
      header = found
    }
    let sample = try firstRecords(of: reader, behind: header?.byteCount ?? 0)
    let start = header?.byteCount ?? byteOrderMarkLength(sample.bytes)
    let bytes = sample.bytes[start..<sample.bytes.count]
    if header == nil, bytes.count == 0 { return nil }
    return try inferSchema(
      plan.format, options, sample: bytes, isWhole: sample.isWhole, header: header)
  }

  /// Looks at the first records; waits for one at least, since a guess without any would bind all
  /// that follow.
  private func firstRecords(
    of reader: BlockReader, behind start: Int
  ) throws(StreamError) -> Peek {
    var wanted = max(Self.sampleBytesMax, start + 1)
    while true {
      let peek = try reader.peek(wanted, patience: plan.limits.linger)
      let records = peek.bytes[min(start, peek.bytes.count)..<peek.bytes.count]
      let hasRecord = records.elements.contains(0x0A)
      if hasRecord || peek.isWhole || reader.isStopped { return peek }
      guard peek.bytes.count < plan.limits.recordBytesMax else { return peek }
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
