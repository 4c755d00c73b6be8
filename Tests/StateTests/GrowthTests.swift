import Checkpoint
import Columnar
import Diagnostics
import State
import TestSupport
import Testing

@Suite("the files of a state")
struct GrowthTests {
  @Test("do not grow with the number of versions")
  func manyVersions() throws {
    let scratch = try Scratch()
    let tracked = try Tracked(scratch, at: nil)
    var largest = 0
    for version in Int64(1)...5000 {
      let row: [Value] = [
        .string("key \(version % 20)"), .integer(0), .integer(version), .list([]),
      ]
      try tracked.append(version, [(batch([row]), false)])
      if tracked.store.wantsSnapshot { try tracked.writeSnapshot() }
      try tracked.store.prune(floor: max(0, version - 4))
      if version % 100 == 0 { largest = max(largest, try scratch.byteCount) }
    }
    #expect(largest < 3 << 20)
    #expect(try scratch.files.count <= 4)
    for version in Int64(4996)...5000 {
      #expect(try rows(scratch, at: version) == tracked.history[version]?.all)
    }
    _ = try Tracked(scratch, at: 4996, history: tracked.history)
  }

  @Test("cost what has changed, not what there is")
  func amortisedCost() throws {
    let scratch = try Scratch()
    let schema = Schema([Field("word", .string), Field("n", .bigint)])
    let store = try StateStore(
      scratch.stage, schema: schema, keyCount: 1, appends: [], version: nil)
    try store.restore { _, _ in }
    let keyCount = 100_000
    let words = Column((0..<keyCount).map { "the key of number \($0)" as String? })
    func rows(_ range: Range<Int>, _ version: Int64) -> Batch {
      let counts = Column(.bigint, repeating: .integer(version), count: range.count)
      return Batch(schema: schema, columns: [words[range], counts])
    }
    func writeSnapshot(_ version: Int64) throws -> Int64 {
      try store.writeSnapshot { write in try write(rows(0..<keyCount, version)) }
      return store.byteCount
    }
    #expect(try store.append(version: 1) { write in try write(rows(0..<keyCount, 1), false) })
    var snapshotBytes = try writeSnapshot(1)
    let first = snapshotBytes
    var changesBytes: Int64 = 0
    for version in Int64(2)...400 {
      let before = store.byteCount
      let start = Int(version) * 1000 % keyCount
      #expect(
        try store.append(version: version) { write in
          try write(rows(start..<start + 1000, version), false)
        })
      changesBytes += store.byteCount - before
      if store.wantsSnapshot { snapshotBytes += try writeSnapshot(version) }
      try store.prune(floor: version - 4)
      #expect(store.byteCount < 3 * first + 1 << 20)
    }
    #expect(snapshotBytes > first, "a snapshot was due")
    #expect(snapshotBytes - first <= 2 * changesBytes)
  }

  @Test("are kept as long as a version from the floor on needs them")
  func pruning() throws {
    let scratch = try Scratch()
    let tracked = try Tracked(scratch, at: nil)
    for version in Int64(1)...9 {
      let row: [Value] = [.string("a"), .integer(version), .null, .list([.integer(version)])]
      try tracked.append(version, [(batch([row]), false)])
      if version % 3 == 0 { try tracked.writeSnapshot() }
    }
    try tracked.store.prune(floor: 2)
    #expect(try scratch.files.count == 6)
    try tracked.store.prune(floor: 5)
    #expect(
      try scratch.files == [
        "000000000003.changes.arrows", "000000000003.snapshot.arrows",
        "000000000006.changes.arrows", "000000000006.snapshot.arrows",
        "000000000009.snapshot.arrows",
      ])
    #expect(try StateReader(scratch.stage).versions() == [3, 4, 5, 6, 7, 8, 9])
    try tracked.store.prune(floor: 100)
    #expect(try scratch.files == ["000000000009.snapshot.arrows"])
    #expect(try StateReader(scratch.stage).versions() == [9])
    _ = try Tracked(scratch, at: 9, history: tracked.history)
  }

  @Test("can be read while they come and go")
  func readingMeanwhile() async throws {
    let scratch = try Scratch()
    let reading = StateReader(scratch.stage)
    let writer = Task.detached {
      let tracked = try Tracked(scratch, at: nil)
      for version in Int64(1)...400 {
        let row: [Value] = [
          .string("a"), .integer(0), .integer(version), .list([.integer(version)]),
        ]
        try tracked.append(version, [(batch([row]), false)])
        if version % 5 == 0 { try tracked.writeSnapshot() }
        try tracked.store.prune(floor: version - 20)
      }
    }
    var (seen, readCount) = (Int64(0), 0)
    while seen < 400 {
      guard let version = try reading.versions().last else { continue }
      #expect(version >= seen)
      seen = version
      readCount += 1
      #expect(try reading.verify(committed: nil) == [])
      // The version may be gone by now, if the reader was slow; it is never another.
      guard let rows = try? reading.rows(at: version) else { continue }
      #expect(rows.batches.map { $0.row(0)[2] } == [.integer(version)])
    }
    try await writer.value
    #expect(readCount > 1)
  }
}
