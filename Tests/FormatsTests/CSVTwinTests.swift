import Columnar
import Formats
import TestSupport
import Testing

@Suite("CSV against its slow twin")
struct CSVTwinTests {
  let fields = [Field("a", .string), Field("n", .bigint), Field("b", .string)]

  private func compare(_ text: [UInt8], _ parsed: ParsedBlock, nullText: String? = nil) {
    let expected = TwinRows(text, nullText: nullText)
    let malformed = parsed.malformed.map { TwinRows.Bad(line: $0.line, bytes: $0.bytes) }
    let shown = String(decoding: text, as: UTF8.self)
    #expect(parsed.rows == expected.rows, "\(shown.debugDescription)")
    #expect(malformed == expected.malformed, "\(shown.debugDescription)")
    #expect(parsed.lineCount == text.count { $0 == 10 })
  }

  @Test("agrees on well-formed and on corrupted text", arguments: 0..<60)
  func random(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let parser = try parser(fields) { $0.nullText = seed % 3 == 0 ? "ab" : nil }
    for _ in 0..<50 {
      var text = randomCSV(&random, records: Int.random(in: 0...30, using: &random))
      if Bool.random(using: &random) { text = corrupted(text, &random) }
      compare(text, parser.parse(block(text)), nullText: seed % 3 == 0 ? "ab" : nil)
    }
  }

  @Test("agrees on any bytes that matter", arguments: 0..<40)
  func soup(seed: UInt64) throws {
    var random = SplitMix64(seed: 1000 + seed)
    let parser = try parser(fields)
    let alphabet = Array("\",\n\r1a".utf8)
    for _ in 0..<100 {
      let text = (0..<Int.random(in: 0...200, using: &random)).map { _ in
        alphabet[Int(random.next() % UInt64(alphabet.count))]
      }
      compare(text, parser.parse(block(text)))
    }
  }

  @Test("does not depend on where blocks are cut", arguments: 0..<60)
  func blocks(seed: UInt64) throws {
    var random = SplitMix64(seed: 2000 + seed)
    let parser = try parser(fields) { $0.wantsRowOffsets = true }
    for _ in 0..<20 {
      var text = randomCSV(&random, records: Int.random(in: 0...40, using: &random))
      if Bool.random(using: &random) { text = corrupted(text, &random) }
      let whole = parser.parse(block(text))
      let most = Int.random(in: 1...150, using: &random)
      let pieces = parseInBlocks(parser, text) { Int.random(in: 1...most, using: &random) }
      let shown = String(decoding: text, as: UTF8.self).debugDescription
      #expect(pieces.rows == whole.rows, "\(shown)")
      #expect(pieces.malformed == whole.malformed, "\(shown)")
      #expect(pieces.rowOffsets?.elements == whole.rowOffsets?.elements, "\(shown)")
      #expect(pieces.lineCount == whole.lineCount)
    }
  }

  @Test("agrees on every prefix of a text")
  func truncation() throws {
    var random = SplitMix64(seed: 7)
    let parser = try parser(fields)
    let text = randomCSV(&random, records: 25)
    for end in 0...text.count {
      let prefix = Array(text[..<end])
      compare(prefix, parser.parse(block(prefix)))
    }
  }

  @Test("sees quotes at every place of a block of 64 bytes", arguments: 0..<130)
  func places(padding: Int) throws {
    let parser = try parser(fields)
    let lead = String(repeating: "x", count: padding)
    for tail in [
      "\"a,\n\"\"b\",1,c\r\nd,2,\"\"\n", "\",\"\r\n,,", "\"\"\"\",5,\"e\"\r", "a\"b,1,\"c\"d\n",
      "\"",
      "\"\r\n", "\n\r\n\"a\"\r\nb,1,\"c\"\r\n",
    ] {
      for text in [lead + tail, lead + ",1," + tail, lead + ",1,\n" + tail] {
        compare(Array(text.utf8), parser.parse(block(text)))
      }
    }
  }

  @Test("survives any bytes", arguments: 0..<40)
  func anyBytes(seed: UInt64) throws {
    var random = SplitMix64(seed: 3000 + seed)
    let types: [DataType] = [
      .boolean, .tinyint, .smallint, .int, .bigint, .float, .double,
      .decimal(precision: 9, scale: 2), .date, .timestamp, .string, .binary,
    ]
    let parser = try parser(types.enumerated().map { Field("c\($0)", $1) }) {
      $0.corruptColumn = seed % 2 == 0 ? "bad" : nil
    }
    for _ in 0..<50 {
      let text = (0..<Int.random(in: 0...500, using: &random)).map { _ in
        let byte = UInt8(truncatingIfNeeded: random.next())
        return byte < 60 ? Array(",\n\"0-:T.".utf8)[Int(byte) % 8] : byte
      }
      let parsed = parser.parse(block(text))
      #expect(parser.wholeRecords(in: Buffer(text)) <= text.count)
      #expect(parsed.batch.columns.allSatisfy { $0.count == parsed.batch.rowCount })
    }
  }
}
