import Checkpoint
import Diagnostics
import JSONText
import TestSupport
import Testing

@Suite("Logs of epochs")
struct EpochLogTests {
  private struct Entry: EpochEntry, Equatable {
    let epoch: Int64

    init(epoch: Int64) { self.epoch = epoch }

    init?(_ json: JSON) {
      guard let epoch = json["epoch"]?.int64 else { return nil }
      self.epoch = epoch
    }

    var json: JSON { ["epoch": .integer(epoch)] }
  }

  private let scratch = ScratchDirectory()
  private var path: String { "\(scratch.path)/order.log" }

  @Test("give back what was written, by its number")
  func roundTrip() throws {
    #expect(try EpochLog<Entry>.read(path) == nil)
    let log = try EpochLog<Entry>(path, holding: [])
    for epoch in 5...9 as ClosedRange<Int64> { try log.append(Entry(epoch: epoch)) }
    #expect(try EpochLog<Entry>.read(path) == log.entries)
    for epoch in [.min, 0, 4, 10, .max] as [Int64] { #expect(log.entry(of: epoch) == nil) }
    #expect(log.entry(of: 5)?.epoch == 5)
    #expect(log.entry(of: 9)?.epoch == 9)
    try log.keep(log.entries.filter { $0.epoch > 7 })
    #expect(log.entry(of: 7) == nil)
    #expect(try EpochLog<Entry>.read(path)?.map(\.epoch) == [8, 9])
  }

  @Test(
    "with gaps, and with numbers that no epoch has, are damaged",
    arguments: [[0], [-1], [.min], [.min, .min + 1], [1, 3], [2, 1], [4, 4], [.max, .min]]
      as [[Int64]])
  func damage(epochs: [Int64]) throws {
    // A good checksum: somebody has made it so.
    _ = try RecordLog(path, holding: epochs.map { Entry(epoch: $0).json })
    let error = #expect(throws: StreamError.self) { try EpochLog<Entry>.read(path) }
    #expect(error?.kind == .io)
    #expect(error?.message.hasPrefix(StreamError.damagePrefix) == true)
    #expect(error?.location == "\(path):\(epochs.count == 1 || epochs[0] < 1 ? 1 : 2)")
  }

  @Test("hold entries alone")
  func others() throws {
    _ = try RecordLog(path, holding: [["epoch": 1], ["epoch": "two"]])
    #expect(throws: StreamError.self) { try EpochLog<Entry>.read(path) }
  }
}
