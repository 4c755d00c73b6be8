import Checkpoint
import Columnar
import Diagnostics
import JSONText
import Testing
import Toolkit
import Wire

/// Inputs that are written by hand, and what the stage gets to see of them.
private final class Merging {
  let streams: [SampleStream]
  private let output = SamplePipe()
  private let writer: WireWriter
  private let feed: InputFeed
  private let merged: MergedInputs

  /// - Parameter directory: of the stage, with a checkpoint.
  init(
    _ directory: SampleDirectory? = nil, resume: JSON? = nil, floor: JSON? = nil,
    byteCountMax: Int = InputFeed.defaultByteCountMax
  ) throws {
    let headers = ["a", "b"].map { sampleHeader($0, resume: resume) }
    streams = try headers.map { try SampleStream($0) }
    writer = WireWriter(descriptor: output.writing, compression: .none)
    feed = try InputFeed(byteCountMax: byteCountMax)
    let descriptors = streams.map(\.pipe.reading)
    let inputs = try feed.open(
      descriptors.map { descriptor in { try WireReader(descriptor: descriptor) } })
    var header = try Header.merging(headers.map { ("", $0) })
    let stage = header.append(
      tool: "stream-union", options: .object([]), otherInput: headers[1].plan)
    merged = try MergedInputs(
      header, inputs, from: feed,
      behind: LedgerMerge(stage: stage, policy: .min, inputs),
      keeping: directory.map { directory in
        OrderKeeping(directory: directory.stage, recordPlan: {}, floor: { floor })
      })
  }

  deinit { feed.close() }

  /// The next epoch: its number, then its input's and the values; nil at the end.
  func epoch() throws -> String? {
    var values: [String] = []
    while let frame = try merged.next(for: writer) {
      switch frame {
      case .rows(let rows):
        for value in try rows.batch().columns[0].values {
          if case .integer(let integer) = value { values.append("\(integer)") }
        }
      case .marker(let ledger):
        var ledger = ledger
        ledger[stage: "a.union"].memo = merged.memo(adding: nil)
        last = ledger.json
        return "\(ledger.epoch): \(values.joined(separator: " "))"
      case .failure: return "failure"
      }
    }
    return nil
  }

  /// The values of the next frame, which has rows.
  func values() throws -> [Value]? {
    guard case .rows(let rows) = try merged.next(for: writer) else { return nil }
    return try rows.batch().columns[0].values
  }

  var completeInputs: Set<Int> { merged.completeInputs }

  /// The ledger of the last epoch, as a commit keeps it.
  private(set) var last: JSON?
}

@Suite("Several inputs")
struct MergedInputsTests {
  @Test("are applied epoch by epoch, in the order of their markers")
  func order() throws {
    let merging = try Merging()
    let (a, b) = (merging.streams[0], merging.streams[1])
    try a.send([1], epoch: 1)
    try b.send([2], epoch: 1)
    try b.mark(1)
    #expect(try merging.epoch() == "1: 2")
    try a.send([3], epoch: 1)
    try a.mark(1)
    #expect(try merging.epoch() == "2: 1 3")
    try a.end()
    try b.send([4], epoch: 2)
    try b.mark(2)
    #expect(try merging.epoch() == "3: 4")
    try b.end()
    #expect(try merging.epoch() == nil)
  }

  @Test("are made again in the order that was noted, whichever comes first")
  func again() throws {
    let directory = SampleDirectory()
    do {
      let merging = try Merging(directory)
      for (index, epoch) in [(1, Int64(1)), (0, 1), (1, 2)] {
        try merging.streams[index].send([Int64(index)], epoch: epoch)
        try merging.streams[index].mark(epoch)
        _ = try merging.epoch()
      }
    }
    let merging = try Merging(directory)
    for epoch in Int64(1)...2 {
      try merging.streams[0].send([0], epoch: epoch)
      try merging.streams[0].mark(epoch)
    }
    // The first input has everything there long before the other one begins.
    for epoch in Int64(1)...2 {
      try merging.streams[1].send([1], epoch: epoch)
      try merging.streams[1].mark(epoch)
    }
    #expect(try merging.epoch() == "1: 1")
    #expect(try merging.epoch() == "2: 0")
    #expect(try merging.epoch() == "3: 1")
    #expect(try merging.epoch() == "4: 0")
    let entries = try InputOrder.read(directory.stage)
    #expect(entries?.map(\.input) == ["b.source", "a.source", "b.source", "a.source"])
    #expect(entries?.map(\.inputEpoch) == [1, 1, 2, 2])
  }

