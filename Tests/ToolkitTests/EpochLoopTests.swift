import Columnar
import Diagnostics
import Glibc
import JSONText
import Operators
import Testing
import Toolkit
import Wire

/// Counts rows; sends the batches on, and the count at the end of an epoch.
private struct Counting: Operator {
  let output = numbers
  var limit = Int.max
  var count = 0

  var isExhausted: Bool { count >= limit }

  mutating func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch, emit: (Batch, Change) throws -> Void
  ) throws {
    if batch.row(0) == [.integer(13)] { throw StreamError(.data, "thirteen") }
    count += batch.rowCount
    try emit(batch, change)
  }

  mutating func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    try emit(batch([Int64(count) * 1000]), .insert)
    var outcome = EpochOutcome()
    outcome.stateRows = 1
    outcome.replacesResult = count > 2
    return outcome
  }
}

/// Lets whole frames pass as they are.
private struct Passing: FrameOperator {
  let output = numbers
  var rowsSeen = 0

  mutating func passes(rowCount: Int, column: (Int) throws -> Column) -> Bool {
    rowsSeen += rowCount
    return true
  }

  func process(_: Batch, _: Change, in _: Epoch, emit: (Batch, Change) throws -> Void) throws {
    throw StreamError(.internal, "decoded")
  }

  func finish(_: EpochEnd, emit: (Batch, Change) throws -> Void) -> EpochOutcome { EpochOutcome() }
}

private let numbers = Schema([Field("n", .bigint)])

private func batch(_ values: [Int64]) -> Batch {
  Batch(schema: numbers, columns: [Column(values.map { Optional($0) })])
}

private func stamp(_ epoch: Int64) -> EpochStamp { EpochStamp(number: epoch, time: epoch * 10) }

private func ledger(_ epoch: Int64, isFinal: Bool = false) -> Ledger {
  Ledger(epoch: epoch, by: "main.source", time: epoch * 10, isFinal: isFinal, watermark: 7)
}

/// A pipe that holds a small stream.
private final class Pipe {
  private(set) var ends: [Int32] = [-1, -1]

  init() { unsafe pipe(&ends) }

  deinit {
    closeWriting()
    close(ends[0])
  }

  func closeWriting() {
    if ends[1] >= 0 { close(ends[1]) }
    ends[1] = -1
  }
}

/// Runs the loop over what `input` writes and reads what comes out.
private func run(
  _ operation: any Operator, _ input: (WireWriter) throws -> Void
) throws -> (frames: [String], last: Ledger?, error: (any Error)?) {
  let (before, after) = (Pipe(), Pipe())
  let upstream = WireWriter(descriptor: before.ends[1], compression: .none)
  var header = Header()
  _ = header.append(tool: "stream-source", options: .object([]))
  try upstream.begin(header, numbers)
  try input(upstream)
  before.closeWriting()
  let reader = try WireReader(descriptor: before.ends[0])
  let writer = WireWriter(descriptor: after.ends[1], compression: .none)
  try writer.begin(header, operation.output)
  var loop = EpochLoop("main.map", operation, from: reader, to: writer)
  var thrown: (any Error)?
  do { try loop.run() } catch { thrown = error }
  after.closeWriting()
  let result = try read(after.ends[0])
  return (result.frames, result.last, thrown)
}

private func read(_ descriptor: Int32) throws -> (frames: [String], last: Ledger?) {
  let reader = try WireReader(descriptor: descriptor)
  var (frames, last): ([String], Ledger?) = ([], nil)
  do {
    while let frame = try reader.next() {
      switch frame {
      case .rows(let rows):
        let values = try rows.batch().columns[0].values.map { value in
          if case .integer(let integer) = value { "\(integer)" } else { "\(value)" }
        }
        frames.append(
          "\(rows.stamp.number)\(rows.isDeletion ? "-" : "+") \(values.joined(separator: " "))")
      case .marker(let ledger):
        last = ledger
        let part = ledger[stage: "main.map"]
        let marks = (ledger.isFinal ? " final" : "") + (ledger.replaces ? " replaces" : "")
        frames.append(
          "\(ledger.epoch) in \(part[metric: "rowsIn"] ?? -1) out \(part[metric: "rowsOut"] ?? -1) "
            + "state \(part[metric: "stateRows"] ?? -1)\(marks)")
      case .failure(let failure): frames.append("failed \(failure.status)")
      }
    }
    frames.append("end")
  } catch {
    frames.append("cut off")
  }
  return (frames, last)
}

