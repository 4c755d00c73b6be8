import Columnar
import Formats
import Testing

/// What a parser made of a text, row by row.
struct JSONReading: Equatable {
  var rows: [[Value]] = []
  var offsets: [Int64] = []
  var malformed: [MalformedRecord] = []
  var lineCount = 0

  init() {}

  init(
    _ text: some Collection<UInt8>, _ schema: Schema, columns: String? = nil,
    corruptColumn: String? = nil
  ) throws {
    let parser = try jsonParser(schema, columns: columns, corruptColumn: corruptColumn)
    self.init(parser, [Array(text)])
  }

  /// The blocks one after the other, as a source would put them together.
  init(_ parser: JSONParser, _ blocks: [[UInt8]]) {
    var start: Int64 = 0
    for block in blocks {
      let parsed = parser.parse(RecordBlock(bytes: Buffer(block), isLast: false))
      rows += (0..<parsed.batch.rowCount).map { parsed.batch.row($0) }
      offsets += (parsed.rowOffsets?.elements ?? []).map { $0 + start }
      malformed += parsed.malformed.map { record in
        var record = record
        record.line += lineCount
        return record
      }
      lineCount += parsed.lineCount
      start += Int64(block.count)
    }
  }
}

func jsonParser(
  _ schema: Schema, columns: String? = nil, corruptColumn: String? = nil, rowOffsets: Bool = true
) throws -> JSONParser {
  var options = ReadOptions()
  options.columns = try columns.map { try ColumnSelection.parse($0) }
  options.corruptColumn = corruptColumn
  options.wantsRowOffsets = rowOffsets
  return try JSONParser(options, schema: schema)
}

/// The only value of the only record, read as that type; nil when it is malformed.
func jsonValue(_ text: String, _ type: DataType) throws -> Value? {
  let reading = try JSONReading("{\"x\":\(text)}\n".utf8, Schema([Field("x", type)]))
  #expect(reading.rows.count + reading.malformed.count == 1)
  return reading.rows.first?[0]
}
