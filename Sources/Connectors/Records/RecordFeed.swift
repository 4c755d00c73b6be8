internal import Columnar
internal import Diagnostics
internal import Formats

/// The reading side of an input: opens its files one after the other and cuts them into blocks.
///
/// Used by one thread at a time.
final class RecordFeed {
  /// What a record holds.
  let record: Schema
  /// What comes out of the parsers, without metadata.
  let output: Schema
  /// Why the feed ended before the input did: it was told to stop.
  private(set) var isStopped = false
  /// Bytes of a record that was not yet complete then.
  private(set) var unfinishedCount = 0
  /// Whether the input gives more than can be taken at once.
  private(set) var isBusy = false

  private let plan: InputPlan
  private let opener: InputOpener
  private let queue: OpeningQueue
  private let stop: StopSignal
  private let pool: BlockPool
  private let needsPlaces: Bool
  private var parsers: ParserFactory
  private var current: OpenFile?
  /// Files that were opened to look at, the last one first.
  private var opened: [RecordReader]
  private var openedCount = 0
  private var consumedBefore: Int64 = 0

  private struct OpenFile {
    let number: Int
    var reader: RecordReader
    /// nil until its header was read.
    var parser: (any RecordParser)?
  }

  /// Opens what it needs to know the schema, and waits for it.
  ///
  /// - Parameter needsPlaces: somebody keeps account of where the rows are.
  init(
    _ opener: InputOpener, plan: InputPlan, stop: StopSignal, notices: Notices, needsPlaces: Bool
  ) throws(StreamError) {
    var plan = plan
    plan.options.wantsRowOffsets = plan.wantsMetadata || (needsPlaces && plan.isCutByRows)
    self.plan = plan
    self.opener = opener
    self.stop = stop
    self.needsPlaces = needsPlaces
    let pool = BlockPool(byteCount: plan.limits.fullBytes, countMax: plan.threadCount + 4)
    self.pool = pool
    let queue = opener.makeQueue()
    self.queue = queue
    let checked = plan
    var sampler = SchemaSampler(queue, plan: plan) { segment throws(StreamError) in
      try RecordReader(
        segment, opener, checked, stop: stop, pool: pool, needsPlaces: needsPlaces)
    }
    record = try sampler.recordSchema()
    opened = sampler.opened.reversed()
    if record.fields.isEmpty, !stop.isRequested {
      notices.warn(
        "the input is empty, so that its columns are not known",
        "--schema 'id bigint, name string'")
    }
    parsers = try ParserFactory(plan, record: record, notices: notices)
    output = parsers.output
    if plan.wantsMetadata { try MetadataColumns.refuseTakenNames(in: output) }
  }

  /// What comes next in the input.
  func next(until deadline: Deadline) throws(StreamError) -> Supply<FeedItem> {
    while true {
      guard let file = current else {
        switch try openNext(until: deadline) {
        case .item(let file): current = file
        case .nothingYet(let since): return .nothingYet(idleSince: since)
        case .end: return .end
        }
        continue
      }
      do throws(StreamError) {
        if let parser = file.parser {
          if let supply = try nextBlock(of: file, parser, until: deadline) { return supply }
        } else {
          return try begin(file, until: deadline)
        }
      } catch {
        throw error.located(in: file.reader.name)
      }
    }
  }

  private func openNext(until deadline: Deadline) throws(StreamError) -> Supply<OpenFile> {
    if stop.isRequested, openedCount > 0 || opener.isFiles {
      isStopped = true
      return .end
    }
    let reader: RecordReader
    if let seen = opened.popLast() {
      reader = seen
    } else {
      switch try queue.next(until: deadline) {
      case .item(let segment):
        reader = try RecordReader(
          segment, opener, plan, stop: stop, pool: pool, needsPlaces: needsPlaces)
      case .nothingYet(let since):
        isBusy = false
        return .nothingYet(idleSince: since)
      case .end: return .end
      }
    }
    openedCount += 1
    return .item(OpenFile(number: openedCount - 1, reader: reader))
  }
}

