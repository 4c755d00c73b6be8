import Checkpoint
import Columnar
import Connectors
import Diagnostics
import JSONText
import TestSupport
import Testing

@Suite("The write-ahead log")
struct WALTests {
  @Test("gives back the rows of every epoch, through segments and runs", arguments: 0..<8)
  func roundTrip(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let directory = TemporaryDirectory()
    let path = directory.at("wal")
    let schema = randomBatch(0, seed: 0).schema
    var intents: [JSON] = []
    var expected: [[[Value]]] = []
    for _ in 0..<3 {
      let run = try WALRun(path, schema, behind: intents, segmentByteCountMax: 20_000)
      #expect(try run.recover().isEmpty)
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        var rows: [[Value]] = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          let batch = randomBatch(.random(in: 0...70, using: &random), seed: random.next())
          try run.take(batch)
          rows += batch.rows
        }
        try run.close()
        expected.append(rows)
      }
      intents = run.intents
    }
    let last = try WALRun(path, schema, behind: intents)
    for (intent, rows) in zip(intents, expected) {
      #expect(try last.replayed(intent) == rows)
    }
    #expect(intents.count == expected.count)
  }

  @Test("an epoch without rows touches no disk")
  func emptyEpochs() throws {
    let directory = TemporaryDirectory()
    let run = try WALRun(directory.at("wal"), numbered)
    try run.take(numbers(0..<0))
    try run.close()
    try run.close()
    #expect(run.intents == [[:], [:]] as [JSON])
    #expect(directory.names(in: "wal").isEmpty)
    #expect(try run.replayed([:]).isEmpty)
  }

  @Test("says of an epoch that is made again what its intent said, and writes nothing")
  func replaysWriteNothing() throws {
    let directory = TemporaryDirectory()
    let run = try WALRun(directory.at("wal"), numbered)
    try run.take(numbers(0..<5))
    try run.close()
    let before = directory.bytes("wal/0000000000000000001.arrows")
    let again = try WALRun(directory.at("wal"), numbered)
    let replay = try again.journal.replay(run.intents[0])
    while case .rows(let batch, _, _) = try replay.next(until: .never) { try again.take(batch) }
    try again.close()
    #expect(again.intents == run.intents)
    #expect(directory.names(in: "wal") == ["0000000000000000001.arrows"])
    #expect(directory.bytes("wal/0000000000000000001.arrows") == before)
  }

  @Test("rows without an intent are found again, in order, an epoch for each segment")
  func orphans() throws {
    let directory = TemporaryDirectory()
    let path = directory.at("wal")
    let run = try WALRun(path, numbered, segmentByteCountMax: 2000)
    for epoch in 0..<10 as Range<Int64> {
      try run.take(numbers(epoch * 10..<epoch * 10 + 10))
      try run.close()
    }
    try run.take(numbers(100..<105))
    for known in 0...10 {
      let next = try WALRun(path, numbered, behind: Array(run.intents.prefix(known)))
      let found = try next.recover()
      let rows = try found.flatMap { try next.replayed($0.input) }
      #expect(rows == numbers(Int64(known) * 10..<105).rows)
      #expect(found.reduce(0) { $0 + $1.rowCount } == Int64(rows.count))
      #expect(found.count <= directory.names(in: "wal").count)
      // Found once more until an intent names them, and then no more.
      #expect(try next.recover().map(\.input) == found.map(\.input))
      let last = try WALRun(path, numbered, behind: run.intents.prefix(known) + found.map(\.input))
      #expect(try last.recover().isEmpty)
    }
  }

  @Test("a segment gets a number that none had before, whatever the epoch's is")
  func segmentNumbers() throws {
    let directory = TemporaryDirectory()
    let path = directory.at("wal")
    let run = try WALRun(path, numbered, segmentByteCountMax: 1)
    for epoch in 0..<4 as Range<Int64> {
      try run.take(numbers(epoch..<epoch + 1))
      try run.close()
    }
    // The intents of 3 and 4 are gone, and with them one number.
    let next = try WALRun(path, numbered, behind: Array(run.intents.prefix(1)))
    try next.take(numbers(9..<10))
    try next.close()
    #expect(directory.names(in: "wal").last == "0000000000000000005.arrows")
    #expect(try next.replayed(next.intents[1]) == numbers(9..<10).rows)
  }

  @Test("removes the segments below the floor alone, and begins a new one behind it")
  func trimming() throws {
    let directory = TemporaryDirectory()
    let path = directory.at("wal")
    let run = try WALRun(path, numbered, segmentByteCountMax: 1500)
    for epoch in 0..<12 as Range<Int64> {
      try run.take(numbers(epoch * 10..<epoch * 10 + 10))
      try run.close()
    }
    let all = directory.names(in: "wal")
    #expect(all.count > 3)
    let floor = try WALHistory(nil, of: run.log)
    for (epoch, intent) in run.intents.enumerated() {
      try floor.advance(past: intent)
      let base = try floor.makeBase()
      #expect(base == intent)
      let kept = intent["segment"]?.string ?? ""
      #expect(directory.names(in: "wal") == all.filter { $0 >= kept })
      for later in run.intents[epoch...] { #expect(try !run.replayed(later).isEmpty) }
      let next = try WALHistory(base, of: run.log)
      #expect(try run.log.recover(behind: next).count <= all.count)
    }
  }

  @Test("a slow input's segment is finished when the floor has moved")
  func floorMoves() throws {
    let directory = TemporaryDirectory()
    let run = try WALRun(directory.at("wal"), numbered)
    let history = try WALHistory(nil, of: run.log)
    var random = SplitMix64(seed: 7)
    func epoch() throws {
      let texts = (0..<40_000).map { (Int64($0), String(random.next(), radix: 36) as String?) }
      try run.take(rows(texts.map { ($0.0, $0.1) }))
      try run.close()
      try history.advance(past: run.intents[run.intents.count - 1])
    }
    for _ in 0..<4 { try epoch() }
    #expect(directory.names(in: "wal").count == 1)
    _ = try history.makeBase()
    for _ in 0..<2 { try epoch() }
    #expect(directory.names(in: "wal").count == 2)
    _ = try history.makeBase()
    #expect(directory.names(in: "wal").count == 1)
  }

  @Test("refuses rows of other columns, and says which")
  func otherColumns() throws {
    let directory = TemporaryDirectory()
    let run = try WALRun(directory.at("wal"), numbered)
    try run.take(numbers(0..<3))
    try run.close()
    let other = Schema([Field("n", .string), Field("name", .string)])
    let next = try WALRun(directory.at("wal"), other)
    let error = #expect(throws: StreamError.self) { try next.journal.replay(run.intents[0]) }
    #expect(error?.kind == .io)
    #expect(
      error?.message
        == "rows that were received and not yet committed have the columns 'n bigint, name string', "
        + "but now they are 'n string, name string'")
  }

  @Test(
    "refuses what is no place in the log",
    arguments: [
      "null", "[]", "1", #"{"segment":"../x.arrows","from":1,"to":2,"sum":"0"}"#,
      #"{"segment":"0000000000000000001.arrows","from":2,"to":2,"sum":"0"}"#,
      #"{"segment":"0000000000000000001.arrows","from":-1,"to":2,"sum":"0"}"#,
      #"{"segment":"0000000000000000001.arrows","from":1,"to":9223372036854775807,"sum":"0"}"#,
      #"{"segment":"0000000000000000009.arrows","from":136,"to":900,"sum":"0"}"#,
      #"{"segment":"0000000000000000001.arrows","from":0,"to":900,"sum":"0"}"#,
      #"{"segment":"999999999999999999999.arrows","from":1,"to":2,"sum":"0"}"#,
    ])
  func places(text: String) throws {
    let directory = TemporaryDirectory()
    let run = try WALRun(directory.at("wal"), numbered)
    try run.take(numbers(0..<30))
    try run.close()
    let input = try JSON(parsing: text)
    let error = #expect(throws: StreamError.self) { try run.journal.replay(input) }
    #expect(error?.kind == .io)
  }
}
