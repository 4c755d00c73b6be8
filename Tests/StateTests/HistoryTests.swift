import Columnar
import Diagnostics
import State
import TestSupport
import Testing

@Suite("the state of a stage")
struct HistoryTests {
  @Test("is what it was, at every version from the floor on", arguments: 0..<12)
  func randomHistory(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let scratch = try Scratch()
    var tracked = try Tracked(scratch, at: nil)
    var (epoch, floor) = (Int64(0), Int64(0))
    for _ in 0..<60 {
      epoch += Int64.random(in: 1...2, using: &random)
      try tracked.append(epoch, randomChanges(&random, tracked.model))
      switch Int.random(in: 0..<10, using: &random) {
      case 0: try tracked.writeSnapshot()
      case 1:
        floor = max(floor, epoch - 5)
        try tracked.store.prune(floor: floor)
      case 2:
        let versions = tracked.history.keys.filter { $0 >= floor }.sorted()
        guard let version = versions.suffix(4).randomElement(using: &random) else { continue }
        tracked = try Tracked(scratch, at: version, history: tracked.history)
        epoch = version
      default: break
      }
    }
    let reader = StateReader(scratch.stage)
    let versions = try reader.versions()
    let wanted = tracked.history.keys.filter { $0 >= floor }
    #expect(Set(versions).isSuperset(of: wanted))
    for version in versions {
      #expect(try rows(scratch, at: version) == tracked.history[version]?.all)
    }
    #expect(try reader.verify(committed: tracked.store.version) == [])
    for version in wanted.sorted().reversed() {
      _ = try Tracked(scratch, at: version, history: tracked.history)
    }
  }

  @Test("has no version where nothing changed")
  func nothingChanged() throws {
    let scratch = try Scratch()
    let tracked = try Tracked(scratch, at: nil)
    #expect(try !tracked.append(1, []))
    #expect(try !tracked.append(2, [(batch([]), false)]))
    #expect(tracked.store.version == nil)
    #expect(try scratch.files == [])
    #expect(try tracked.append(3, [(batch([[.string("a"), .null, .null, .null]]), false)]))
    #expect(try !tracked.append(4, []))
    #expect(tracked.store.version == 3)
    #expect(try StateReader(scratch.stage).versions() == [3])
    _ = try Tracked(scratch, at: 3, history: tracked.history)
    #expect(throws: StreamError.self) { try restore(scratch, at: 4) }
  }

  @Test("without a committed version begins with nothing", arguments: [nil, 0] as [Int64?])
  func neverCommitted(version: Int64?) throws {
    let scratch = try Scratch()
    let tracked = try Tracked(scratch, at: nil)
    for version in Int64(1)...3 {
      let row: [Value] = [.string("a"), .integer(version), .null, .null]
      try tracked.append(version, [(batch([row]), false)])
    }
    try tracked.writeSnapshot()
    try scratch.write([1, 2, 3], ".000000000004.snapshot.arrows.tmp")
    #expect(try restore(scratch, at: version) == Model())
    #expect(try scratch.files == [])
  }

  @Test("may have no key columns: then it has one row")
  func withoutKeys() throws {
    let scratch = try Scratch()
    let schema = Schema([Field("n", .bigint)])
    func store(_ version: Int64?) throws -> StateStore {
      try StateStore(scratch.stage, schema: schema, keyCount: 0, appends: [], version: version)
    }
    let first = try store(nil)
    try first.restore { _, _ in }
    for version in Int64(1)...3 {
      let row = Batch(schema: schema, columns: [Column([version * 10] as [Int64?])])
      #expect(try first.append(version: version) { write in try write(row, false) })
    }
    let rows = try StateReader(scratch.stage).rows(at: 3)
    #expect(rows.batches.map(\.columns[0].values) == [[.integer(30)]])
    var restored: [Value] = []
    try store(3).restore { batch, _ in restored += batch.columns[0].values }
    #expect(restored == [.integer(10), .integer(20), .integer(30)])
  }

  @Test("of another query is refused with the difference")
  func otherSchema() throws {
    let scratch = try Scratch()
    let tracked = try Tracked(scratch, at: nil)
    try tracked.append(1, [(batch([[.string("a"), .null, .null, .null]]), false)])
    func complaint(_ change: (inout [Field]) -> Void, keys: Int = 2, appends: Set<Int> = [3])
      throws -> String?
    {
      var schema = layout
      change(&schema.fields)
      let store = try StateStore(
        scratch.stage, schema: schema, keyCount: keys, appends: appends, version: 1)
      do {
        try store.restore { _, _ in Issue.record("rows of another schema were given out") }
        return nil
      } catch let error as StreamError {
        #expect(error.kind == .io)
        return error.message
      }
    }
    let prefix = "the state was written by another query: "
    #expect(
      try complaint({ $0[2].type = .int })
        == prefix + "column 3 is 'n bigint' in it, but 'n int' in the query")
    #expect(
      try complaint({ $0[0].name = "name" })
        == prefix + "column 1 is 'word string' in it, but 'name string' in the query")
    #expect(
      try complaint({ $0.append(Field("m", .int)) })
        == prefix + "it has 4 columns (\(layout)), but 5 in the query (\(layout), m int)")
    #expect(
      try complaint({ _ in }, keys: 1)
        == prefix + "it has 2 key columns, but 1 in the query")
    #expect(
      try complaint({ _ in }, appends: [])
        == prefix + "it collects 'seen', but nothing in the query")
  }

  @Test("whose changes break off is what it was, and takes no more")
  func brokenOff() throws {
    struct Interruption: Error {}
    let scratch = try Scratch()
    let tracked = try Tracked(scratch, at: nil)
    try tracked.append(1, [(batch([[.string("a"), .null, .null, .null]]), false)])
    let before = try scratch.bytes("000000000000.changes.arrows")
    var random = SplitMix64(seed: 1)
    let noise = (0..<5000).map { _ -> [Value] in
      let word = (0..<200).map { _ in String(UInt64.random(in: 0...9999, using: &random)) }
      return [.string(word.joined()), .null, .null, .null]
    }
    let large = batch(noise)
    #expect(throws: Interruption.self) {
      _ = try tracked.store.append(version: 2) { write in
        for _ in 0..<4 { try write(large, false) }
        #expect(try scratch.bytes("000000000000.changes.arrows").count > before.count)
        throw Interruption()
      }
    }
    #expect(try scratch.bytes("000000000000.changes.arrows") == before)
    #expect(throws: StreamError.self) { _ = try tracked.append(3, []) }
    #expect(throws: StreamError.self) { try tracked.writeSnapshot() }
    _ = try Tracked(scratch, at: 1, history: tracked.history)
  }

  @Test("does not go back, and is not used before it was restored")
  func misuse() throws {
    let scratch = try Scratch()
    let store = try StateStore(
      scratch.stage, schema: layout, keyCount: 2, appends: [3], version: nil)
    #expect(throws: StreamError.self) { _ = try store.append(version: 1) { _ in } }
    try store.restore { _, _ in }
    let row = batch([[.string("a"), .null, .null, .null]])
    #expect(try store.append(version: 5) { write in try write(row, false) })
    #expect(throws: StreamError.self) { _ = try store.append(version: 5) { _ in } }
  }
}
