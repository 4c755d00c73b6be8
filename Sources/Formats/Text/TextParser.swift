package import Columnar
package import Diagnostics
internal import Scalars

/// Reads lines: one column, whose value is the line without its end.
///
/// A CR before the LF is part of the end; a lone CR ends no line. A line that is not UTF-8 is
/// malformed, unless the column is binary.
package struct TextParser: RecordParser {
  /// What lines are when no schema says otherwise.
  package static let recordSchema = Schema([Field("value", .string)])

  package let schema: Schema
  private let validatesUTF8: Bool
  private let wantsRowOffsets: Bool
  private let keepsMalformed: Bool

  /// - Parameter record: one string or binary column.
  package init(_ options: ReadOptions, schema record: Schema) throws(StreamError) {
    let fields = record.fields.filter { $0.name != options.corruptColumn }
    guard fields.count == 1, fields[0].type == .string || fields[0].type == .binary else {
      throw StreamError(
        .usage, "text has one column, a string or a binary, but the schema is '\(record)'",
        hint: "--schema 'line string'")
    }
    schema = try options.outputSchema(from: record)
    validatesUTF8 = fields[0].type == .string
    wantsRowOffsets = options.wantsRowOffsets
    keepsMalformed = options.corruptColumn != nil
  }

  package func wholeRecords(in bytes: Buffer<UInt8>) -> Int { prefixOfWholeLines(bytes) }

  package func parse(_ block: RecordBlock) -> ParsedBlock {
    let lines = splitLines(block.bytes, wantsStarts: wantsRowOffsets)
    var parsed = ParsedBlock(
      batch: batch(.bytes(lines.values), validity: nil, corrupt: nil), rowOffsets: lines.starts,
      lineCount: lines.endCount)
    if validatesUTF8, !lines.isASCII, firstInvalidUTF8(block.bytes.span) != nil {
      excludeInvalid(lines.values, &parsed)
    }
    return parsed
  }

  private func batch(_ values: Storage, validity: Bitmap?, corrupt: Column?) -> Batch {
    let columns = schema.fields.indices.map { index in
      if keepsMalformed, index == schema.fields.count - 1 {
        return corrupt ?? Column.nulls(.string, count: values.count)
      }
      return Column(schema.fields[index].type, values, validity: validity)
    }
    return Batch(schema: schema, columns: columns, rowCount: values.count)
  }

  /// Goes line by line, since some line is not UTF-8.
  private func excludeInvalid(_ lines: ByteStrings, _ parsed: inout ParsedBlock) {
    var valid = BitmapBuilder(capacity: lines.count)
    for line in 0..<lines.count {
      let bytes = lines.bytes[lines.range(line)]
      let offset = firstInvalidUTF8(bytes.span)
      valid.append(offset == nil)
      guard let offset else { continue }
      parsed.malformed.append(
        MalformedRecord(
          line: line, column: offset + 1,
          message: "invalid UTF-8: \(describe(byte: bytes[offset]))", bytes: bytes.elements))
    }
    let validity = valid.take()
    guard keepsMalformed else {
      let kept = validity.setIndices()
      parsed.batch = parsed.batch.gathering(kept)
      parsed.rowOffsets = parsed.rowOffsets.map { $0.gathering(kept) }
      return
    }
    let corrupt = corruptColumn(
      rowCount: lines.count, parsed.malformed.map { ($0.line, $0.bytes) })
    // A value under a null may be anything, but a string is UTF-8 wherever it is read.
    let repaired = lines.blanking(validity)
    parsed.batch = batch(.bytes(repaired), validity: validity, corrupt: corrupt)
  }
}

/// The length of the longest prefix that ends behind a line feed.
func prefixOfWholeLines(_ bytes: Buffer<UInt8>) -> Int {
  lastIndex(of: UInt8(ascii: "\n"), in: bytes).map { $0 + 1 } ?? 0
}
