import Columnar
import Diagnostics
import Glibc
import JSONText
import Operators
import Testing
import Toolkit
import Wire

private let second: Int64 = 1_000_000

private let numbers = Schema([Field("n", .bigint)])

private func batch(_ values: [Int64]) -> Batch {
  Batch(schema: numbers, columns: [Column(values.map { Optional($0) })])
}

private func rejected(late: [(row: Int32, by: Int64)] = [], unusable: [Int32] = []) -> RejectedRows
{
  var rows = RejectedRows()
  rows.late = late
  rows.unusable = unusable
  return rows
}

/// A directory that is removed with its contents.
private final class Scratch {
  let path: String

  init() {
    var template = Array("/tmp/stream-rejects-XXXXXX".utf8CString)
    _ = unsafe mkdtemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in names(below: "") { unsafe unlink("\(path)/\(name)") }
    for name in ["/a/b", "/a", ""] { unsafe rmdir("\(path)\(name)") }
  }

  /// Files in a directory, by name; hidden ones too.
  func names(below directory: String) -> [String] {
    guard let stream = unsafe opendir("\(path)/\(directory)") else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The numbers in a file.
  func numbers(in name: String) throws -> [Value] {
    let descriptor = unsafe open("\(path)/\(name)", O_RDONLY)
    defer { close(descriptor) }
    let reader = try WireReader(descriptor: descriptor)
    var values: [Value] = []
    while let frame = try reader.next() {
      if case .rows(let rows) = frame { values += try rows.batch().columns[0].values }
    }
    return values
  }
}

private func integers(_ values: [Int64]) -> [Value] { values.map { .integer($0) } }

@Suite("The count of rejected rows")
struct RejectTallyTests {
  @Test("sorts late rows by how late they are")
  func histogram() {
    var tally = RejectTally()
    #expect(tally.memo(adding: nil) == nil)
    #expect(tally.memo(adding: ["max": 1]) == ["max": 1])
    let delays: [Int64] = [
      0, second - 1, second, 10 * second - 1, 10 * second, 60 * second, 599 * second, 600 * second,
      3_599 * second, 3_600 * second, 86_399 * second, 86_400 * second, .max,
    ]
    tally.add(rejected(late: delays.map { (0, $0) }, unusable: [4, 5]))
    #expect(tally.histogram == [2, 2, 1, 2, 2, 2, 2])
    #expect(tally.lateCount == 13)
    #expect(tally.unusableCount == 2)
    #expect(tally.lateMost == .max)
  }

  @Test("comes back from a memo")
  func roundTrip() throws {
    var tally = RejectTally()
    tally.add(rejected(late: [(0, 5), (1, 70 * second)], unusable: [2]))
    let memo = try #require(tally.memo(adding: ["max": 1]))
    #expect(
      memo.text
        == #"{"max":1,"late":{"rows":2,"max":70000000,"by":[1,0,0,1,0,0,0]},"unusable":1}"#)
    #expect(try RejectTally(memo: JSON(parsing: memo.text)) == tally)
    #expect(try RejectTally(memo: ["max": 1]) == RejectTally())
  }

  @Test(
    "refuses a memo that is none",
    arguments: [
      #"{"late":7}"#, #"{"late":{"rows":1,"max":1,"by":[1]}}"#,
      #"{"late":{"rows":-1,"max":1,"by":[0,0,0,0,0,0,0]}}"#,
      #"{"late":{"rows":1,"max":1,"by":[0,0,0,0,0,0,"x"]}}"#, #"{"unusable":-1}"#,
    ])
  func damaged(text: String) throws {
    let json = try JSON(parsing: text)
    let error = #expect(throws: StreamError.self) { _ = try RejectTally(memo: json) }
    #expect(error?.kind == .io)
  }
}

@Suite("Files of rejected rows")
struct RejectFileTests {
  @Test("appear whole when their epoch ends, in a directory that is made")
  func appears() throws {
    let scratch = Scratch()
    let files = RejectFiles("\(scratch.path)/a/b", isPrivate: true, schema: numbers)
    try files.close(1)
    #expect(scratch.names(below: "a").isEmpty)
    try files.add(batch([1, 2]))
    try files.add(batch([3]))
    #expect(scratch.names(below: "a/b").isEmpty)
    try files.close(2)
    #expect(scratch.names(below: "a/b") == ["000002.arrows"])
    #expect(try scratch.numbers(in: "a/b/000002.arrows") == integers([1, 2, 3]))
    try files.close(3)
    #expect(scratch.names(below: "a/b") == ["000002.arrows"])
    unsafe unlink("\(scratch.path)/a/b/000002.arrows")
  }

