internal import Columnar
internal import Diagnostics
internal import Scalars

/// The types of CSV columns, by the fields of the first records. Malformed records do not count; a
/// column of nothing but nulls is a string.
func inferCSVSchema(
  _ options: ReadOptions, sample: Buffer<UInt8>, isWhole: Bool, header: CSVHeader?
) throws(StreamError) -> Schema {
  let records = sampledRecords(sample, isWhole: isWhole, delimiter: options.delimiter)
  let names: [String]
  if let header {
    names = header.names
  } else {
    let first = try CSVHeader.read(from: records, isLast: true, delimiter: options.delimiter)
    guard let first else {
      throw StreamError(
        .data, "no record to infer the columns from", hint: "--schema 'id bigint, name string'")
    }
    names = CSVHeader.positionalNames(first.names.count)
  }
  var plain = ReadOptions()
  plain.delimiter = options.delimiter
  plain.nullText = options.nullText
  let parser = try CSVParser(plain, schema: Schema(names.map { Field($0, .string) }))
  let batch = parser.parse(RecordBlock(bytes: records, isLast: isWhole)).batch
  let pattern = try options.timestampPattern()
  let rows = min(batch.rowCount, inferenceRecordCount)
  return Schema(
    zip(names, batch.columns).map { Field($0, inferredType(of: $1[0..<rows], pattern)) })
}

/// The whole records of a sample; if it has none, all of it.
private func sampledRecords(
  _ sample: Buffer<UInt8>, isWhole: Bool, delimiter: UInt8
) -> Buffer<UInt8> {
  if isWhole { return sample }
  let length = prefixOfWholeRecords(sample, delimiter: delimiter)
  return length > 0 ? sample[0..<length] : sample
}

/// - Parameter pattern: how timestamps are written; nil for the usual forms.
private func inferredType(of column: Column, _ pattern: DateTimePattern?) -> DataType {
  guard case .bytes(let strings) = column.storage else { return column.type }
  var type = DataType.void
  for row in 0..<column.count where !column.isNull(row) {
    let text = strings[row]
    let isTimestamp = pattern.map { (try? $0.parseTimestamp(text)) != nil } ?? false
    type = type.merged(with: isTimestamp ? .timestamp : inferredType(of: text))
    if type == .string { return .string }
  }
  return type == .void ? .string : type
}
