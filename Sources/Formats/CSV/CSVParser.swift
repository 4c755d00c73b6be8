package import Columnar
package import Diagnostics
internal import Scalars

/// Reads CSV (RFC 4180), with line ends LF or CR LF.
///
/// - A double quote is special where a field begins. Inside quotes it is doubled, and delimiters
///   and line ends are text; behind the closing one the field ends. Anywhere else it is text.
/// - An empty field is null; a quoted empty one is the empty string (null, where the column is no
///   string). Spaces are part of a field.
/// - A record of another number of fields than the file has is malformed, as is one with a field
///   that is asked for and is not of its column's type. An empty line is no record.
package struct CSVParser: RecordParser {
  package let schema: Schema
  let columns: [CSVColumn]
  let shape: CSVShape
  let nullText: [UInt8]?
  let zone: TimeZone
  let timestampPattern: DateTimePattern?
  let wantsRowOffsets: Bool

  /// - Parameters:
  ///   - record: the fields of a record, by name where there is a header, else by position.
  ///   - header: of the file that is to be read.
  /// - Throws: a usage error when a type cannot be read from CSV or a column is not in the schema;
  ///   a data error when it is not in the header and was not asked for by name.
  package init(
    _ options: ReadOptions, schema record: Schema, header: CSVHeader? = nil
  ) throws(StreamError) {
    let fields = record.fields.filter { $0.name != options.corruptColumn }
    schema = try options.outputSchema(from: record)
    let selection = try options.selection(from: record)
    let names = header.map { Schema($0.names.map { Field($0, .string) }) }
    var columns: [CSVColumn] = []
    for selected in selection {
      try refuseUnreadable(selected)
      let name = selected.path.head
      let position = names.map { $0.index(of: name) }
      guard let field = position ?? fields.firstIndex(where: { $0.name == name }) else {
        throw missing(name, header?.names ?? [], isDeclared: options.schema != nil)
      }
      columns.append(CSVColumn(field: field, name: name, type: selected.field.type))
    }
    self.columns = columns
    shape = CSVShape(
      delimiter: options.delimiter, fieldCount: header?.names.count ?? fields.count,
      keepsMalformed: options.corruptColumn != nil)
    guard shape.fieldCount > 0 else {
      throw StreamError(
        .usage, "the schema has no column", hint: "--schema 'id bigint, name string'")
    }
    nullText = options.nullText.flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    zone = options.zone
    timestampPattern = try options.timestampPattern()
    wantsRowOffsets = options.wantsRowOffsets
  }

  package func wholeRecords(in bytes: Buffer<UInt8>) -> Int {
    prefixOfWholeRecords(bytes, delimiter: shape.delimiter)
  }

  package func parse(_ block: RecordBlock) -> ParsedBlock {
    let index = indexCSV(block.bytes, shape)
    let fields = CSVFields(
      bytes: block.bytes, index: index, fieldCount: shape.fieldCount, nullText: nullText)
    var reading = CSVReading(fields, zone: zone, timestampPattern)
    let columns = columns.map { reading.column($0) }
    let rowOffsets = wantsRowOffsets ? index.recordStarts : nil
    if index.flaws.isEmpty, reading.flaws.isEmpty {
      return ParsedBlock(
        batch: batch(columns, corrupt: nil, rowCount: index.recordCount), rowOffsets: rowOffsets,
        lineCount: index.lineCount)
    }
    return excluding(merge(index.flaws, reading.flaws), columns, fields, rowOffsets)
  }

  private func batch(_ columns: [Column], corrupt: Column?, rowCount: Int) -> Batch {
    var columns = columns
    if shape.keepsMalformed { columns.append(corrupt ?? .nulls(.string, count: rowCount)) }
    return Batch(schema: schema, columns: columns, rowCount: rowCount)
  }

  /// Takes malformed records out of the rows, or puts their text into the corrupt column.
  private func excluding(
    _ flaws: [CSVFlaw], _ columns: [Column], _ fields: CSVFields, _ rowOffsets: Buffer<Int64>?
  ) -> ParsedBlock {
    let malformed = malformedRecords(flaws, in: fields.bytes)
    let rowCount = fields.index.recordCount
    var parsed = ParsedBlock(
      batch: Batch(empty: schema), rowOffsets: rowOffsets, lineCount: fields.index.lineCount,
      malformed: malformed)
    if shape.keepsMalformed {
      let records = zip(flaws, malformed).compactMap { flaw, record in
        flaw.row.map { (row: $0, bytes: record.bytes) }
      }
      let corrupt = corruptColumn(rowCount: rowCount, records)
      parsed.batch = batch(columns, corrupt: corrupt, rowCount: rowCount)
      return parsed
    }
    let bad = Buffer(flaws.compactMap(\.row).map { Int32($0) })
    let kept = (~bitmap(of: bad, count: rowCount)).setIndices()
    parsed.batch = batch(columns, corrupt: nil, rowCount: rowCount).gathering(kept)
    parsed.rowOffsets = rowOffsets?.gathering(kept)
    return parsed
  }
}

/// A column that is asked for.
struct CSVColumn: Sendable {
  /// Its position in a record.
  let field: Int
  /// As the file calls it, for messages.
  let name: String
  let type: DataType
}

extension CSVIndex {
  /// Where each record begins.
  fileprivate var recordStarts: Buffer<Int64> {
    Buffer(count: recordCount) { output in
      for row in 0..<recordCount { output.append(Int64(ends[row * stride]) + 1) }
    }
  }
}

/// One flaw a record, in the order of the records: where several fields are bad, the first counts.
private func merge(_ structure: [CSVFlaw], _ fields: [CSVFlaw]) -> [CSVFlaw] {
  var merged: [CSVFlaw] = []
  let sorted = (structure + fields).sorted {
    ($0.record.lowerBound, $0.offset) < ($1.record.lowerBound, $1.offset)
  }
  for flaw in sorted where flaw.record.lowerBound != merged.last?.record.lowerBound {
    merged.append(flaw)
  }
  return merged
}

/// - Parameter flaws: in the order of their records.
private func malformedRecords(_ flaws: [CSVFlaw], in bytes: Buffer<UInt8>) -> [MalformedRecord] {
  var line = 0
  var counted = 0
  return flaws.map { flaw in
    line += count(of: lineFeed, in: bytes[counted..<flaw.record.lowerBound])
    counted = flaw.record.lowerBound
    var text = bytes[flaw.record]
    if text.count > 0, text[text.count - 1] == carriageReturn, flaw.record.upperBound < bytes.count
    {
      text = text[0..<text.count - 1]
    }
    return MalformedRecord(
      line: line, column: flaw.offset - flaw.record.lowerBound + 1, message: flaw.message,
      bytes: text.elements)
  }
}

private func refuseUnreadable(_ selected: SelectedColumn) throws(StreamError) {
  guard selected.path.steps.isEmpty else {
    throw StreamError(.usage, "no column '\(selected.path)': a CSV column has no parts")
  }
  switch selected.field.type {
  case .void, .dayTimeInterval, .yearMonthInterval, .array, .map, .structure:
    throw StreamError(
      .usage,
      "column '\(selected.path)' cannot be read from CSV as \(selected.field.type.phrase)",
      hint: "read it as a string and convert it behind, or use --format json")
  default: break
  }
}

private func missing(_ name: String, _ header: [String], isDeclared: Bool) -> StreamError {
  let suggestion = nearest(to: name, among: header).map { " (did you mean '\($0)'?)" } ?? ""
  return StreamError(
    isDeclared ? .usage : .data,
    "no column '\(name)' in the header\(suggestion); columns: \(header.joined(separator: ", "))")
}
