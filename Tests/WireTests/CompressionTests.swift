import Diagnostics
import Testing
import Wire

@Suite("--compression")
struct CompressionTests {
  @Test(
    "knows its words",
    arguments: [
      ("auto", Compression.auto), ("none", .none), ("zstd", .zstd(level: 1)),
      ("zstd:19", .zstd(level: 19)), ("zstd:-3", .zstd(level: -3)),
    ])
  func words(text: String, expected: Compression) throws {
    #expect(try Compression(text) == expected)
  }

  @Test("refuses others", arguments: ["", "lz4", "zstd:", "zstd:0", "zstd:20", "auto:1", "zstd:x"])
  func refusals(text: String) {
    #expect(throws: StreamError.self) { try Compression(text) }
  }
}
