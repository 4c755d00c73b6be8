import Columnar
import Connectors
import Diagnostics
import Formats
import Glibc
import Synchronization
import TestSupport
import Testing

/// What was told on the way.
private final class Told: Sendable {
  private let messages = Mutex<[String]>([])

  var notices: Notices { Notices { message, _ in self.messages.withLock { $0.append(message) } } }
  var all: [String] { messages.withLock { $0 } }
}

/// What came out of an input.
private struct Outcome {
  var schema: Schema
  var rows: [[Value]] = []
  var fileEnds = 0
  var malformed: Int64 = 0
  var told: [String] = []
}

private func read(
  _ paths: [String], _ plan: InputPlan, threads: Int = 1
) throws -> Outcome {
  let told = Told()
  var plan = plan
  plan.threadCount = threads
  let input = try RecordInput(
    InputOpener(files: FileListing(paths).files, stop: .none), plan: plan, stop: .none,
    notices: told.notices)
  var outcome = Outcome(schema: input.schema)
  while true {
    switch try input.next(until: .never) {
    case .rows(let batch, _, _): outcome.rows += (0..<batch.rowCount).map { batch.row($0) }
    case .fileEnd: outcome.fileEnds += 1
    case .passedOver, .nothingYet: continue
    case .end(let isComplete):
      #expect(isComplete)
      outcome.malformed = input.malformedCount
      outcome.told = told.all
      return outcome
    }
  }
}

private func plan(_ format: Format, _ change: (inout ReadOptions) -> Void = { _ in }) -> InputPlan {
  var options = ReadOptions()
  change(&options)
  return InputPlan(format: format, options: options)
}

@Suite("Records of files")
struct RecordInputTests {
  let directory = TemporaryDirectory()

  @Test("do not depend on blocks or threads", arguments: 0..<24 as Range<UInt64>)
  func cutIndependence(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var text = "n,s\n"
    var expected: [[Value]] = []
    var bad: [Int] = []
    for row in 0..<Int(random.next() % 400) {
      let offset = text.utf8.count
      if random.next() % 20 == 0 {
        text += "x\(row),bad\n"
        bad.append(row)
        continue
      }
      let quoted = random.next() % 4 == 0
      let value = String(repeating: quoted ? "a\n," : "b", count: 1 + Int(random.next() % 30))
      text += quoted ? "\(row),\"\(value)\"\n" : "\(row),\(value)\n"
      expected.append([
        .integer(Int64(row)), .string(value), .string("\(directory.path)/a.csv"),
        .integer(Int64(offset)),
      ])
    }
    let file = directory.write("a.csv", text)
    var plan = plan(.csv) { $0.schema = Schema([Field("n", .bigint), Field("s", .string)]) }
    plan.wantsMetadata = true
    plan.rejectsPath = "\(directory.path)/rejects"
    plan.limits.firstBytes = 1 + Int(random.next() % 500)
    plan.limits.fullBytes = plan.limits.firstBytes + Int(random.next() % 1000)
    let outcome = try read([file], plan, threads: Int(seed % 3) + 1)
    #expect(outcome.rows == expected)
    #expect(outcome.malformed == Int64(bad.count))
    let rejects = try String(validating: contents("rejects"), as: UTF8.self) ?? ""
    #expect(rejects.split(separator: "\n").count == bad.count)
    for (line, row) in zip(rejects.split(separator: "\n"), bad) {
      #expect(line.hasSuffix("\"record\":\"x\(row),bad\"}"))
    }
  }

  private func contents(_ name: String) throws -> [UInt8] {
    let descriptor = unsafe open("\(directory.path)/\(name)", O_RDONLY)
    defer { close(descriptor) }
    return unsafe [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
      count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    }
  }

  @Test("are parsed on several threads once there are enough of them")
  func parallel() throws {
    let lines = (0..<300_000).map { "line \($0)" }
    let file = directory.write("a.txt", lines.joined(separator: "\n"))
    let outcome = try read([file], plan(.text), threads: 3)
    #expect(outcome.rows == lines.map { [.string($0)] })
  }

