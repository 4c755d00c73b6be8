import Checkpoint
import Columnar
import Connectors
import Diagnostics
import JSONText
import TestSupport
import Testing

@Suite("A damaged write-ahead log")
struct WALDamageTests {
  private static let name = "wal/0000000000000000001.arrows"

  /// An epoch with an intent, and three runs of rows without.
  private struct Sample {
    let bytes: [UInt8]
    let intent: JSON
    let named: [[Value]]
    /// How long the file was behind each run, and its rows up to there.
    let ends: [(length: Int, rows: [[Value]])]

    init() throws {
      let directory = TemporaryDirectory()
      let run = try WALRun(directory.at("wal"), numbered)
      try run.take(numbers(0..<4))
      try run.take(numbers(4..<6))
      try run.close()
      intent = run.intents[0]
      named = numbers(0..<6).rows
      var ends = [(directory.bytes(WALDamageTests.name).count, [[Value]]())]
      for end in [9, 10, 13] as [Int64] {
        try run.take(numbers(Int64(6 + ends[ends.count - 1].1.count)..<end))
        ends.append((directory.bytes(WALDamageTests.name).count, numbers(6..<end).rows))
      }
      self.ends = ends
      bytes = directory.bytes(WALDamageTests.name)
    }
  }

  /// What a run finds in such a file: the epoch's rows, nil if they are refused, and the others.
  private func read(_ bytes: [UInt8], _ sample: Sample) throws -> (
    named: [[Value]]?, others: [[Value]]
  ) {
    let directory = TemporaryDirectory()
    directory.write(WALDamageTests.name, bytes: bytes)
    let run = try WALRun(directory.at("wal"), numbered, behind: [sample.intent])
    let others = try run.recover().flatMap { try run.replayed($0.input) }
    var named: [[Value]]?
    do {
      named = try run.replayed(sample.intent)
    } catch let error as StreamError {
      #expect(error.kind == .io)
    }
    return (named, others)
  }

  @Test("that ends anywhere keeps all runs of rows that are whole")
  func tornTails() throws {
    let sample = try Sample()
    for length in 0...sample.bytes.count {
      let found = try read(Array(sample.bytes[..<length]), sample)
      let whole = sample.ends.last { $0.length <= length }
      #expect(found.named == (whole == nil ? nil : sample.named))
      #expect(found.others == whole?.rows ?? [])
    }
  }

  @Test("is cut where the last whole run ends")
  func cutting() throws {
    let sample = try Sample()
    let (before, after) = (sample.ends[2].length, sample.ends[3].length)
    for length in before..<after {
      let directory = TemporaryDirectory()
      directory.write(WALDamageTests.name, bytes: Array(sample.bytes[..<length]))
      let run = try WALRun(directory.at("wal"), numbered, behind: [sample.intent])
      #expect(try run.recover().map(\.rowCount) == [4])
      #expect(directory.bytes(WALDamageTests.name) == Array(sample.bytes[..<before]))
    }
  }

  @Test("with any byte changed gives right rows, fewer rows or an error, never wrong ones")
  func flips() throws {
    let sample = try Sample()
    var refused = 0
    for place in sample.bytes.indices {
      var bytes = sample.bytes
      bytes[place] ^= 1 << UInt8(place % 8)
      let found = try read(bytes, sample)
      if let named = found.named { #expect(named == sample.named) } else { refused += 1 }
      #expect(sample.ends.contains { $0.rows == found.others })
      // All bytes that the intent speaks of are covered.
      #expect((found.named == nil) == (place < sample.ends[0].length))
    }
    #expect(refused == sample.ends[0].length)
  }

  @Test("with any byte changed in an epoch that no intent names gives a beginning of its rows")
  func flipsWithoutIntent() throws {
    let sample = try Sample()
    let prefixes =
      [[]] + [numbers(0..<4).rows, sample.named] + sample.ends.map { sample.named + $0.rows }
    for place in sample.bytes.indices {
      var bytes = sample.bytes
      bytes[place] ^= 0xFF
      let directory = TemporaryDirectory()
      directory.write(WALDamageTests.name, bytes: bytes)
      let run = try WALRun(directory.at("wal"), numbered)
      let found = try run.recover().flatMap { try run.replayed($0.input) }
      #expect(prefixes.contains(found))
    }
  }

  @Test("that holds anything at all is neither trusted nor a trap", arguments: 0..<300)
  func nonsense(seed: UInt64) throws {
    let sample = try Sample()
    var random = SplitMix64(seed: seed)
    var bytes = sample.bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let start = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, start + Int.random(in: 0...200, using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.removeSubrange(start..<end)
      case 1: bytes.insert(contentsOf: bytes[start..<end], at: start)
      case 2: bytes.replaceSubrange(start..<end, with: repeatElement(0, count: end - start))
      default:
        for place in start..<end { bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
      }
      if bytes.isEmpty { bytes = [0] }
    }
    let found = try read(bytes, sample)
    #expect(found.named == nil || found.named == sample.named)
    if found.named != nil { #expect(found.others.count <= 7) }
  }

  @Test("begins a file that has no head once more")
  func headless() throws {
    let directory = TemporaryDirectory()
    directory.write(WALDamageTests.name, bytes: [0xFF, 0xFF, 0xFF])
    directory.write("wal/notes.txt", "not ours")
    let run = try WALRun(directory.at("wal"), numbered)
    #expect(try run.recover().isEmpty)
    #expect(directory.names(in: "wal") == ["notes.txt"])
    try run.take(numbers(0..<2))
    try run.close()
    #expect(try run.replayed(run.intents[0]) == numbers(0..<2).rows)
  }
}