  @Test("are made anew with their epoch")
  func replaced() throws {
    let scratch = Scratch()
    let files = RejectFiles(scratch.path, prefix: "main.agg-", isPrivate: false, schema: numbers)
    try files.add(batch([1]))
    try files.close(1_234_567)
    try files.add(batch([2]))
    try files.close(1_234_567)
    #expect(scratch.names(below: "") == ["main.agg-1234567.arrows"])
    #expect(try scratch.numbers(in: "main.agg-1234567.arrows") == integers([2]))
  }

  @Test("hold any number of rows")
  func many() throws {
    let scratch = Scratch()
    let files = RejectFiles(scratch.path, isPrivate: false, schema: numbers)
    for start in stride(from: Int64(0), to: 20_000, by: 100) {
      try files.add(batch(Array(start..<start + 100)))
    }
    try files.close(1)
    #expect(try scratch.numbers(in: "000001.arrows") == integers(Array(0..<20_000)))
  }

  @Test("go when their epoch is void, others stay")
  func removed() throws {
    let scratch = Scratch()
    let files = RejectFiles(scratch.path, prefix: "x-", isPrivate: false, schema: numbers)
    let others = RejectFiles(scratch.path, prefix: "y-", isPrivate: false, schema: numbers)
    for epoch in Int64(1)...3 {
      try files.add(batch([epoch]))
      try files.close(epoch)
    }
    try others.add(batch([3]))
    try others.close(3)
    // Enough for it to be written, but the epoch does not end.
    try files.add(batch(Array(0..<10_000)))
    #expect(scratch.names(below: "").first == ".x-open.tmp")
    try RejectFiles(scratch.path, prefix: "x-", isPrivate: false, schema: numbers)
      .removeFiles(behind: 2)
    #expect(
      scratch.names(below: "") == ["x-000001.arrows", "x-000002.arrows", "y-000003.arrows"])
    try others.add(batch(Array(0..<10_000)))
    others.discard()
    #expect(scratch.names(below: "").count == 3)
    try others.close(4)
    #expect(scratch.names(below: "").count == 3)
  }
}

@Suite("Files of rejected rows of several inputs")
struct RejectInputTests {
  @Test("hold the rows of each with its columns")
  func schemas() throws {
    let scratch = Scratch()
    let texts = Schema([Field("s", .string), Field("n", .bigint)])
    let files = RejectFiles(
      scratch.path, isPrivate: false, inputs: [("l-", numbers), ("r-", texts)])
    let rejects = Rejects(lateFiles: files)
    for (input, rows) in [
      (0, batch([1, 2])),
      (
        1,
        Batch(
          schema: texts, columns: [Column(["x", "y"] as [String?]), Column([3, 4] as [Int64?])])
      ),
    ] {
      let frame = try frame(rows).restamped(EpochStamp(number: 6, time: 0), input: input)
      try rejects.take(rejected(late: [(row: 1, by: 5)]), of: frame)
    }
    #expect(scratch.names(below: "").isEmpty)
    try rejects.close(6)
    #expect(scratch.names(below: "") == ["l-000006.arrows", "r-000006.arrows"])
    #expect(try scratch.numbers(in: "l-000006.arrows") == integers([2]))
    #expect(try scratch.numbers(in: "r-000006.arrows") == [.string("y")])
    #expect(rejects.tally.lateCount == 2)
    // Those of one may be there without the other's.
    try files.add(batch([5]), of: 0)
    try rejects.close(7)
    #expect(
      scratch.names(below: "") == ["l-000006.arrows", "l-000007.arrows", "r-000006.arrows"])
    try files.removeFiles(behind: 6)
    #expect(scratch.names(below: "") == ["l-000006.arrows", "r-000006.arrows"])
  }

  /// Rows as they come through a pipe.
  private func frame(_ rows: Batch) throws -> RowFrame {
    var ends: [Int32] = [-1, -1]
    unsafe pipe(&ends)
    defer { for end in ends { close(end) } }
    let writer = WireWriter(descriptor: ends[1], compression: .none)
    try writer.begin(Header(), rows.schema)
    try writer.write(rows, EpochStamp(number: 1, time: 0))
    guard case .rows(let frame)? = try WireReader(descriptor: ends[0]).next() else {
      throw StreamError(.internal, "no rows")
    }
    return frame
  }
}

