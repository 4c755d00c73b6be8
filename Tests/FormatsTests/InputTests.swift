import Diagnostics
import Formats
import TestSupport
import Testing

@Suite("Compressed input")
struct PackingTests {
  let text = Array((0..<2000).map { "line \($0 % 37),\($0)\n" }.joined().utf8)

  func packed(_ packing: Packing, _ bytes: [UInt8]) -> [UInt8] {
    packing == .gzip ? gzipped(bytes) : zstandard(bytes)
  }

  @Test("comes back as it was, in pieces of any size", arguments: Packing.allCases, 0..<20)
  func roundTrip(packing: Packing, seed: UInt64) throws {
    let decoder = try packing.makeDecoder(name: "a")
    #expect(try decoded(packed(packing, text), decoder, seed: seed) == text)
  }

  @Test("may consist of several members, empty ones too", arguments: Packing.allCases)
  func members(packing: Packing) throws {
    let pieces = [Array(text[..<500]), [], Array(text[500..<501]), Array(text[501...])]
    let bytes = pieces.flatMap { packed(packing, $0) }
    #expect(try decoded(bytes, packing.makeDecoder(name: "a")) == text)
  }

  @Test("is refused where it is cut off", arguments: Packing.allCases)
  func truncation(packing: Packing) throws {
    let bytes = packed(packing, Array(text[..<600]))
    for count in 0..<bytes.count {
      let expected = StreamError(
        .data, "the \(packing.rawValue) data is damaged: it is cut off", location: "a.csv")
      #expect(throws: expected, "\(count)") {
        try decoded(Array(bytes[..<count]), packing.makeDecoder(name: "a.csv"))
      }
    }
  }

  @Test("is refused where it is damaged, or was not needed", arguments: Packing.allCases)
  func corruption(packing: Packing) throws {
    let bytes = packed(packing, text)
    var random = SplitMix64(seed: 5)
    var refusals = 0
    // Bytes of the first header may change without changing the text.
    for _ in 0..<300 {
      var damaged = bytes
      let place = Int.random(in: 10..<bytes.count, using: &random)
      damaged[place] ^= 1 << UInt8(random.next() % 8)
      do {
        #expect(try decoded(damaged, packing.makeDecoder(name: "a")) == text)
      } catch {
        #expect(error.kind == .data)
        refusals += 1
      }
    }
    #expect(refusals > 290)
  }

  @Test("is refused when something else stands behind it", arguments: Packing.allCases)
  func trailingGarbage(packing: Packing) throws {
    #expect(throws: StreamError.self) {
      try decoded(packed(packing, text) + Array("garbage".utf8), packing.makeDecoder(name: "a"))
    }
  }

  @Test("names the byte behind a gzip member")
  func garbageMessage() throws {
    let expected = StreamError(
      .data,
      "the gzip data is damaged: expected the end or a further gzip member but found byte 'x'",
      location: "a.gz")
    #expect(throws: expected) {
      try decoded(gzipped(text) + [UInt8(ascii: "x")], GzipDecoder(name: "a.gz"))
    }
  }

  @Test(
    "is known by its first bytes",
    arguments: [
      ([0x1F, 0x8B, 0x08, 0], Packing.gzip), ([0x28, 0xB5, 0x2F, 0xFD], .zstd),
      ([0x5A, 0x2A, 0x4D, 0x18], .zstd), ([0x1F, 0x8B], nil), (Array("(a, b)".utf8), nil),
      ([], nil),
    ] as [([UInt8], Packing?)])
  func signatures(head: [UInt8], expected: Packing?) {
    #expect(Packing(head: head.span) == expected)
  }

  @Test(
    "takes more bytes to be known only where it could be",
    arguments: [
      ([], true), ([0x1F], true), ([0x1F, 0x8B], true), ([0x1F, 0x8B, 0x08], false),
      ([0x28], true), ([0x28, 0xB5, 0x2F], true), ([0x61], false), ([0x28, 0x61], false),
    ] as [([UInt8], Bool)])
  func undecided(head: [UInt8], expected: Bool) {
    #expect(Packing.isUndecided(head: head.span) == expected)
  }

  @Test(
    "is known by a file's ending",
    arguments: [
      ("a.csv.gz", Packing.gzip), ("b.ZST", .zstd), ("gz", nil), ("a.gz.csv", nil), ("a.", nil),
    ] as [(String, Packing?)])
  func endings(name: String, expected: Packing?) {
    #expect(Packing(fileName: name) == expected)
  }
}

