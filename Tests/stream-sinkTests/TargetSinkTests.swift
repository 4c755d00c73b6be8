import Checkpoint
import Columnar
import Connectors
import Diagnostics
import JSONText
import Toolkit
import Wire
import Testing
import stream_sink

/// A target that stands where it is told to, and notes what it is asked.
private final class Recorded {
  var position: TargetPosition
  var resume: TargetResume?
  var prepared: [Int64] = []

  init(_ position: TargetPosition = .asCommitted) { self.position = position }
}

private struct FakeTarget: DurableTarget {
  let record: Recorded

  func begin(_ form: ResultForm) {}
  func write(_ batch: Batch, isDeletion: Bool) {}
  func commit(_ epoch: TargetEpoch) {}
  func discard() {}
  func publish(_ epoch: TargetEpoch) {}

  func resume(_ resume: TargetResume) -> TargetPosition {
    record.resume = resume
    return record.position
  }

  func prepare(_ epoch: TargetEpoch) -> JSON {
    record.prepared.append(epoch.number)
    return .integer(epoch.number * 10)
  }
}

@Suite("Several targets of a sink")
struct TargetSinkTests {
  private func ledger(_ epoch: Int64) -> Ledger {
    Ledger(epoch: epoch, by: "main.source", time: 17)
  }

  private func record(_ name: String, since: Int64 = 0, epoch: Int64) -> JSON {
    [
      "target": .string(name), "since": .integer(since), "epoch": .integer(epoch),
      "detail": .integer(epoch * 10),
    ]
  }

  private func resume(_ commit: Int64?, _ records: [JSON]) -> SinkResume {
    SinkResume(
      query: "q", stage: "main.sink",
      commit: commit.map { CommitRecord(ledger: ["epoch": .integer($0)], targets: records) },
      directory: StageDirectory(path: "/nowhere", id: "main.sink"))
  }

  private func sink(
    _ targets: [(String, Recorded)], warn: @escaping (String) -> Void = { _ in }
  ) -> TargetSink {
    TargetSink(
      targets.map { (identity: $0.0, target: FakeTarget(record: $0.1)) }, guards: PlanGuards(),
      warn: warn)
  }

  private func ahead(_ epoch: Int64) -> TargetPosition {
    .ahead(ledger: ["epoch": .integer(epoch)], detail: "its own")
  }

  @Test("each get their own part of the commit's record")
  func records() throws {
    let (a, b) = (Recorded(), Recorded())
    var sink = sink([("a", a), ("b", b)])
    _ = try sink.resume(resume(7, [record("b", since: 3, epoch: 6), record("a", epoch: 7)]))
    #expect(a.resume?.epoch == 7 && a.resume?.detail == 70 && a.resume?.isNew == false)
    #expect(b.resume?.epoch == 6 && b.resume?.detail == 60 && b.resume?.isNew == false)
    #expect(
      try sink.prepare(ledger(8)) == [record("a", epoch: 8), record("b", since: 3, epoch: 8)])
  }

  @Test("begin where they were added, and are missed when they are left out")
  func changes() throws {
    let (a, new) = (Recorded(), Recorded())
    var missed: [String] = []
    var sink = sink([("a", a), ("new", new)]) { missed.append($0) }
    _ = try sink.resume(resume(7, [record("a", epoch: 7), record("old", epoch: 7)]))
    #expect(new.resume?.isNew == true && new.resume?.epoch == 7 && new.resume?.detail == .null)
    #expect(missed == ["old is no target any more: it gets no further rows"])
    #expect(
      try sink.prepare(ledger(9)) == [record("a", epoch: 9), record("new", since: 7, epoch: 9)])
  }

  @Test("are not given again what they hold, until all hold it")
  func oneAhead() throws {
    let (a, b) = (Recorded(ahead(8)), Recorded())
    var sink = sink([("a", a), ("b", b)])
    guard
      case .asCommitted = try sink.resume(
        resume(7, [record("a", epoch: 7), record("b", epoch: 7)]))
    else { throw StreamError(.internal, "a wrong position") }
    let records = try sink.prepare(ledger(8))
    #expect(a.prepared == [] && b.prepared == [8])
    #expect(records[0]["epoch"]?.int64 == 8 && records[0]["detail"]?.string == "its own")
    _ = try sink.prepare(ledger(9))
    #expect(a.prepared == [9] && b.prepared == [8, 9])
  }

  @Test("that are all ahead make the commit good")
  func allAhead() throws {
    var sink = sink([("a", Recorded(ahead(8))), ("b", Recorded(ahead(8)))])
    guard
      case .ahead(let commit) = try sink.resume(
        resume(7, [record("a", epoch: 7), record("b", epoch: 7)]))
    else { throw StreamError(.internal, "a wrong position") }
    #expect(commit.epoch == 8)
    #expect(commit.targets.map { $0["epoch"]?.int64 } == [8, 8])
    #expect(commit.targets.allSatisfy { $0["detail"]?.string == "its own" })
  }

  @Test("take the query back to the one that is furthest behind")
  func behind() throws {
    var sink = sink([
      ("a", Recorded(.behind(epoch: 5))), ("b", Recorded(ahead(8))),
      ("c", Recorded(.behind(epoch: 3))),
    ])
    guard case .behind(epoch: 3) = try sink.resume(resume(7, [])) else {
      throw StreamError(.internal, "a wrong position")
    }
  }
}
