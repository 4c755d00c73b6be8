import Connectors
import Diagnostics
import Formats
import Testing

/// `hello`, `world`, a line each.
private let gzipped: [UInt8] = [
  31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 203, 72, 205, 201, 201, 231, 42, 207, 47, 202, 73, 225, 2, 0,
  255,
  93, 197, 196, 12, 0, 0, 0,
]
private let zstandard: [UInt8] = [
  40, 181, 47, 253, 4, 88, 97, 0, 0, 104, 101, 108, 108, 111, 10, 119, 111, 114, 108, 100, 10, 181,
  14, 135, 23,
]

@Suite("Decoded inputs")
struct DecodedInputTests {
  /// Reads to the end as a pipe is read: after a wait, into rooms of one size.
  private func text(_ input: any ByteInput, room: Int) throws -> String {
    var bytes: [UInt8] = []
    while true {
      if try !input.wait(until: .now) { continue }
      let piece = try unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        count = try unsafe input.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      if piece.isEmpty { return String(decoding: bytes, as: UTF8.self) }
      bytes += piece
    }
  }

  private let chunks = [[Int](), Array(repeating: 1, count: 200), [3, 0, 5, 0, 0, 1, 0, 9, 0]]

  @Test("are unpacked by what they begin with, however they come", arguments: [1, 2, 3, 5, 4096])
  func unpacked(room: Int) throws {
    for bytes in [gzipped, zstandard, Array("hello\nworld\n".utf8)] {
      for chunks in chunks {
        for mayWait in [true, false] {
          let input = UnpackedInput(
            ChunkedInput(bytes, chunks: chunks, mayWait: mayWait), name: "input")
          #expect(try text(input, room: room) == "hello\nworld\n")
          #expect(input.consumedCount == Int64(bytes.count))
        }
      }
    }
  }

  @Test("may be shorter than what compressed ones begin with", arguments: ["", "a", "ab", "abc"])
  func short(content: String) throws {
    let input = UnpackedInput(ChunkedInput(Array(content.utf8)), name: "input")
    #expect(try text(input, room: 16) == content)
  }

  @Test("are refused where they are cut off", arguments: 4..<32)
  func truncated(count: Int) throws {
    let input = UnpackedInput(ChunkedInput(Array(gzipped[..<count])), name: "a.gz")
    #expect(throws: StreamError.self) { try text(input, room: 64) }
  }

  @Test("change their encoding", arguments: [1, 3, 4, 7, 64])
  func encoding(room: Int) throws {
    let expected = "naïve €𝄞\n"
    let units = expected.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    for chunks in chunks {
      let decoder = try #require(TextEncoding.utf16LittleEndian.makeDecoder(name: "input"))
      let input = DecodedInput(ChunkedInput(units, chunks: chunks), decoder)
      #expect(try text(input, room: room) == expected)
    }
  }
}