// MARK: - Blocks

extension RecordFeed {
  /// - Returns: nil when the part of a file ended that is not the file's end.
  private func nextBlock(
    of file: OpenFile, _ parser: any RecordParser, until deadline: Deadline
  ) throws(StreamError) -> Supply<FeedItem>? {
    let blocks = file.reader.blocks
    switch try blocks.next(until: deadline) {
    case .item(let block):
      isBusy = blocks.isBusy
      let metadata = plan.wantsMetadata ? MetadataColumns(file: file.reader.name) : nil
      return .item(
        .block(
          FeedBlock(
            block: withoutMark(block), number: file.number, parser: parser, metadata: metadata,
            consumedCount: consumedBefore + blocks.consumedCount)))
    case .nothingYet(let since): return .nothingYet(idleSince: since)
    case .end:
      consumedBefore += blocks.consumedCount
      current = nil
      if blocks.isStopped {
        isStopped = true
        unfinishedCount = blocks.unfinishedCount
        return .end
      }
      if let segment = file.reader.segment, !segment.endsFile { return nil }
      return .item(.end(number: file.number))
    }
  }

  /// A byte order mark is not part of the first record.
  private func withoutMark(_ block: CutBlock) -> CutBlock {
    guard block.offset == 0 else { return block }
    let length = byteOrderMarkLength(block.bytes)
    if length == 0 { return block }
    return CutBlock(
      bytes: block.bytes[length..<block.bytes.count], offset: Int64(length), isLast: block.isLast)
  }

  /// Reads the header, if there is one, and makes the parser.
  private func begin(
    _ file: OpenFile, until deadline: Deadline
  ) throws(StreamError) -> Supply<FeedItem> {
    var file = file
    var header: FileHeader?
    if plan.hasHeaders {
      switch try file.reader.takeHeader(until: deadline) {
      case .item(let read): header = read
      case .nothingYet(let since): return .nothingYet(idleSince: since)
      // A parser is needed to end the file in the usual way; there is nothing to parse.
      case .end: file.parser = NoRecordParser(schema: output)
      }
    }
    let parser = try parser(of: file, header?.header)
    file.parser = parser
    file.reader.blocks.cutBlocks(for: parser)
    current = file
    let segment = file.reader.segment
    let isAtStart = segment?.start ?? 0 == 0
    let lineCount =
      isAtStart ? Int64(header?.header.lineCount ?? 0) : segment?.lineCount ?? 0
    let start = segment.map {
      FileStart(
        number: file.number, segment: $0, position: header?.position ?? $0.start,
        lineCount: lineCount, headerSum: header?.sum, isDecoded: file.reader.isDecoded)
    }
    return .item(.start(start, lineCount: lineCount))
  }
}

extension RecordFeed {
  private func parser(
    of file: OpenFile, _ header: CSVHeader?
  ) throws(StreamError) -> any RecordParser {
    if let parser = file.parser { return parser }
    return try parsers.parser(
      of: file.reader.name ?? standardInputName, file.reader.options, header: header)
  }
}

/// For a file without any record.
private struct NoRecordParser: RecordParser {
  let schema: Schema

  func wholeRecords(in bytes: Buffer<UInt8>) -> Int { bytes.count }

  func parse(_ block: RecordBlock) -> ParsedBlock {
    ParsedBlock(batch: Batch(empty: schema), lineCount: 0)
  }
}

/// What messages call it.
let standardInputName = "standard input"

extension StreamError {
  /// The same error, with the file in front of its place.
  func located(in file: String?) -> StreamError {
    var error = self
    let name = file ?? standardInputName
    if error.message.contains("'\(name)'") || location?.hasPrefix(name) == true { return error }
    error.location = location.map { "\(name):\($0)" } ?? name
    return error
  }
}
