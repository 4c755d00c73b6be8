import Checkpoint
import Diagnostics
import JSONText
import TestSupport
import Testing

@Suite("Logs")
struct LogTests {
  private let records: [JSON] = [
    ["a": 1], ["b": "text with \"quotes\" and \u{1F600}"], ["c": [1, 2.5, nil]], ["d": [:]],
  ]

  /// A log of which `durable` records were synchronized when the others were written.
  private func makeLog(_ scratch: ScratchDirectory, durable: Int) throws -> [UInt8] {
    let log = try RecordLog("\(scratch.path)/log", holding: [])
    for (index, record) in records.enumerated() {
      try log.append(record)
      if index + 1 == durable { try log.synchronize() }
    }
    return scratch.bytes("log")
  }

  @Test("give back what was written, and go on after a restart")
  func roundTrip() throws {
    let scratch = ScratchDirectory()
    _ = try makeLog(scratch, durable: 2)
    let contents = try #require(try LogContents.read("\(scratch.path)/log"))
    #expect(contents.records == records)
    #expect(contents.tailCount == 0)
    let log = try RecordLog("\(scratch.path)/log", holding: contents.records)
    try log.append(["e": true])
    #expect(try LogContents.read("\(scratch.path)/log")?.records == records + [["e": true]])
    #expect(try LogContents.read("\(scratch.path)/none") == nil)
  }

  @Test("lose a line that a crash has cut off, wherever it was cut, and no other")
  func tornTail() throws {
    let scratch = ScratchDirectory()
    let bytes = try makeLog(scratch, durable: 2)
    let ends = bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
    for length in 0...bytes.count {
      scratch.write(Array(bytes[..<length]), to: "log")
      let contents = try #require(try LogContents.read("\(scratch.path)/log"))
      #expect(contents.records.count == ends.count { $0 <= length })
      #expect(contents.tailCount == Int64(length - (ends.last { $0 <= length } ?? 0)))
    }
  }

  @Test("name file and line of damage to what was durable, and give no wrong record for any other")
  func damage() throws {
    let scratch = ScratchDirectory()
    let bytes = try makeLog(scratch, durable: 2)
    let ends = bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
    for offset in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[offset] ^= 1 << bit
        scratch.write(damaged, to: "log")
        let line = ends.count { $0 <= offset }
        do throws(StreamError) {
          let found = try LogContents.read("\(scratch.path)/log")
          // The last two were never said to be durable: they are a torn tail.
          #expect(line >= 2)
          #expect(found?.records == Array(records[..<line]))
        } catch {
          #expect(line < 2)
          #expect(error.kind == .io)
          #expect(error.location == "\(scratch.path)/log:\(line + 1)")
        }
      }
    }
  }

  @Test("are followed while they grow, also past a compaction")
  func following() throws {
    let scratch = ScratchDirectory()
    let path = "\(scratch.path)/log"
    let follower = LogFollower(path)
    #expect(!follower.hasNews)
    #expect(try follower.news().map(\.record) == [])
    let log = try RecordLog(path, holding: [["a": 0]])
    #expect(follower.hasNews)
    #expect(try follower.news().map(\.record) == [["a": 0]])
    #expect(!follower.hasNews)
    try log.append(["a": 1])
    try log.append(["a": 2])
    #expect(try follower.news().map(\.record) == [["a": 1], ["a": 2]])
    try log.compact(to: [["a": 2]])
    try log.append(["a": 3])
    #expect(try follower.news().map(\.record) == [["a": 2], ["a": 3]])
    let whole = scratch.bytes("log")
    // A line that is being written is left for later.
    scratch.write(whole + Array("{\"sum\":\"".utf8), to: "log")
    #expect(try follower.news().map(\.record) == [])
  }

  @Test("a document is whole or an error", arguments: [0, 1, 8, 30, 40])
  func documents(offset: Int) throws {
    let scratch = ScratchDirectory()
    let path = "\(scratch.path)/plan.json"
    #expect(try Document.read(path) == nil)
    try Document.write(["plan": "x"], to: path)
    #expect(try Document.read(path) == ["plan": "x"])
    var bytes = scratch.bytes("plan.json")
    bytes[offset] ^= 4
    scratch.write(bytes, to: "plan.json")
    #expect(throws: StreamError.self) { try Document.read(path) }
    scratch.write([], to: "plan.json")
    #expect(throws: StreamError.self) { try Document.read(path) }
  }

  @Test("a checksum does not depend on how the bytes were cut")
  func checksums() {
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let whole = Checksum.text(of: bytes)
    for step in [1, 7, 64, 239, 240, 241, 1024, 5000] {
      let sum = Checksum()
      for start in stride(from: 0, to: bytes.count, by: step) {
        let piece = Array(bytes[start..<min(start + step, bytes.count)])
        sum.add(unsafe piece.span.bytes)
      }
      #expect(sum.text == whole)
      #expect(sum.byteCount == 5000)
    }
    #expect(Checksum.text(of: []) == "2d06800538d394c2")
  }
}