  @Test("make a noted epoch void when its input ends before it, with all after it")
  func void() throws {
    let directory = SampleDirectory()
    do {
      let merging = try Merging(directory)
      for (index, epoch) in [(0, Int64(1)), (1, 1), (0, 2)] {
        try merging.streams[index].mark(epoch)
        _ = try merging.epoch()
      }
    }
    let merging = try Merging(directory)
    try merging.streams[0].send([5], epoch: 1)
    try merging.streams[0].mark(1)
    try merging.streams[0].mark(2)
    #expect(try merging.epoch() == "1: 5")
    try merging.streams[1].end()
    #expect(try merging.epoch() == "2: ")
    let entries = try InputOrder.read(directory.stage)
    #expect(entries?.map(\.input) == ["a.source", "a.source"])
    #expect(entries?.map(\.inputEpoch) == [1, 2])
  }

  @Test("go on behind the last commit")
  func resume() throws {
    let directory = SampleDirectory()
    var commit: JSON?
    do {
      let merging = try Merging(directory)
      for (index, epoch) in [(0, Int64(1)), (1, 1), (0, 2)] {
        try merging.streams[index].mark(epoch)
        _ = try merging.epoch()
        if epoch == 1 { commit = merging.last }
      }
    }
    let merging = try Merging(directory, resume: commit)
    try merging.streams[1].send([9], epoch: 2)
    try merging.streams[1].mark(2)
    try merging.streams[0].send([8], epoch: 2)
    try merging.streams[0].mark(2)
    #expect(try merging.epoch() == "3: 8")
    #expect(try merging.epoch() == "4: 9")
  }

  @Test("are complete once for all: what comes behind a last epoch does not count")
  func complete() throws {
    let directory = SampleDirectory()
    var commit: JSON?
    do {
      let merging = try Merging(directory)
      try merging.streams[0].mark(1, isFinal: true)
      _ = try merging.epoch()
      commit = merging.last
    }
    let merging = try Merging(directory, resume: commit)
    for epoch in Int64(2)...3 {
      try merging.streams[0].send([7], epoch: epoch)
      try merging.streams[0].mark(epoch)
    }
    try merging.streams[0].end()
    try merging.streams[1].send([8], epoch: 1)
    try merging.streams[1].mark(1, isFinal: true)
    try merging.streams[1].end()
    #expect(try merging.epoch() == "2: 8")
    #expect(merging.last?["final"] == true)
    #expect(try merging.epoch() == nil)
    #expect(try InputOrder.read(directory.stage)?.map(\.input) == ["a.source", "b.source"])
  }

