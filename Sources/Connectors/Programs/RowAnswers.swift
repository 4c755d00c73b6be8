internal import ArrowIPC
package import Columnar
package import Diagnostics
package import Formats
internal import Glibc

/// Makes rows of what a program writes in an epoch.
package protocol RowAnswers: AnyObject {
  func take(_ bytes: Span<UInt8>, emit: (Batch) throws -> Void) throws

  /// The program has written all; the next bytes are those of another epoch.
  func end(emit: (Batch) throws -> Void) throws
}

/// What is wrong with what a program has written.
package struct RowAnswerFault: Error, Equatable {
  /// From 1; nil where it has no lines.
  package let line: Int?
  package let message: String
  /// The record, for people; empty where there is none.
  package let text: String
}

/// Records of text, CSV or JSON.
package final class RecordAnswers: RowAnswers {
  private let format: Format
  private let options: ReadOptions
  private let schema: Schema
  /// nil as long as the header of a CSV output is expected.
  private var parser: (any RecordParser)?
  private var bytes = MutableBuffer<UInt8>()
  private var lineCount = 0

  private let pieceBytes: Int
  /// A longer record is refused.
  static let recordBytesMax = 64 << 20

  /// - Parameters:
  ///   - schema: of the records, and of the rows.
  ///   - pieceBytes: so much is parsed at once, or more where records are longer.
  /// - Throws: a usage error when the format cannot hold the schema.
  package init(
    _ format: Format, _ options: ReadOptions, schema: Schema, pieceBytes: Int = 256 << 10
  ) throws(StreamError) {
    self.pieceBytes = pieceBytes
    self.format = format
    self.options = options
    self.schema = schema
    // Checked here even if each output has a header of its own.
    let parser = try makeParser(format, options, schema: schema)
    self.parser = hasHeader ? nil : parser
  }

  private var hasHeader: Bool { format == .csv && options.hasHeader }

  package func take(_ added: Span<UInt8>, emit: (Batch) throws -> Void) throws {
    bytes.append(contentsOf: added)
    if bytes.count >= pieceBytes { try parse(isLast: false, emit) }
  }

  package func end(emit: (Batch) throws -> Void) throws {
    try parse(isLast: true, emit)
    lineCount = 0
    if hasHeader { parser = nil }
  }

  private func parse(isLast: Bool, _ emit: (Batch) throws -> Void) throws {
    var text = bytes.take()
    guard let parser = try parser ?? readHeader(of: &text, isLast) else { return try keep(text) }
    self.parser = parser
    let length = isLast ? text.count : parser.wholeRecords(in: text)
    try keep(text[length..<text.count])
    guard length > 0 else { return }
    let parsed = parser.parse(RecordBlock(bytes: text[0..<length], isLast: isLast))
    if let flaw = parsed.malformed.first {
      throw RowAnswerFault(
        line: lineCount + flaw.line + 1, message: flaw.message,
        text: String(decoding: flaw.bytes.prefix(400), as: UTF8.self))
    }
    lineCount += parsed.lineCount
    if parsed.batch.rowCount > 0 { try emit(parsed.batch) }
  }

  /// The beginning of a record, or of a header, of which more is to come.
  private func keep(_ rest: Buffer<UInt8>) throws {
    guard rest.count <= RecordAnswers.recordBytesMax else {
      throw RowAnswerFault(
        line: lineCount + 1,
        message: "it is longer than \(RecordAnswers.recordBytesMax >> 20) MiB", text: "")
    }
    bytes.append(contentsOf: rest.span)
  }

  /// - Returns: nil when the header has not come, or there is none.
  private func readHeader(
    of text: inout Buffer<UInt8>, _ isLast: Bool
  ) throws -> (any RecordParser)? {
    let header: CSVHeader?
    do throws(StreamError) {
      header = try CSVHeader.read(from: text, isLast: isLast, delimiter: options.delimiter)
    } catch {
      throw RowAnswerFault(line: 1, message: error.message, text: "")
    }
    guard let header else { return nil }
    do throws(StreamError) {
      let parser = try makeParser(format, options, schema: schema, header: header)
      text = text[header.byteCount..<text.count]
      lineCount = header.lineCount
      return parser
    } catch {
      throw RowAnswerFault(
        line: 1, message: error.message, text: header.names.joined(separator: ","))
    }
  }
}

/// An Arrow stream, or an Arrow file.
package final class ArrowAnswers: RowAnswers {
  private let schema: Schema
  private let directory: String
  private var spool: EpochSpool?

  /// - Parameters:
  ///   - schema: of the rows; the columns of the stream are found by their names.
  ///   - directory: for what is too long to be kept in memory.
  package init(schema: Schema, directory: String) {
    self.schema = schema
    self.directory = directory
  }

  package func take(_ bytes: Span<UInt8>, emit: (Batch) throws -> Void) throws {
    let spool = try spool ?? EpochSpool(directory: directory)
    self.spool = spool
    try unsafe spool.append(bytes.bytes)
  }

  package func end(emit: (Batch) throws -> Void) throws {
    guard let spool else { return }
    self.spool = nil
    let file = try spool.reader()
    defer { close(file) }
    try reading {
      let reader = try ArrowStreamReader(DescriptorSource(file))
      let places = try places(in: reader.schema)
      while let rows = try reader.next() {
        var columns: [Column] = []
        for place in places { columns.append(try rows.column(place)) }
        try emit(Batch(schema: schema, columns: columns, rowCount: rows.rowCount))
      }
      try reader.refuseMore()
    }
  }

  private func reading(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as ArrowError {
      throw RowAnswerFault(line: nil, message: error.message, text: "")
    }
  }

  private func places(in stream: Schema) throws -> [Int] {
    try schema.fields.map { field in
      guard let place = stream.index(of: field.name) else {
        throw RowAnswerFault(line: nil, message: "no column '\(field.name)'", text: "\(stream)")
      }
      let type = stream.fields[place].type
      guard type == field.type else {
        throw RowAnswerFault(
          line: nil, message: "the column '\(field.name)' is \(type), not \(field.type)", text: "")
      }
      return place
    }
  }
}
