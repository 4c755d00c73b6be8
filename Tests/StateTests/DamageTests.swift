import Columnar
import Diagnostics
import State
import TestSupport
import Testing

private let segment = "000000000000.changes.arrows"

/// Versions 1 to 3, a snapshot of the third, and versions 4 to 6 behind it.
private func writeHistory(_ scratch: Scratch, snapshot: Bool = true) throws -> Tracked {
  var random = SplitMix64(seed: 3)
  let tracked = try Tracked(scratch, at: nil)
  for version in Int64(1)...6 {
    var changes = randomChanges(&random, tracked.model)
    changes.append((batch([[.string("always"), .null, .integer(version), .list([])]]), false))
    try tracked.append(version, changes)
    if snapshot, version == 3 { try tracked.writeSnapshot() }
  }
  return tracked
}

/// The error that reading a version gives; nil if there is none.
private func complaint(_ scratch: Scratch, at version: Int64) -> StreamError? {
  do {
    _ = try StateReader(scratch.stage).rows(at: version)
    return nil
  } catch { return error }
}

@Suite("a damaged state")
struct DamageTests {
  @Test("that was cut off within its last version still has the one before")
  func truncation() throws {
    let scratch = try Scratch()
    let history = try writeHistory(scratch, snapshot: false).history
    let whole = try scratch.bytes(segment)
    try restore(scratch, at: 5)
    let before = try scratch.bytes(segment)
    #expect(Array(whole[..<before.count]) == before)
    for count in before.count..<whole.count {
      try scratch.write(Array(whole[..<count]), segment)
      #expect(complaint(scratch, at: 6)?.kind == .io)
      #expect(try rows(scratch, at: 5) == history[5]?.all)
      #expect(try StateReader(scratch.stage).verify(committed: 5) == [])
      #expect(try StateReader(scratch.stage).verify(committed: 6) != [])
      #expect(throws: StreamError.self) { try restore(scratch, at: 6) }
      #expect(try scratch.bytes(segment).count == count, "a start that fails removes nothing")
      #expect(try restore(scratch, at: 5) == history[5])
      #expect(try scratch.bytes(segment) == before)
    }
    try scratch.write(whole, segment)
    #expect(try restore(scratch, at: 6) == history[6])
  }

  @Test("goes on after a torn version as if it had never been begun")
  func goingOn() throws {
    let scratch = try Scratch()
    let history = try writeHistory(scratch, snapshot: false).history
    let whole = try scratch.bytes(segment)
    for count in [whole.count - 1, whole.count - 700] {
      try scratch.write(Array(whole[..<count]), segment)
      let tracked = try Tracked(scratch, at: 4, history: history)
      try tracked.append(9, [(batch([[.string("x"), .null, .null, .null]]), false)])
      _ = try Tracked(scratch, at: 9, history: tracked.history)
      #expect(try StateReader(scratch.stage).versions() == [1, 2, 3, 4, 9])
    }
  }

  @Test("is never given out as something else, whatever byte is flipped")
  func flippedBytes() throws {
    let scratch = try Scratch()
    let history = try writeHistory(scratch).history
    let reader = StateReader(scratch.stage)
    var count = 0
    for name in try scratch.files {
      let bytes = try scratch.bytes(name)
      for index in stride(from: 0, to: bytes.count, by: bytes.count > 5000 ? 3 : 1) {
        var damaged = bytes
        damaged[index] ^= count % 3 == 0 ? 0xFF : 1 << UInt8(count % 8)
        try scratch.write(damaged, name)
        for version in [2, 6] as [Int64] {
          guard let found = try? rows(scratch, at: version) else { continue }
          #expect(found == history[version]?.all)
        }
        count += 1
        #expect(try reader.verify(committed: 6) != [], "byte \(index) of \(name)")
        guard count % 61 == 0, let restored = try? restore(scratch, at: 6) else { continue }
        #expect(restored == history[6])
      }
      try scratch.write(bytes, name)
    }
    #expect(try reader.verify(committed: 6) == [])
  }

  @Test("names the file that is damaged")
  func place() throws {
    let scratch = try Scratch()
    _ = try writeHistory(scratch)
    let name = "000000000003.snapshot.arrows"
    var bytes = try scratch.bytes(name)
    bytes[bytes.count / 2] ^= 1
    try scratch.write(bytes, name)
    let error = try #require(complaint(scratch, at: 5))
    #expect(error.location == scratch.path(name))
    #expect(error.message.hasPrefix("the checkpoint is damaged: "))
    #expect(error.kind == .io)
    let problems = try StateReader(scratch.stage).verify(committed: nil)
    #expect(problems.map(\.path) == [scratch.path(name)])
    #expect(complaint(scratch, at: 2) == nil, "what lies before the snapshot does not need it")
  }

  @Test(
    "does without a file that another makes up for, and without no other",
    arguments: [
      (segment, [3, 4, 5, 6]), ("000000000003.snapshot.arrows", [1, 2, 3, 4, 5, 6]),
      ("000000000003.changes.arrows", [1, 2, 3]),
    ])
  func missingFile(name: String, left: [Int64]) throws {
    let scratch = try Scratch()
    let history = try writeHistory(scratch).history
    try scratch.remove(name)
    for version in Int64(1)...6 {
      guard left.contains(version) else {
        #expect(complaint(scratch, at: version)?.kind == .io)
        continue
      }
      #expect(try rows(scratch, at: version) == history[version]?.all)
    }
    let problems = try StateReader(scratch.stage).verify(committed: 6)
    #expect(problems.isEmpty == left.contains(6))
  }

  @Test("that belongs to another place is refused", arguments: [0, 1, 7])
  func renamedFile(base: Int) throws {
    let scratch = try Scratch()
    _ = try writeHistory(scratch)
    let bytes = try scratch.bytes("000000000003.changes.arrows")
    try scratch.remove("000000000003.changes.arrows")
    try scratch.write(bytes, "00000000000\(base).changes.arrows")
    #expect(complaint(scratch, at: 5)?.kind == .io)
    #expect(try StateReader(scratch.stage).verify(committed: 6) != [])
  }

  @Test("that lacks a version in the middle is refused")
  func missingVersion() throws {
    let scratch = try Scratch()
    _ = try writeHistory(scratch, snapshot: false)
    let whole = try scratch.bytes(segment)
    var ends: [Int] = []
    for version in (Int64(2)...4).reversed() {
      try restore(scratch, at: version)
      ends.insert(try scratch.bytes(segment).count, at: 0)
    }
    try scratch.write(Array(whole[..<ends[0]] + whole[ends[1]...]), segment)
    #expect(complaint(scratch, at: 2) == nil)
    for version in [3, 4, 6] as [Int64] { #expect(complaint(scratch, at: version)?.kind == .io) }
  }

  @Test("that is no file, or no state, keeps nobody waiting")
  func strangers() throws {
    let scratch = try Scratch()
    try restore(scratch, at: nil)
    for bytes in [[], Array("ARROW1\0\0 and so on and so on".utf8), [0xFF, 0xFF, 0xFF, 0xFF]] {
      try scratch.write(bytes, segment)
      #expect(complaint(scratch, at: 1)?.kind == .io)
    }
    try scratch.remove(segment)
    try scratch.makePipe(segment)
    #expect(complaint(scratch, at: 1)?.kind == .io)
  }
}
