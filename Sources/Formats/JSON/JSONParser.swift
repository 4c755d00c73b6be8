package import Columnar
package import Diagnostics
internal import Scalars

/// What of ``ReadOptions`` counts while a block is parsed.
struct JSONOptions: Sendable {
  var zone: TimeZone
  var timestampPattern: DateTimePattern?
  var hasCorruptColumn: Bool
  var wantsRowOffsets: Bool
  /// Whether a field that the plan does not know makes a record malformed.
  var refusesNewFields = false
}

/// Parses JSON records: one object a line, empty lines between them allowed.
///
/// Only what is wanted becomes values; the rest is checked to be well-formed JSON and skipped. A
/// missing field is null; of equal keys in an object the last counts. A string column takes any
/// value: what is no string as its JSON text. A value that its type cannot hold makes the record
/// malformed.
package struct JSONParser: RecordParser {
  package let schema: Schema
  private let plan: JSONPlan
  private let options: JSONOptions
  /// Of a row.
  private let cellCount: Int

  /// - Parameter record: what a record holds; `options.columns` choose from it.
  /// - Throws: a usage error when the schema has a type that JSON has not, or a column is not there.
  package init(_ options: ReadOptions, schema record: Schema) throws(StreamError) {
    schema = try options.outputSchema(from: record)
    cellCount = schema.fields.reduce(0) { $0 + $1.type.cellCount }
    plan = try JSONPlan(record: record, columns: options.selection(from: record))
    self.options = JSONOptions(
      zone: options.zone, timestampPattern: try options.timestampPattern(),
      hasCorruptColumn: options.corruptColumn != nil,
      wantsRowOffsets: options.wantsRowOffsets)
  }

  package func wholeRecords(in bytes: Buffer<UInt8>) -> Int {
    // No string of JSON holds a line feed, so each one ends a record.
    prefixOfWholeLines(bytes)
  }

  /// A record of three bytes takes a cell of every column.
  package var blockBytesMax: Int { max(1, JSONParser.cellsMax * 3 / max(1, cellCount)) }

  private static let cellsMax = 32 << 20

  package func parse(_ block: RecordBlock) -> ParsedBlock {
    guard block.bytes.count < Int32.max else { return tooLong(block) }
    let bytes = block.bytes
    let isClosed = bytes.count == 0 || bytes[bytes.count - 1] == 0x0A
    let text = isClosed ? bytes : bytes.appendingLineFeed()
    var reader = JSONBlockReader(plan, options)
    var records = JSONRecords(text: text)
    records.read(with: &reader)
    return ParsedBlock(
      batch: records.batch(of: &reader, schema),
      rowOffsets: options.wantsRowOffsets ? records.rowOffsets.take() : nil,
      lineCount: isClosed ? records.lineCount : records.lineCount - 1,
      malformed: records.malformed, newFields: reader.newFields.sorted())
  }

  /// Offsets into the text of a block have 32 bits.
  private func tooLong(_ block: RecordBlock) -> ParsedBlock {
    let record = MalformedRecord(
      line: 0, column: 1, message: "a record of more than \(Int32.max) bytes",
      bytes: block.bytes[0..<1024].elements)
    return ParsedBlock(
      batch: Batch(empty: schema), rowOffsets: options.wantsRowOffsets ? Buffer() : nil,
      lineCount: block.bytes.elements.count { $0 == 0x0A }, malformed: [record])
  }
}

extension DataType {
  /// How many values stand for one that may be null.
  fileprivate var cellCount: Int {
    switch self {
    case .structure(let fields): fields.reduce(1) { $0 + $1.type.cellCount }
    default: 1
    }
  }
}

extension Buffer<UInt8> {
  fileprivate func appendingLineFeed() -> Buffer<UInt8> {
    var closed = MutableBuffer<UInt8>(capacity: count + 1)
    closed.append(contentsOf: span)
    closed.append(0x0A)
    return closed.take()
  }
}