@Suite("The loop of a stage")
struct EpochLoopTests {
  @Test("sends results before the marker, and signs it")
  func signs() throws {
    let result = try run(Counting()) { upstream in
      try upstream.write(batch([1, 2]), stamp(1))
      try upstream.write(ledger(1))
      try upstream.write(ledger(2))
      try upstream.write(batch([3]), stamp(3), isDeletion: true)
      try upstream.write(ledger(3, isFinal: true))
      try upstream.end()
    }
    #expect(result.error == nil)
    #expect(
      result.frames == [
        "1+ 1 2", "1+ 2000", "1 in 2 out 3 state 1", "2+ 2000", "2 in 0 out 1 state 1", "3- 3",
        "3+ 3000", "3 in 1 out 2 state 1 final replaces", "end",
      ])
  }

  @Test("sends frames on that need no look")
  func passes() throws {
    let result = try run(Passing()) { upstream in
      try upstream.write(batch([1, 2]), stamp(1))
      try upstream.write(ledger(1, isFinal: true))
      try upstream.end()
    }
    #expect(result.error == nil)
    #expect(result.frames == ["1+ 1 2", "1 in 2 out 2 state 0 final", "end"])
  }

  @Test("ends the stream early when nothing can change any more")
  func exhausted() throws {
    let result = try run(Counting(limit: 2)) { upstream in
      try upstream.write(batch([1]), stamp(1))
      try upstream.write(ledger(1))
      try upstream.write(batch([2]), stamp(2))
      try upstream.write(batch([3]), stamp(2))
    }
    #expect(result.error == nil)
    #expect(
      result.frames == [
        "1+ 1", "1+ 1000", "1 in 1 out 2 state 1", "2+ 2", "2+ 2000", "2 in 1 out 2 state 1 final",
        "end",
      ])
  }

  @Test("says at an early end how far the stages before had come")
  func earlyParts() throws {
    let result = try run(Counting(limit: 2)) { upstream in
      var first = ledger(1)
      first.sources = [SourcePart(id: "main.source", epoch: 1, rows: 5)]
      first[stage: "main.window"].memo = ["max": 3]
      first[stage: "main.window"].metrics = [Metric("rowsIn", 5)]
      try upstream.write(first)
      try upstream.write(batch([1, 2]), stamp(2))
    }
    let last = try #require(result.last)
    #expect(last.epoch == 2)
    #expect(last.isFinal)
    #expect(last.sources == [SourcePart(id: "main.source", epoch: 1)])
    #expect(last[stage: "main.window"] == StagePart(id: "main.window", memo: ["max": 3]))
    #expect(last[stage: "main.map"][metric: "rowsIn"] == 2)
  }

  @Test("throws an upstream's failure on")
  func failed() throws {
    let failure = Failure(stage: "main.source", status: 65, message: "bad")
    let result = try run(Counting()) { upstream in
      try upstream.write(batch([1]), stamp(1))
      try upstream.write(failure)
    }
    #expect(result.error as? WireError == .failed(failure))
    #expect(result.frames == ["1+ 1", "cut off"])
  }

  @Test("takes an end without a mark for a death")
  func cutOff() throws {
    let result = try run(Counting()) { upstream in
      try upstream.write(batch([1]), stamp(1))
      try upstream.write(ledger(1))
    }
    #expect((result.error as? StreamError)?.kind == .unavailable)
    #expect(result.frames.last == "cut off")
  }
}
