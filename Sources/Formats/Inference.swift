package import Columnar
package import Diagnostics
internal import Scalars

/// How much of an input is looked at to guess its schema: bytes, after decompression.
package let inferenceByteCount = 1 << 20

/// How many records of it are looked at.
package let inferenceRecordCount = 10_000

/// Guesses what records hold.
///
/// - Parameters:
///   - sample: what the input begins with, behind a header: up to ``inferenceByteCount``.
///   - isWhole: whether that is all of it; else what stands behind the last whole record is left
///     out.
///   - header: CSV: the names of the columns; nil where they have none.
/// - Throws: a data error when there is nothing to go by; the caller adds the file's name.
package func inferSchema(
  _ format: Format, _ options: ReadOptions, sample: Buffer<UInt8>, isWhole: Bool,
  header: CSVHeader? = nil
) throws(StreamError) -> Schema {
  switch format {
  case .text: return TextParser.recordSchema
  case .csv: return try inferCSVSchema(options, sample: sample, isWhole: isWhole, header: header)
  case .json: return try inferJSONSchema(options, sample: sample, isWhole: isWhole)
  case .arrow, .parquet:
    throw StreamError(.internal, "\(format.rawValue) says what it holds")
  }
}

// MARK: - The lattice

extension DataType {
  /// The narrowest type that holds the values of both, as far as guesses go: `void` gives way to
  /// all, integers to larger numbers, dates to timestamps, and what does not go together is a
  /// string.
  package func merged(with other: DataType) -> DataType {
    if self == other { return self }
    switch (self, other) {
    case (.void, let type), (let type, .void): return type
    case (.bigint, .double), (.double, .bigint), (.decimal, .double), (.double, .decimal):
      return .double
    case (.bigint, .decimal(let precision, 0)), (.decimal(let precision, 0), .bigint):
      return .decimal(precision: precision, scale: 0)
    case (.date, .timestamp), (.timestamp, .date): return .timestamp
    default: return .string
    }
  }
}

// MARK: - Texts

/// What a text looks like to somebody who does not know its column: a boolean (`true`, `false` in
/// any case), an integer without leading zeros, another number, a date (`yyyy-mm-dd`), a timestamp
/// (``looksLikeTimestamp(_:)``); else a string.
///
/// - Returns: for integers beyond 64 bits `decimal(38,0)`.
package func inferredType(of text: Span<UInt8>) -> DataType {
  guard text.count > 0 else { return .string }
  switch text[0] | 0x20 {
  case UInt8(ascii: "t"), UInt8(ascii: "f"):
    return isBoolean(text) ? .boolean : .string
  case UInt8(ascii: "n"), UInt8(ascii: "i"):
    return isNumberName(text, from: 0) ? .double : .string
  default: break
  }
  if looksLikeDate(text) { return .date }
  if looksLikeTimestamp(text) { return .timestamp }
  return inferredNumberType(of: text)
}

/// Whether a text is a date of the form `yyyy-mm-dd`.
package func looksLikeDate(_ text: Span<UInt8>) -> Bool {
  text.count == 10 && hasDateForm(text) && (try? parseDate(text)) != nil
}

/// Whether a text is a timestamp to the minute at least, `yyyy-mm-dd hh:mm` or `…T…`: RFC 3339, or
/// a form that Spark's cast takes.
package func looksLikeTimestamp(_ text: Span<UInt8>) -> Bool {
  guard text.count >= 16, hasDateForm(text), text[13] == UInt8(ascii: ":"),
    text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " ")
  else { return false }
  var parser = TimestampParser()
  return (try? parser.parse(text)) != nil
}

private func hasDateForm(_ text: Span<UInt8>) -> Bool {
  for index in 0..<10 {
    let isFitting =
      index == 4 || index == 7 ? text[index] == UInt8(ascii: "-") : isDigit(text[index])
    if !isFitting { return false }
  }
  return true
}

private func isBoolean(_ text: Span<UInt8>) -> Bool {
  unsafe text.withUnsafeBufferPointer { bytes in
    guard let start = bytes.baseAddress else { return false }
    return (try? unsafe parseBoolean(start, count: bytes.count)) != nil
  }
}

/// `NaN`, `Infinity` as our own writers spell them.
private func isNumberName(_ text: Span<UInt8>, from start: Int) -> Bool {
  let name: [UInt8] =
    start == 0 && text[0] == UInt8(ascii: "N") ? Array("NaN".utf8) : Array("Infinity".utf8)
  guard text.count - start == name.count else { return false }
  return name.indices.allSatisfy { text[start + $0] == name[$0] }
}

private func inferredNumberType(of text: Span<UInt8>) -> DataType {
  let first = text[0] == UInt8(ascii: "-") ? 1 : 0
  guard first < text.count else { return .string }
  if text[first] == UInt8(ascii: "I"), isNumberName(text, from: first) { return .double }
  guard isDigit(text[first]) || text[first] == UInt8(ascii: ".") else { return .string }
  // A number that is filled up with zeros is a label.
  if text[first] == UInt8(ascii: "0"), first + 1 < text.count, isDigit(text[first + 1]) {
    return .string
  }
  var digitCount = 0
  while first + digitCount < text.count, isDigit(text[first + digitCount]) { digitCount += 1 }
  if first + digitCount < text.count { return (try? parseDouble(text)) != nil ? .double : .string }
  if (try? parseInt64(text)) != nil { return .bigint }
  return digitCount <= DataType.maxDecimalPrecision
    ? .decimal(precision: DataType.maxDecimalPrecision, scale: 0) : .string
}

private func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