@Suite("Encodings")
struct TextEncodingTests {
  @Test(
    "turn into UTF-8",
    arguments: [
      (TextEncoding.latin1, [0x61, 0xE9, 0x80, 0xFF], "aé\u{80}ÿ"),
      (.windows1252, [0x61, 0xE9, 0x80, 0x9F, 0x81, 0xFF], "aé€Ÿ\u{81}ÿ"),
      (.utf16LittleEndian, [0x61, 0, 0xE9, 0, 0xAC, 0x20, 0x3D, 0xD8, 0x00, 0xDE], "aé€😀"),
      (.utf16BigEndian, [0xFE, 0xFF, 0, 0x61, 0xD8, 0x3D, 0xDE, 0x00], "a😀"),
      (.utf16, [0xFF, 0xFE, 0x61, 0], "a"),
      (.utf16, [0xFE, 0xFF, 0, 0x61], "a"),
      (.utf16, [0, 0x61, 0xFE, 0xFF], "a\u{FEFF}"),
      (.utf16, [], ""),
    ] as [(TextEncoding, [UInt8], String)])
  func decodes(encoding: TextEncoding, bytes: [UInt8], expected: String) throws {
    for seed in 0..<10 as Range<UInt64> {
      let decoder = try #require(encoding.makeDecoder(name: "a"))
      #expect(try String(decoding: decoded(bytes, decoder, seed: seed), as: UTF8.self) == expected)
    }
  }

  @Test("agree with Swift on every character of UTF-16")
  func everyScalar() throws {
    let scalars = (0...0x10FFFF as ClosedRange<UInt32>).compactMap { Unicode.Scalar($0) }
    let text = String(String.UnicodeScalarView(scalars))
    let bytes = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let decoder = try #require(TextEncoding.utf16LittleEndian.makeDecoder(name: "a"))
    #expect(try decoded(bytes, decoder) == Array(text.utf8))
  }

  @Test(
    "are refused where they are damaged",
    arguments: [
      ([0x61], "it ends inside a character"),
      ([0x61, 0, 0x3D, 0xD8], "it ends inside a character"),
      ([0x61, 0, 0x00, 0xDE], "half of a surrogate pair at offset 2"),
      ([0x61, 0, 0x3D, 0xD8, 0x61, 0], "half of a surrogate pair at offset 2"),
      ([0x3D, 0xD8, 0x3D, 0xD8], "half of a surrogate pair at offset 0"),
    ] as [([UInt8], String)])
  func refuses(bytes: [UInt8], reason: String) throws {
    let decoder = try #require(TextEncoding.utf16LittleEndian.makeDecoder(name: "a.txt"))
    let expected = StreamError(.data, "the input is not UTF-16: \(reason)", location: "a.txt")
    #expect(throws: expected) { try decoded(bytes, decoder) }
  }

  @Test(
    "go by several names",
    arguments: [
      ("UTF-8", TextEncoding.utf8), ("utf8", .utf8), ("ISO-8859-1", .latin1), ("Latin-1", .latin1),
      ("cp1252", .windows1252), ("Windows_1252", .windows1252), ("UTF16LE", .utf16LittleEndian),
    ])
  func names(name: String, expected: TextEncoding) throws {
    #expect(try TextEncoding.parse(name) == expected)
  }

  @Test("are suggested")
  func suggestion() {
    let expected = StreamError(
      .usage,
      "no encoding 'latin2' (did you mean 'latin1'?); encodings: utf-8, latin1, windows-1252, "
        + "utf-16, utf-16le, utf-16be",
      hint: "for others put 'iconv -f latin2 -t utf-8' in front")
    #expect(throws: expected) { try TextEncoding.parse("latin2") }
  }
}