  @Test("do not wait for the marker of the last one that is not complete")
  func last() throws {
    let directory = SampleDirectory()
    do {
      let merging = try Merging(directory)
      let (a, b) = (merging.streams[0], merging.streams[1])
      try b.send([1], epoch: 1)
      try a.mark(1, isFinal: true)
      #expect(try merging.epoch() == "1: ")
      #expect(merging.completeInputs == [0])
      #expect(try merging.values() == [.integer(1)])
      // What comes in the same order again if the run ends here.
      #expect(
        try InputOrder.read(directory.stage)?.map(\.input) == ["a.source", "b.source"])
      try b.send([2], epoch: 1)
      #expect(try merging.values() == [.integer(2)])
    }
    let merging = try Merging(directory)
    let (a, b) = (merging.streams[0], merging.streams[1])
    try b.send([1, 2], epoch: 1)
    try b.mark(1)
    try a.mark(1, isFinal: true)
    try a.end()
    #expect(try merging.epoch() == "1: ")
    #expect(try merging.epoch() == "2: 1 2")
    try b.mark(2)
    #expect(try merging.epoch() == "3: ")
    try b.send([3], epoch: 3)
    #expect(try merging.values() == [.integer(3)])
    try b.mark(3, isFinal: true)
    try b.end()
    #expect(try merging.epoch() == "4: ")
    #expect(merging.completeInputs == [0, 1])
    #expect(merging.last?["final"] == true)
    #expect(try merging.epoch() == nil)
  }

  @Test("of which the last one goes on to another epoch without a marker are damaged")
  func missingMarker() throws {
    let merging = try Merging()
    try merging.streams[0].mark(1, isFinal: true)
    #expect(try merging.epoch() == "1: ")
    try merging.streams[1].send([1], epoch: 1)
    try merging.streams[1].send([2], epoch: 2)
    let error = #expect(throws: StreamError.self) { try merging.epoch() }
    #expect(error?.kind == .data)
  }

  @Test("of which the last one dies in an epoch end with its error")
  func lastDies() throws {
    let merging = try Merging()
    try merging.streams[0].mark(1, isFinal: true)
    #expect(try merging.epoch() == "1: ")
    try merging.streams[1].send([1], epoch: 1)
    #expect(try merging.values() == [.integer(1)])
    merging.streams[1].die()
    let error = #expect(throws: StreamError.self) { try merging.epoch() }
    #expect(error?.kind == .unavailable)
  }

  @Test("refuse an order that does not go with the commit")
  func damaged() throws {
    let directory = SampleDirectory()
    var commit: JSON?
    do {
      let merging = try Merging(directory)
      try merging.streams[0].mark(1)
      _ = try merging.epoch()
      commit = merging.last
    }
    try Disk.remove(directory.stage.orderPath)
    let error = #expect(throws: StreamError.self) { try Merging(directory, resume: commit) }
    #expect(error?.kind == .io)
    #expect(error?.message.contains("the order of epoch 1 is missing") == true)
  }

  @Test("drop the order of epochs whose commit is durable")
  func trimmed() throws {
    let directory = SampleDirectory()
    let count = Int64(200)
    let floor: JSON = ["stages": ["a.union": ["memo": ["inputs": ["epoch": 90]]]]]
    let merging = try Merging(directory, floor: floor)
    for epoch in 1...count {
      try merging.streams[0].mark(epoch)
      _ = try merging.epoch()
    }
    let entries = try InputOrder.read(directory.stage)
    #expect(entries?.first?.epoch == 90)
    #expect(entries?.last?.epoch == count)
  }

  @Test("are read while another one is waited for, in a file if need be", arguments: [0, 2000])
  func spooled(byteCountMax: Int) throws {
    let directory = SampleDirectory()
    do {
      let merging = try Merging(directory)
      try merging.streams[1].mark(1)
      _ = try merging.epoch()
    }
    // The order says that the second input is first; a pipe holds far less than what the first sends.
    let merging = try Merging(directory, byteCountMax: byteCountMax)
    let (epochs, batches) = (Int64(20), Int64(50))
    let first = merging.streams[0]
    for epoch in 1...epochs {
      for batch in 0..<batches {
        try first.send((0..<200).map { epoch * 100_000 + batch * 200 + $0 }, epoch: epoch)
      }
      try first.mark(epoch)
    }
    try first.end()
    // Only when all of it is gone does the other one begin.
    try merging.streams[1].send([7], epoch: 1)
    try merging.streams[1].mark(1)
    try merging.streams[1].end()
    #expect(try merging.epoch() == "1: 7")
    for epoch in 1...epochs {
      let values = (0..<batches * 200).map { "\(epoch * 100_000 + $0)" }
      #expect(try merging.epoch() == "\(epoch + 1): \(values.joined(separator: " "))")
    }
    #expect(try merging.epoch() == nil)
  }

  @Test("pass a failure of any of them on")
  func failure() throws {
    let merging = try Merging()
    let failure = Failure(stage: "b.source", status: 65, message: "bad")
    try merging.streams[0].send([1], epoch: 1)
    try merging.streams[1].fail(failure)
    #expect(throws: WireError.failed(failure)) { try merging.epoch() }
  }

  @Test("take an end without a mark for a death")
  func death() throws {
    let merging = try Merging()
    try merging.streams[0].mark(1)
    #expect(try merging.epoch() == "1: ")
    merging.streams[1].die()
    let error = #expect(throws: StreamError.self) { try merging.epoch() }
    #expect(error?.kind == .unavailable)
  }
}
