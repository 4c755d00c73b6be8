internal import Columnar
internal import Diagnostics
internal import Formats

/// The records of one connection: a stream of its own.
final class SocketConnection {
  enum Step {
    case parsed(ParsedBlock, CutBlock)
    case nothingYet
    case end
  }

  /// Of the peer, for messages and `_file`.
  let name: String
  let bytes: SocketBytes
  let reader: BlockReader
  /// Whether there may be something to be read.
  var isReady = true
  /// Lines of records so far.
  var lineCount: Int64 = 0
  /// How much of it the input has counted.
  var countedBytes: Int64 = 0
  private let plan: InputPlan
  private var parser: (any RecordParser)?
  private var isOver = false

  init(
    _ descriptor: Int32, name: String, plan: InputPlan, stop: StopSignal, pool: BlockPool
  ) throws(StreamError) {
    self.name = name
    self.plan = plan
    bytes = SocketBytes(descriptor, stop: stop)
    var input: any ByteInput = bytes
    if let decoder = plan.encoding.makeDecoder(name: name) {
      input = DecodedInput(bytes, decoder)
    }
    reader = BlockReader(input, limits: plan.limits, stop: stop, pool: pool) { _ in 0 }
  }

  /// The next records that have come.
  func step(_ parsers: inout ParserFactory) throws(StreamError) -> Step {
    if isOver { return .end }
    if parser == nil { try begin(&parsers) }
    guard let parser else { return isOver ? .end : .nothingYet }
    switch try reader.next(until: .now) {
    case .item(let block): return parse(block, parser)
    case .nothingYet: return .nothingYet
    case .end: return .end
    }
  }

  /// Makes the parser, as soon as the header has come, if there is one.
  private func begin(_ parsers: inout ParserFactory) throws(StreamError) {
    var header: CSVHeader?
    if plan.format == .csv, plan.options.hasHeader {
      switch try reader.header(
        until: .now, delimiter: plan.options.delimiter, limits: plan.limits)
      {
      case .item(let read):
        header = read
        reader.skip(read.byteCount)
        lineCount = Int64(read.lineCount)
      case .nothingYet: return
      case .end:
        isOver = true
        return
      }
    }
    let made = try parsers.parser(of: name, plan.options, header: header)
    reader.cutBlocks(for: made)
    parser = made
  }

  private func parse(_ block: CutBlock, _ parser: any RecordParser) -> Step {
    let mark = block.offset == 0 ? byteOrderMarkLength(block.bytes) : 0
    let bytes = block.bytes[mark..<block.bytes.count]
    let offset = block.offset + Int64(mark)
    // What the end of the connection has cut off is no record: its sender had more to say.
    let count = block.isLast ? parser.wholeRecords(in: bytes) : bytes.count
    var parsed = parser.parse(RecordBlock(bytes: bytes[0..<count], isLast: false))
    if count < bytes.count {
      append(cutOff: bytes[count..<bytes.count], at: count, to: &parsed)
    }
    if plan.wantsMetadata {
      parsed.batch = MetadataColumns(file: name).appended(
        to: parsed.batch, offsets: parsed.rowOffsets, blockOffset: offset)
    }
    return .parsed(parsed, block)
  }

  private func append(cutOff bytes: Buffer<UInt8>, at offset: Int, to parsed: inout ParsedBlock) {
    let record = bytes.elements
    parsed.malformed.append(
      MalformedRecord(
        line: parsed.lineCount, column: record.count + 1,
        message: "the connection ended within it", bytes: record))
    guard let name = plan.options.corruptColumn else { return }
    let schema = parsed.batch.schema
    let columns = schema.fields.map { field in
      field.name == name
        ? corruptColumn(rowCount: 1, [(0, record)]) : Column.nulls(field.type, count: 1)
    }
    let row = Batch(schema: schema, columns: columns, rowCount: 1)
    parsed.batch = Batch.concatenating([parsed.batch, row], schema: schema)
    parsed.rowOffsets = parsed.rowOffsets.map { Buffer($0.elements + [Int64(offset)]) }
  }
}
