internal import Columnar
internal import Diagnostics
internal import Formats

/// The reading side of an input: opens its files one after the other and cuts them into blocks.
///
/// Used by one thread at a time.
final class RecordFeed {
  /// What a record holds, given or inferred.
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
  private let stop: StopSignal
  private let pool: BlockPool
  private var parsers: ParserFactory
  /// The next one to be opened, and one that is open.
  private var nextFile = 0
  private var current: OpenFile?
  /// Files that were opened to look at.
  private var opened: [Int: BlockReader]
  private var consumedBefore: Int64 = 0

  private struct OpenFile {
    let name: String?
    let reader: BlockReader
    /// nil until its header was read.
    var parser: (any RecordParser)?
    var options: ReadOptions
    var isAtStart = true
  }

  /// Opens what it needs to know the schema, and waits for it.
  init(
    _ opener: InputOpener, plan: InputPlan, stop: StopSignal, notices: Notices
  ) throws(StreamError) {
    var plan = plan
    plan.options.wantsRowOffsets = plan.wantsMetadata
    self.plan = plan
    self.opener = opener
    self.stop = stop
    pool = BlockPool(byteCount: plan.limits.fullBytes, countMax: plan.threadCount + 4)
    var sampler = SchemaSampler(opener, plan: plan, pool: pool)
    let record = try sampler.recordSchema()
    self.record = record
    opened = sampler.opened
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
        guard try openNext() else { return .end }
        continue
      }
      do throws(StreamError) {
        if let parser = file.parser {
          return try nextBlock(of: file, parser, until: deadline)
        }
        if let supply = try begin(file, until: deadline) { return supply }
      } catch {
        throw error.located(in: file.name)
      }
    }
  }

  private func openNext() throws(StreamError) -> Bool {
    if stop.isRequested, nextFile > 0 || opener.isFiles {
      isStopped = true
      return false
    }
    guard nextFile < opener.count else { return false }
    let index = nextFile
    nextFile += 1
    let reader: BlockReader
    if let seen = opened.removeValue(forKey: index) {
      reader = seen
    } else {
      reader = try opener.open(index, plan, pool: pool)
    }
    current = OpenFile(
      name: opener.name(index), reader: reader, options: opener.options(index, plan))
    return true
  }
}

// MARK: - Blocks

extension RecordFeed {
  private func nextBlock(
    of file: OpenFile, _ parser: any RecordParser, until deadline: Deadline
  ) throws(StreamError) -> Supply<FeedItem> {
    switch try file.reader.next(until: deadline) {
    case .item(let block):
      isBusy = file.reader.isBusy
      let metadata = plan.wantsMetadata ? MetadataColumns(file: file.name) : nil
      return .item(
        .block(
          FeedBlock(
            block: withoutMark(block, file), parser: parser, metadata: metadata,
            consumedCount: consumedBefore + file.reader.consumedCount)))
    case .nothingYet(let since): return .nothingYet(idleSince: since)
    case .end:
      consumedBefore += file.reader.consumedCount
      current = nil
      guard file.reader.isStopped else { return .item(.end) }
      isStopped = true
      unfinishedCount = file.reader.unfinishedCount
      nextFile = opener.count
      return .end
    }
  }

  /// A byte order mark is not part of the first record.
  private func withoutMark(_ block: CutBlock, _ file: OpenFile) -> CutBlock {
    guard block.offset == 0 else { return block }
    let length = byteOrderMarkLength(block.bytes)
    if length == 0 { return block }
    return CutBlock(
      bytes: block.bytes[length..<block.bytes.count], offset: Int64(length), isLast: block.isLast)
  }

  /// Reads the header, if there is one, and makes the parser.
  ///
  /// - Returns: nil when the file turned out to have no record.
  private func begin(
    _ file: OpenFile, until deadline: Deadline
  ) throws(StreamError) -> Supply<FeedItem>? {
    var file = file
    var header: CSVHeader?
    if plan.format == .csv, plan.options.hasHeader {
      switch try file.reader.header(
        until: deadline, delimiter: file.options.delimiter, limits: plan.limits)
      {
      case .item(let read):
        header = read
        file.reader.skip(read.byteCount)
      case .nothingYet(let since): return .nothingYet(idleSince: since)
      // A parser is needed to end the file in the usual way; there is nothing to parse.
      case .end: file.parser = NoRecordParser(schema: output)
      }
    }
    if file.parser == nil {
      file.parser = try parsers.parser(
        of: file.name ?? standardInputName, file.options, header: header)
    }
    if let parser = file.parser { file.reader.wholeRecords = parser.wholeRecords(in:) }
    current = file
    return .item(.start(name: file.name, lineCount: header?.lineCount ?? 0))
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
