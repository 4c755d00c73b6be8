import Columnar
import Diagnostics
import Formats
import TestSupport
import Testing

@Suite("Text lines")
struct TextTests {
  private func parser(_ change: (inout ReadOptions) -> Void = { _ in }) throws -> TextParser {
    var options = ReadOptions()
    change(&options)
    return try TextParser(options, schema: TextParser.recordSchema)
  }

  @Test(
    "are cut at line feeds",
    arguments: [
      ("", []), ("a", ["a"]), ("a\n", ["a"]), ("\n", [""]), ("a\n\nb", ["a", "", "b"]),
      ("a\r\nb\r\n", ["a", "b"]), ("a\rb\n", ["a\rb"]), ("a\r", ["a\r"]), ("\r\n\r", ["", "\r"]),
      ("a\r\r\n", ["a\r"]), ("é\n日本", ["é", "日本"]),
    ] as [(String, [String])])
  func lines(text: String, expected: [String]) throws {
    let parsed = try parser().parse(block(text))
    #expect(parsed.rows == expected.map { [.string($0)] })
    #expect(parsed.lineCount == text.utf8.count { $0 == 10 })
  }

  @Test("agree with a slow twin wherever blocks are cut", arguments: 0..<40)
  func twin(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let parser = try parser { $0.wantsRowOffsets = true }
    for _ in 0..<20 {
      let density = Int.random(in: 2...200, using: &random)
      let text = (0..<Int.random(in: 0...600, using: &random)).map { _ in
        [10, 13, 10].randomElement(using: &random)!
          + UInt8(random.next() % UInt64(density) == 0 ? 0 : 70)
      }
      let expected = slowLines(text)
      let parsed = parseInBlocks(parser, text) { Int.random(in: 1...300, using: &random) }
      #expect(parsed.rows == expected.map { [.string($0.text)] })
      #expect(parsed.rowOffsets?.elements == expected.map { Int64($0.start) })
    }
  }

  private func slowLines(_ text: [UInt8]) -> [(start: Int, text: String)] {
    var lines: [(Int, String)] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: 10) ?? text.count
      var line = text[start..<end]
      if end < text.count, line.last == 13 { line.removeLast() }
      lines.append((start, String(decoding: line, as: UTF8.self)))
      start = end + 1
    }
    return lines
  }

  @Test(
    "that are not UTF-8 are malformed",
    arguments: [
      ([0xFF], 1, "0xFF"), ([0x61, 0xC3, 0x0A, 0xA9], 2, "0xC3"), ([0xED, 0xA0, 0x80], 1, "0xED"),
    ] as [([UInt8], Int, String)])
  func invalid(bytes: [UInt8], column: Int, byte: String) throws {
    let parsed = try parser().parse(block(Array("good\n".utf8) + bytes + Array("\nend".utf8)))
    #expect(parsed.complaints.first == "1:\(column): invalid UTF-8: byte \(byte)")
    #expect(parsed.rows == [[.string("good")], [.string("end")]])
  }

  @Test("that are not UTF-8 can stay in the flow, and are bytes like others in a binary column")
  func kept() throws {
    let bytes: [UInt8] = Array("a\n".utf8) + [0x62, 0xFF, 0x0A, 0x63]
    let parsed = try parser { $0.corruptColumn = "bad" }.parse(block(bytes))
    #expect(
      parsed.rows == [
        [.string("a"), .null], [.null, .string("b\u{FFFD}")], [.string("c"), .null],
      ])
    let raw = try TextParser(ReadOptions(), schema: Schema([Field("line", .binary)]))
    #expect(
      raw.parse(block(bytes)).rows == [
        [.binary([0x61])], [.binary([0x62, 0xFF])], [.binary([0x63])],
      ])
  }

  @Test("have one column")
  func schema() {
    let expected = StreamError(
      .usage, "text has one column, a string or a binary, but the schema is 'a bigint'",
      hint: "--schema 'line string'")
    #expect(throws: expected) {
      try TextParser(ReadOptions(), schema: Schema([Field("a", .bigint)]))
    }
  }
}
