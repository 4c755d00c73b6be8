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
}
