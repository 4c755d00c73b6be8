internal import Columnar
internal import Diagnostics
internal import Formats

/// Makes the parsers of the files of one input: all of them give the same columns.
struct ParserFactory {
  private let plan: InputPlan
  /// What a record holds, given or inferred from the first file.
  private let record: Schema
  /// The columns of each parser's batches.
  let output: Schema
  private let notices: Notices
  private var firstHeader: (file: String, header: CSVHeader)?
  private var hasToldMissing = false
  private var hasToldExtra = false

  init(_ plan: InputPlan, record: Schema, notices: Notices) throws(StreamError) {
    self.plan = plan
    self.record = record
    self.notices = notices
    output = try plan.options.outputSchema(from: record)
  }

  /// The parser of a file.
  ///
  /// Columns go by name where there is a header: one that the first file has and this one lacks is
  /// null, one that the first file lacks is left out. The first file is that of the first run.
  ///
  /// - Parameters:
  ///   - options: the plan's, adapted to the file.
  ///   - header: the file's own; nil where the format or the options have none.
  mutating func parser(
    of file: String, _ options: ReadOptions, header: CSVHeader?
  ) throws(StreamError) -> any RecordParser {
    guard let header else {
      return try makeParser(plan.format, options, schema: record)
    }
    if firstHeader == nil, !plan.followsEarlierFiles {
      firstHeader = (file, header)
      tellOtherDelimiter(in: file, header)
      return try makeParser(plan.format, options, schema: record, header: header)
    }
    if header.names != firstHeader?.header.names { tellExtra(in: file, header) }
    let selection = try options.selection(from: record)
    let names = Schema(header.names.map { Field($0, .string) })
    let missing = selection.filter { names.index(of: $0.path.head) == nil }
    if missing.isEmpty {
      return try makeParser(plan.format, options, schema: record, header: header)
    }
    tellMissing(missing, in: file)
    return try filling(missing, of: selection, options, header: header)
  }

  private func filling(
    _ missing: [SelectedColumn], of selection: [SelectedColumn], _ options: ReadOptions,
    header: CSVHeader
  ) throws(StreamError) -> any RecordParser {
    var options = options
    let present = selection.filter { !missing.contains($0) }
    options.columns = present.map { ColumnSelection($0.path, as: $0.field.name) }
    let parser = try makeParser(plan.format, options, schema: record, header: header)
    return NullFillingParser(parser, schema: output)
  }

  private mutating func tellMissing(_ missing: [SelectedColumn], in file: String) {
    if hasToldMissing { return }
    hasToldMissing = true
    notices.warn("'\(file)' has no column '\(missing[0].path.head)': it is null in its rows", nil)
  }

  /// One column whose name could be several is a file with another delimiter.
  private func tellOtherDelimiter(in file: String, _ header: CSVHeader) {
    guard !plan.hasDelimiter, header.names.count == 1,
      let delimiter = [";", "\t", "|"].first(where: { header.names[0].contains($0) })
    else { return }
    let option = delimiter == "\t" ? "\\t" : String(delimiter)
    notices.warn(
      "\(file): it has a single column, '\(header.names[0])'", "--delimiter '\(option)'")
  }

  private mutating func tellExtra(in file: String, _ header: CSVHeader) {
    guard !hasToldExtra, plan.options.columns == nil else { return }
    guard let extra = header.names.first(where: { record.index(of: $0) == nil }) else { return }
    hasToldExtra = true
    let others = firstHeader.map { "'\($0.file)' has not" } ?? "earlier files had not"
    notices.warn("'\(file)' has a column '\(extra)' that \(others): it is left out", nil)
  }
}

/// Gives the columns that a file lacks as nulls.
struct NullFillingParser: RecordParser {
  private let parser: any RecordParser
  let schema: Schema
  /// For each column where it is in the parser's batch.
  private let places: [Int?]

  init(_ parser: any RecordParser, schema: Schema) {
    self.parser = parser
    self.schema = schema
    places = schema.fields.map { parser.schema.fields.firstIndex(of: $0) }
  }

  func wholeRecords(in bytes: Buffer<UInt8>) -> Int { parser.wholeRecords(in: bytes) }

  var blockBytesMax: Int { parser.blockBytesMax }

  func parse(_ block: RecordBlock) -> ParsedBlock {
    var parsed = parser.parse(block)
    let batch = parsed.batch
    let columns = zip(places, schema.fields).map { place, field in
      place.map { batch.columns[$0] } ?? Column.nulls(field.type, count: batch.rowCount)
    }
    parsed.batch = Batch(schema: schema, columns: columns, rowCount: batch.rowCount)
    return parsed
  }
}