/// Rejects numbers below a limit, as late as they are below it; sevens lack something.
private struct Picky: RejectingOperator {
  let output = numbers
  var rejected = RejectedRows()

  mutating func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch, emit: (Batch, Change) throws -> Void
  ) throws {
    guard case .int64(let values) = batch.columns[0].storage else { return }
    for (row, value) in values.elements.enumerated() {
      if value == 7 {
        rejected.unusable.append(Int32(row))
      } else if value < 10 {
        rejected.late.append((Int32(row), 10 - value))
      }
    }
  }

  mutating func takeRejected() -> RejectedRows {
    defer { rejected = RejectedRows() }
    return rejected
  }

  func finish(_: EpochEnd, emit: (Batch, Change) throws -> Void) -> EpochOutcome { EpochOutcome() }
}

@Suite("Rejected rows in the loop of a stage")
struct RejectLoopTests {
  /// - Returns: the ledgers that come out.
  private func run(_ rejects: Rejects, _ epochs: [[[Int64]]]) throws -> [Ledger] {
    var (before, after): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    unsafe pipe(&before)
    unsafe pipe(&after)
    let upstream = WireWriter(descriptor: before[1], compression: .none)
    try upstream.begin(Header(), numbers)
    for (index, batches) in epochs.enumerated() {
      let number = Int64(index) + 1
      for values in batches {
        try upstream.write(batch(values), EpochStamp(number: number, time: number))
      }
      try upstream.write(Ledger(epoch: number, by: "main.source", time: number))
    }
    try upstream.end()
    close(before[1])
    let writer = WireWriter(descriptor: after[1], compression: .none)
    try writer.begin(Header(), numbers)
    var loop = EpochLoop(
      "main.agg", Picky(), from: try WireReader(descriptor: before[0]), to: writer,
      rejects: rejects)
    try loop.run()
    close(after[1])
    let reader = try WireReader(descriptor: after[0])
    var ledgers: [Ledger] = []
    while let frame = try reader.next() {
      if case .marker(let ledger) = frame { ledgers.append(ledger) }
    }
    close(before[0])
    close(after[0])
    return ledgers
  }

  @Test("are counted one by one, in each epoch and in all")
  func counts() throws {
    let rejects = Rejects()
    let parts = try run(rejects, [[[1, 7, 20]], [], [[9, 30], [8, 7, 7]]])
      .map { $0[stage: "main.agg"] }
    #expect(parts.map { $0[metric: "lateRows"] } == [1, 0, 2])
    #expect(parts.map { $0[metric: "unusableRows"] } == [1, 0, 2])
    #expect(parts.map { $0[metric: "rowsIn"] } == [3, 0, 5])
    #expect(
      parts.map { $0.memo?["late"]?["rows"]?.int64 } == [1, 1, 3])
    #expect(parts.last?.memo?["late"]?["max"] == 9)
    #expect(parts.last?.memo?["unusable"] == 3)
  }

  @Test("leave no memo when there are none")
  func none() throws {
    #expect(try run(Rejects(), [[[20]]])[0][stage: "main.agg"].memo == nil)
  }

  @Test("are kept apart, or in one file in the order of the rows")
  func kept() throws {
    let scratch = Scratch()
    let late = RejectFiles(scratch.path, prefix: "l", isPrivate: false, schema: numbers)
    let unusable = RejectFiles(scratch.path, prefix: "u", isPrivate: false, schema: numbers)
    _ = try run(
      Rejects(lateFiles: late, unusableFiles: unusable), [[[1, 7, 2], [30]], [[7]], [[40]]])
    #expect(
      scratch.names(below: "") == ["l000001.arrows", "u000001.arrows", "u000002.arrows"])
    #expect(try scratch.numbers(in: "l000001.arrows") == integers([1, 2]))
    #expect(try scratch.numbers(in: "u000001.arrows") == integers([7]))
    let one = RejectFiles(scratch.path, prefix: "x", isPrivate: false, schema: numbers)
    _ = try run(Rejects(lateFiles: one, unusableFiles: one), [[[1, 7, 2], [30, 9]]])
    #expect(try scratch.numbers(in: "x000001.arrows") == integers([1, 7, 2, 9]))
  }
}
