package import Columnar
package import Diagnostics
import Scalars

/// Reads answers: a line each, an object that holds a value and rows.
///
/// The value is kept as the text that it is, be it null, a number, a string or a nested object. A
/// missing value is null, and missing rows are none. Of a row, missing columns are null; a field that
/// is no column is refused, so that a slip of the pen does not become a null.
package struct JSONAnswerParser: Sendable {
  /// The names of the fields in an answer.
  package struct Names: Sendable {
    package var value: String
    package var rows: String
    /// Those that may be there, and do not count.
    package var others: [String]

    package init(value: String, rows: String, others: [String] = []) {
      self.value = value
      self.rows = rows
      self.others = others
    }
  }

  /// Of the rows.
  package let schema: Schema
  private let plan: JSONPlan

  /// - Throws: a usage error when the schema has a type that JSON has not.
  package init(_ names: Names, rows schema: Schema) throws(StreamError) {
    self.schema = schema
    plan = try JSONPlan(
      value: names.value, rows: Field(names.rows, .array(.structure(schema.fields))),
      others: names.others)
  }

  /// - Parameter lines: whole lines, each with its line feed; less than 2 GiB.
  /// - Throws: what is wrong with the first line that is no answer.
  package func parse(_ lines: Buffer<UInt8>) throws(JSONAnswerFault) -> JSONAnswers {
    precondition(lines.count < Int32.max)
    let options = JSONOptions(
      zone: .utc, timestampPattern: nil, hasCorruptColumn: false, wantsRowOffsets: false,
      refusesNewFields: true)
    var reader = JSONBlockReader(plan, options)
    var records = JSONRecords(text: lines)
    records.read(with: &reader)
    let fault = firstFault(records, lines)
    let columns = reader.takeColumns()
    guard case .list(let offsets, let elements) = columns[1].storage,
      case .structure(let values, let count) = elements.storage
    else { preconditionFailure("rows are a list of structs") }
    // Up to the first fault the rows are those of the lines.
    if let null = nullRow(offsets, elements, lines), null.line < fault?.line ?? .max { throw null }
    if let fault { throw fault }
    return JSONAnswers(
      values: columns[0], rows: Batch(schema: schema, columns: values, rowCount: count))
  }

  private func firstFault(
    _ records: borrowing JSONRecords, _ lines: Buffer<UInt8>
  ) -> JSONAnswerFault? {
    let malformed = records.malformed.first.map {
      JSONAnswerFault(line: $0.line, message: $0.message, text: $0.bytes)
    }
    guard records.rowCount + records.malformed.count < records.lineCount else { return malformed }
    // Readers of records skip empty lines, but each line is an answer here.
    let blank = lines.lines.firstIndex { line in line.allSatisfy { $0 <= 0x20 } } ?? 0
    if let malformed, malformed.line < blank { return malformed }
    return JSONAnswerFault(line: blank, message: "expected an object but found an empty line")
  }

  private func nullRow(
    _ offsets: Buffer<Int32>, _ elements: Column, _ lines: Buffer<UInt8>
  ) -> JSONAnswerFault? {
    guard elements.nullCount > 0 else { return nil }
    let row = (0..<elements.count).first { elements.isNull($0) } ?? 0
    let line = (0..<offsets.count - 1).last { Int(offsets[$0]) <= row } ?? 0
    let text = lines.lines.dropFirst(line).first.map { Array($0) } ?? []
    return JSONAnswerFault(line: line, message: "a row is null", text: text)
  }
}

/// What lines of answers hold.
package struct JSONAnswers: Sendable {
  /// The JSON text of the value of each answer; null where it is null or missing.
  package let values: Column
  /// The rows of all answers, in their order.
  package let rows: Batch
}

/// A line that is no answer.
package struct JSONAnswerFault: Error, Equatable {
  /// From 0.
  package let line: Int
  /// What is wrong, in the words of ``StreamError/message``.
  package let message: String
  /// The line, without its line feed.
  package let text: [UInt8]

  init(line: Int, message: String, text: [UInt8] = []) {
    self.line = line
    self.message = message
    self.text = text
  }
}

extension Buffer<UInt8> {
  /// Without their line feeds.
  fileprivate var lines: [ArraySlice<UInt8>] {
    elements.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
  }
}
