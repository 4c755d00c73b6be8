internal import Columnar

/// The positions in a block whose quotes may be anywhere, byte by byte.
///
/// A quote is special where a field begins, and inside such a field. Behind the one that closes it
/// there must be a delimiter, a line end or the end of the block: else the record is malformed, and
/// goes on, as does a field that was not quoted, to the next delimiter or line feed. A record whose
/// quote is never closed is malformed and ends with the block.
func carefulCSVPositions(_ bytes: Buffer<UInt8>, delimiter: UInt8) -> CSVPositions {
  var scan = CSVCarefulScan(delimiter)
  let span = bytes.span
  while scan.takeField(of: span) {}
  return scan.finish()
}

private struct CSVCarefulScan: ~Copyable {
  private let delimiter: UInt8
  private var found = CSVPositions()
  private var offset = 0
  private var recordStart = 0

  init(_ delimiter: UInt8) {
    self.delimiter = delimiter
    found.ends.append(-1)
    // Not looked for: whoever needs to know it looks for invalid UTF-8 in any case.
    found.isASCII = false
  }

  /// - Returns: whether there is more behind it.
  mutating func takeField(of span: borrowing Span<UInt8>) -> Bool {
    if offset < span.count, span[offset] == doubleQuote {
      guard skipQuoted(span) else { return false }
    }
    while offset < span.count, span[offset] != delimiter, span[offset] != lineFeed { offset &+= 1 }
    guard offset < span.count else { return false }
    found.ends.append(Int32(truncatingIfNeeded: offset))
    offset &+= 1
    if span[offset &- 1] == lineFeed { recordStart = offset }
    return true
  }

  /// - Returns: false if the quote is never closed.
  private mutating func skipQuoted(_ span: borrowing Span<UInt8>) -> Bool {
    found.quotes.areUsed = true
    let opening = offset
    offset &+= 1
    while true {
      while offset < span.count, span[offset] != doubleQuote { offset &+= 1 }
      guard offset < span.count else {
        note(opening, "this quote is never closed")
        return false
      }
      offset &+= 1
      guard offset < span.count, span[offset] == doubleQuote else { break }
      found.quotes.areDoubled = true
      offset &+= 1
    }
    guard offset < span.count, span[offset] != delimiter, span[offset] != lineFeed else {
      return true
    }
    let isReturn =
      span[offset] == carriageReturn && offset + 1 < span.count
      && span[offset + 1] == lineFeed
    if !isReturn {
      note(
        offset,
        "expected a delimiter behind the closing quote but found "
          + describe(byte: span[offset]))
    }
    return true
  }

  /// Only the first mistake of a record counts.
  private mutating func note(_ offset: Int, _ message: String) {
    guard found.misquoted.last?.start != recordStart else { return }
    found.misquoted.append((recordStart, offset, message))
  }

  consuming func finish() -> CSVPositions { found }
}
