package import Columnar
package import Diagnostics

/// How records are to be written; what the formats share.
package struct WriteOptions: Sendable {
  /// CSV: what stands between two fields.
  package var delimiter = UInt8(ascii: ",")
  /// CSV: whether the names of the columns come first.
  package var hasHeader = true
  /// CSV: what stands for null.
  package var nullText = ""

  package init() {}
}

/// The parser for a file of records.
///
/// - Parameters:
///   - schema: what a record holds, given or inferred; `options.columns` choose from it.
///   - header: CSV with a header: the header of this very file, since files may order their
///     columns differently.
/// - Throws: a usage error when the format cannot hold the schema, or a column is not there.
package func makeParser(
  _ format: Format, _ options: ReadOptions, schema: Schema, header: CSVHeader? = nil
) throws(StreamError) -> any RecordParser {
  switch format {
  case .text: return try TextParser(options, schema: schema)
  case .csv: return try CSVParser(options, schema: schema, header: header)
  case .json: return try JSONParser(options, schema: schema)
  case .arrow, .parquet:
    throw StreamError(.internal, "\(format.rawValue) is read as batches, not as records")
  }
}

/// The writer for a stream of records.
package func makeWriter(
  _ format: Format, _ options: WriteOptions
) throws(StreamError) -> any RecordWriter {
  switch format {
  case .text: return TextWriter()
  case .csv: return CSVWriter(options)
  case .json: return JSONWriter()
  case .arrow, .parquet:
    throw StreamError(.internal, "\(format.rawValue) is written as batches, not as records")
  }
}
