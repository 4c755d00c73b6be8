package import Columnar
package import Diagnostics
internal import Scalars

/// The first record of a CSV file: the names of its columns.
package struct CSVHeader: Sendable, Equatable {
  /// Made unique: of equal names the second gets `_2` behind it; an empty one is `_c` and its
  /// position, from 0.
  package let names: [String]
  /// How many bytes of the file it takes, from the first on: a byte order mark and the line end
  /// are counted.
  package let byteCount: Int
  /// How many line ends are among them.
  package let lineCount: Int

  /// Reads the header that a file begins with; empty lines before it are skipped.
  ///
  /// - Parameters:
  ///   - bytes: the file from its first byte on.
  ///   - isLast: whether the file ends with them.
  /// - Returns: nil when the header goes on behind the bytes, or, at the end, when there is none.
  /// - Throws: a data error when it is malformed; the caller adds the file's name.
  package static func read(
    from bytes: Buffer<UInt8>, isLast: Bool, delimiter: UInt8
  ) throws(StreamError) -> CSVHeader? {
    var start = byteOrderMarkLength(bytes)
    while let end = endOfBlankLine(bytes, start) { start = end }
    guard start < bytes.count else { return nil }
    let fields: Buffer<UInt8>
    let record = recordLength(bytes[start..<bytes.count], delimiter)
    if let record {
      fields = bytes[start..<start + record]
    } else {
      guard isLast else { return nil }
      fields = bytes[start..<bytes.count]
    }
    let length = start + fields.count
    return CSVHeader(
      names: uniqueNames(try read(fields, delimiter)), byteCount: length,
      lineCount: Formats.count(of: lineFeed, in: bytes[0..<length]))
  }

  /// The names in a header that is one record.
  private static func read(
    _ record: Buffer<UInt8>, _ delimiter: UInt8
  ) throws(StreamError) -> [String] {
    let positions = carefulCSVPositions(record, delimiter: delimiter)
    if let flaw = positions.misquoted.first {
      throw StreamError(
        .data, "the header is malformed: \(flaw.message)", location: "1:\(flaw.offset + 1)")
    }
    let isTerminated = record[record.count - 1] == lineFeed
    if !isTerminated, let place = firstLoneReturn(record) {
      throw StreamError(
        .data, "its lines end in carriage returns alone", location: "1:\(place + 1)",
        hint: "tr '\\r' '\\n' | stream-source --format csv")
    }
    let count = positions.ends.count - (isTerminated ? 1 : 0)
    let shape = CSVShape(delimiter: delimiter, fieldCount: count, keepsMalformed: false)
    let fields = CSVFields(
      bytes: record, index: indexCSV(record, shape), fieldCount: count, nullText: nil)
    var names: [String] = []
    for field in 0..<count {
      let (values, _) = fields.strings(of: field)
      if let offset = firstInvalidUTF8(values[0]) {
        let place = fields.field(field, 0).start + offset
        throw StreamError(
          .data, "the header is not UTF-8: \(describe(byte: record[place]))",
          location: "1:\(place + 1)",
          hint: beginsAsUTF16(record) ? "--encoding utf-16" : "--encoding latin1")
      }
      names.append(values.string(0))
    }
    return names
  }

  /// The names of the columns of files without a header, as Spark has them.
  package static func positionalNames(_ count: Int) -> [String] { (0..<count).map { "_c\($0)" } }
}

/// The length of a UTF-8 byte order mark that a file begins with: 3 or 0.
package func byteOrderMarkLength(_ bytes: Buffer<UInt8>) -> Int {
  bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
}

/// Whether a file begins with the byte order mark of UTF-16.
private func beginsAsUTF16(_ bytes: Buffer<UInt8>) -> Bool {
  bytes.count >= 2 && [[0xFF, 0xFE], [0xFE, 0xFF]].contains([bytes[0], bytes[1]])
}

/// Where a carriage return stands that another byte than a line feed follows.
private func firstLoneReturn(_ bytes: Buffer<UInt8>) -> Int? {
  bytes.elements.indices.dropLast().first {
    bytes[$0] == carriageReturn && bytes[$0 + 1] != lineFeed
  }
}

/// Where the next line begins, if this one has no bytes.
private func endOfBlankLine(_ bytes: Buffer<UInt8>, _ start: Int) -> Int? {
  guard start < bytes.count else { return nil }
  if bytes[start] == lineFeed { return start + 1 }
  let isReturn = bytes[start] == carriageReturn && start + 1 < bytes.count
  return isReturn && bytes[start + 1] == lineFeed ? start + 2 : nil
}

/// The length of the first record, its line end included; nil if it does not end here.
private func recordLength(_ bytes: Buffer<UInt8>, _ delimiter: UInt8) -> Int? {
  // Most headers are short, and what stands behind them may be long.
  var length = min(4096, bytes.count)
  while true {
    let positions = carefulCSVPositions(bytes[0..<length], delimiter: delimiter)
    for index in 1..<max(1, positions.ends.count) {
      let end = Int(positions.ends[index])
      if bytes[end] == lineFeed { return end + 1 }
    }
    if length == bytes.count { return nil }
    length = min(length * 8, bytes.count)
  }
}

private func uniqueNames(_ names: [String]) -> [String] {
  var taken = Set(names)
  var seen = Set<String>()
  // Where the search goes on for a name that many columns have.
  var numbers: [String: Int] = [:]
  return names.enumerated().map { position, name in
    let base = name.isEmpty ? "_c\(position)" : name
    if seen.insert(base).inserted { return base }
    var number = numbers[base] ?? 2
    while taken.contains("\(base)_\(number)") || seen.contains("\(base)_\(number)") { number += 1 }
    numbers[base] = number + 1
    let unique = "\(base)_\(number)"
    taken.insert(unique)
    seen.insert(unique)
    return unique
  }
}