  @Test("tell the line of the file in which something is wrong")
  func places() throws {
    let file = directory.write(
      "a.csv", "a,b\n" + String(repeating: "1,2\n", count: 5000) + "1,x\n")
    var plan = plan(.csv) { $0.schema = Schema([Field("a", .int), Field("b", .int)]) }
    plan.limits.fullBytes = 1000
    plan.malformed = .fail
    #expect(
      throws: StreamError(
        .data, "'b' is not an integer: byte 'x' at offset 0", location: "\(file):5002:3",
        hint: "go on without such records: --on-malformed keep")
    ) { try read([file], plan) }
  }

  @Test("go by the names of the columns in each file, and what differs is told")
  func headers() throws {
    let files = [
      directory.write("1.csv", "a,b\n1,x\n", modified: 1),
      directory.write("2.csv", "b,a\ny,2\n", modified: 2),
      directory.write("3.csv", "c,a\nz,3\n", modified: 3),
      directory.write("4.csv", "c\nz\n", modified: 4),
      directory.write("5.csv", "", modified: 5),
      directory.write("6.csv", "\u{FEFF}a,b\n6,w", modified: 6),
    ]
    let outcome = try read(files, plan(.csv))
    #expect(outcome.schema == Schema([Field("a", .bigint), Field("b", .string)]))
    #expect(
      outcome.rows == [
        [.integer(1), .string("x")], [.integer(2), .string("y")], [.integer(3), .null],
        [.null, .null], [.integer(6), .string("w")],
      ])
    #expect(outcome.fileEnds == 6)
    #expect(
      outcome.told == [
        "'\(files[2])' has a column 'c' that '\(files[0])' has not: it is left out",
        "'\(files[2])' has no column 'b': it is null in its rows",
      ])
  }

  @Test("have the schema of the first file that is not empty")
  func inference() throws {
    let files = [
      directory.write("1.json", "", modified: 1),
      directory.write("2.json", "{\"a\":1}\n{\"a\":2.5}\n", modified: 2),
    ]
    let outcome = try read(files, plan(.json))
    #expect(outcome.schema == Schema([Field("a", .double)]))
    #expect(outcome.rows == [[.double(1)], [.double(2.5)]])
    #expect(outcome.fileEnds == 2)
  }

  @Test("may be none at all")
  func empty() throws {
    let outcome = try read([directory.write("1.csv", "")], plan(.csv))
    #expect(outcome.schema == Schema([]))
    #expect(outcome.rows.isEmpty && outcome.fileEnds == 1)
    #expect(outcome.told == ["the input is empty, so that its columns are not known"])
  }

  @Test("are separated by tabs in files that say so")
  func tabs() throws {
    let outcome = try read([directory.write("1.tsv", "a\tb\n1\t2\n")], plan(.csv))
    #expect(outcome.rows == [[.integer(1), .integer(2)]])
  }

  @Test("of text do not begin with a byte order mark")
  func mark() throws {
    let outcome = try read([directory.write("1.txt", "\u{FEFF}a\n")], plan(.text))
    #expect(outcome.rows == [[.string("a")]])
  }

  @Test("keep their order across many files", arguments: [1, 3])
  func manyFiles(threads: Int) throws {
    var expected: [[Value]] = []
    let files = (0..<40).map { file in
      let lines = (0..<4000).map { "\(file)-\($0)" }
      expected += lines.map { [.string($0)] }
      return directory.write("\(file).txt", lines.joined(separator: "\n"), modified: file)
    }
    let outcome = try read(files, plan(.text), threads: threads)
    #expect(outcome.rows == expected)
    #expect(outcome.fileEnds == 40)
  }

  @Test("stop where a file turns out to be damaged, and name it")
  func damaged() throws {
    let file = directory.write("a.txt.gz", bytes: [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 203, 72])
    #expect(
      throws: StreamError(
        .data, "the gzip data is damaged: it is cut off", location: file)
    ) { try read([file], plan(.text)) }
  }

  @Test("that are malformed are told once, and counted")
  func told() throws {
    let file = directory.write("a.csv", "a\n1\nx\ny\n")
    var plan = plan(.csv) { $0.schema = Schema([Field("a", .int)]) }
    #expect(
      try read([file], plan).told == [
        "\(file):3:1: 'a' is not an integer: byte 'x' at offset 0",
        "2 malformed records were left out",
      ])
    plan.malformed = .drop
    #expect(
      try read([file], plan).told == [
        "2 malformed records were dropped; "
          + "the first: \(file):3:1: 'a' is not an integer: byte 'x' at offset 0"
      ])
    plan.malformed = .keep
    plan.options.corruptColumn = "bad"
    let outcome = try read([file], plan)
    #expect(outcome.told.isEmpty)
    #expect(outcome.malformed == 2)
    #expect(
      outcome.rows == [[.integer(1), .null], [.null, .string("x")], [.null, .string("y")]])
  }
}
