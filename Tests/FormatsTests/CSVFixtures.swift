import Columnar
import Formats
import TestSupport

func block(_ text: String) -> RecordBlock { block(Array(text.utf8)) }

func block(_ bytes: [UInt8]) -> RecordBlock { RecordBlock(bytes: Buffer(bytes), isLast: true) }

extension ParsedBlock {
  var rows: [[Value]] { (0..<batch.rowCount).map { batch.row($0) } }

  /// `line:column: message`, counted from 0 and from 1.
  var complaints: [String] { malformed.map { "\($0.line):\($0.column): \($0.message)" } }
}

func parser(
  _ fields: [Field], header: String? = nil, _ change: (inout ReadOptions) -> Void = { _ in }
) throws -> CSVParser {
  var options = ReadOptions()
  change(&options)
  let read = try header.flatMap {
    try CSVHeader.read(
      from: Buffer(Array($0.utf8)), isLast: true, delimiter: options.delimiter)
  }
  return try CSVParser(options, schema: Schema(fields), header: read)
}

/// Parses in blocks that are cut where `sizes` says, as a connector does: the next bytes are added
/// until there is a whole record.
func parseInBlocks(
  _ parser: some RecordParser, _ bytes: [UInt8], _ nextSize: () -> Int
) -> ParsedBlock {
  var start = 0
  var end = 0
  var result = ParsedBlock(batch: Batch(empty: parser.schema), lineCount: 0)
  var offsets: [Int64] = []
  while start < bytes.count {
    end = min(bytes.count, max(end, start) + nextSize())
    var count = parser.wholeRecords(in: Buffer(Array(bytes[start..<end])))
    if end == bytes.count { count = end - start }
    guard count > 0 else { continue }
    let piece = Buffer(Array(bytes[start..<start + count]))
    let parsed = parser.parse(RecordBlock(bytes: piece, isLast: start + count == bytes.count))
    result.batch = .concatenating([result.batch, parsed.batch], schema: parser.schema)
    result.malformed += parsed.malformed.map {
      var record = $0
      record.line += result.lineCount
      return record
    }
    offsets += (parsed.rowOffsets?.elements ?? []).map { $0 + Int64(start) }
    result.lineCount += parsed.lineCount
    start += count
  }
  result.rowOffsets = Buffer(offsets)
  return result
}

/// CSV of three columns, mostly right: now and then a byte is replaced or a field left out.
func randomCSV(_ random: inout SplitMix64, records: Int) -> [UInt8] {
  var text: [UInt8] = []
  for _ in 0..<records {
    let count =
      Int.random(in: 0..<40, using: &random) == 0 ? Int.random(in: 1...5, using: &random) : 3
    for field in 0..<count {
      if field > 0 { text.append(UInt8(ascii: ",")) }
      text += randomField(&random, isInteger: field == 1)
    }
    text += Int.random(in: 0..<4, using: &random) == 0 ? [13, 10] : [10]
  }
  if Bool.random(using: &random), text.last == 10 { text.removeLast() }
  return text
}

private func randomField(_ random: inout SplitMix64, isInteger: Bool) -> [UInt8] {
  let length = Int.random(in: 0...9, using: &random)
  if isInteger, Int.random(in: 0..<30, using: &random) > 0 {
    let sign: [UInt8] = Bool.random(using: &random) ? [UInt8(ascii: "-")] : []
    return length == 0 ? [] : sign + Array(String(random.next() % 1_000_000_000).utf8)
  }
  guard Int.random(in: 0..<3, using: &random) == 0 else {
    return (0..<length).map { _ in UInt8(ascii: "a") + UInt8(random.next() % 26) }
  }
  let alphabet = Array("ab \",\n\r;é".utf8)
  let content = (0..<length).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
  let isValid = String(validating: content, as: UTF8.self) != nil
  let kept = isValid ? content : content.filter { $0 < 0x80 }
  let doubled = kept.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
  return [UInt8(ascii: "\"")] + doubled + [UInt8(ascii: "\"")]
}

/// Replaces a few bytes by others that mean something.
func corrupted(_ text: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
  guard !text.isEmpty else { return text }
  var text = text
  let bytes = Array("\",\n\rx0-".utf8) + [0xFF, 0xC3, 0xA9, 0]
  for _ in 0..<Int.random(in: 1...3, using: &random) {
    text[Int(random.next() % UInt64(text.count))] = bytes[Int(random.next() % UInt64(bytes.count))]
  }
  return text
}
