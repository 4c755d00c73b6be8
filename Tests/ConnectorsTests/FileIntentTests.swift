import Columnar
import Connectors
import Diagnostics
import Formats
import Glibc
import JSONText
import SystemPackage
import TestSupport
import Testing

/// Reads a part of a file.
private func rows(_ segment: FileSegment, _ plan: InputPlan) throws -> [[Value]] {
  let input = try RecordInput(
    InputOpener(FileList([segment]), stop: .none), plan: plan, stop: .none, notices: .none)
  var rows: [[Value]] = []
  while true {
    switch try input.next(until: .never) {
    case .rows(let batch, _, _): rows += (0..<batch.rowCount).map { batch.row($0) }
    case .end: return rows
    default: continue
    }
  }
}

private func part(_ file: InputFile, _ range: Range<Int64>) -> FilePart {
  var part = FilePart(file, from: range.lowerBound)
  part.to = range.upperBound
  part.sum = "0000000000000000"
  return part
}

@Suite("Parts of files")
struct FileIntentTests {
  let directory = TemporaryDirectory()

  private func plan(_ format: Format) -> InputPlan {
    var options = ReadOptions()
    if format == .csv { options.schema = Schema([Field("n", .bigint), Field("s", .string)]) }
    var plan = InputPlan(format: format, options: options)
    plan.wantsMetadata = true
    return plan
  }

  @Test("begin and end where they are told", arguments: ["a.txt", "a.csv", "a.txt.gz"])
  func everyOffset(name: String) throws {
    let lines = (0..<9).map { "\($0),\(String(repeating: "x", count: $0 * 3 % 7))\n" }
    let header = name == "a.csv" ? "n,s\n" : ""
    let text = header + lines.joined()
    let bytes = Array(text.utf8)
    let path = directory.write(name, bytes: name.hasSuffix("gz") ? gzipped(bytes) : bytes)
    let file = try #require(InputFile(lookingAt: .init(path)))
    let plan = plan(name == "a.csv" ? .csv : .text)
    let whole = try rows(FileSegment(file), plan)
    #expect(whole.count == 9)
    var starts = [header.utf8.count]
    for line in lines { starts.append(starts[starts.count - 1] + line.utf8.count) }
    for first in 0...9 {
      for last in first...9 {
        let range = Int64(starts[first])..<Int64(starts[last])
        #expect(
          try rows(FileSegment(part(file, range), of: 1), plan) == Array(whole[first..<last]))
      }
    }
  }

  private func replayed(_ change: (String) -> Void) throws -> StreamError? {
    let path = directory.write("x.csv", "n,s\n1,a\n2,b\n")
    let file = try #require(InputFile(lookingAt: .init(path)))
    func read(_ segment: FileSegment, _ journal: FileJournal) throws -> JSON {
      let input = try RecordInput(
        InputOpener(FileList([segment]), stop: .none), plan: plan(.csv), stop: .none,
        notices: .none, observer: journal)
      while true {
        switch try input.next(until: .never) {
        case .rows(_, _, let piece): if let piece { try journal.take(piece) }
        case .fileEnd(let number): if let number { try journal.take(endOf: number) }
        case .end: return try journal.close(SourceEpoch(number: 12, time: 0))
        case .passedOver, .nothingYet: continue
        }
      }
    }
    let intent = try read(FileSegment(file), FileJournal())
    change(path)
    let journal = FileJournal()
    try journal.expect(intent)
    do {
      let part = try FileIntent(intent).parts[0]
      #expect(try read(FileSegment(part, of: 12), journal) == intent)
      return nil
    } catch let error as StreamError {
      return error
    }
  }

  @Test(
    "are refused when they are not what they were",
    arguments: ["n,s\n1,a\n2,c\n", "n,s\n1,a\n", "", "s,n\n1,a\n2,b\n", "n,s"])
  func changed(contents: String) throws {
    let error = try replayed { _ in directory.write("x.csv", contents) }
    #expect(error?.kind == .data)
    #expect(
      error?.message
        == "'\(directory.path)/x.csv' is not what it was: epoch 12 cannot be made again")
  }

  @Test("are refused when they are gone")
  func gone() throws {
    let error = try replayed { _ = unsafe unlink($0) }
    #expect(error?.kind == .data)
    #expect(error?.message == "'\(directory.path)/x.csv' is gone: epoch 12 cannot be made again")
  }

  @Test("may be touched, copied back and written on")
  func touched() throws {
    #expect(
      try replayed { _ in directory.write("x.csv", "n,s\n1,a\n2,b\n3,c\n", modified: 7) } == nil)
  }

  @Test("of a vanished file are missed only where there was more")
  func vanished() throws {
    let file = InputFile(path: "/nowhere/x", byteCount: 10, modified: 0)
    #expect(try FileSegment(behind: part(file, 0..<10)) == nil)
    #expect(throws: StreamError.self) { try FileSegment(behind: part(file, 0..<9)) }
    var packed = part(file, 0..<10)
    packed.isDecoded = true
    #expect(throws: StreamError.self) { try FileSegment(behind: packed) }
  }

  @Test(
    "are no parts when their JSON says nonsense",
    arguments: [
      "{}", "[]", "null", "{\"files\":1}", "{\"files\":[1]}", "{\"files\":[{}]}",
      nonsense("\"from\":-1"), nonsense("\"from\":9"), nonsense("\"path\":\"a\""),
      nonsense("\"path\":\"\""), nonsense("\"path\":7"), nonsense("\"to\":\"x\""),
      nonsense("\"lines\":-1"), nonsense("\"lines\":6"),
      nonsense("\"sum\":null"), nonsense("\"path\":\"/a\\u0000b\""), nonsense("\"size\":1.5"),
    ])
  func hostile(text: String) throws {
    let json = try JSON(parsing: text)
    #expect(throws: StreamError.self) { try FileIntent(json) }
    let history = try FileHistory(nil, seen: SeenFiles())
    #expect(throws: StreamError.self) { try history.advance(past: json) }
  }

  private static func nonsense(_ member: String) -> String {
    var json: JSON = [
      "path": "/a", "from": 0, "to": 5, "line": 0, "lines": 1, "size": 5, "modified": 1, "sum": "x",
    ]
    guard let change = try? JSON(parsing: "{\(member)}"), let first = change.members?.first else {
      return ""
    }
    json[first.key] = first.value
    return JSON.object([JSON.Member("files", .array([json]))]).text
  }

  @Test("follow each other without a gap")
  func continuity() throws {
    let history = try FileHistory(nil, seen: SeenFiles())
    let file = InputFile(path: "/a", byteCount: 10, modified: 0)
    try history.advance(past: FileIntent([part(file, 0..<5)]).json)
    #expect(throws: StreamError.self) {
      try history.advance(past: FileIntent([part(file, 6..<7)]).json)
    }
    try history.advance(past: FileIntent([part(file, 5..<7)]).json)
    #expect(history.current?.to == 7)
  }

  @Test("leave their names in a log that a crash cannot falsify")
  func finishedNames() throws {
    let log = "\(directory.path)/files.log"
    let first = try FinishedFiles(log, base: nil) { _ in }
    try first.append(["/a", "/b\nc"])
    let base: JSON = ["finished": first.json]
    // A run that died between the names and the base.
    try first.append(["/d"])
    var names: [String] = []
    let second = try FinishedFiles(log, base: base) { names.append($0.string) }
    #expect(names == ["/a", "/b\nc"])
    try second.append(["/e"])
    names = []
    _ = try FinishedFiles(log, base: ["finished": second.json]) { names.append($0.string) }
    #expect(names == ["/a", "/b\nc", "/e"])
    for damage in ["\"/a\"\n\"/b\\nc\"\n\"/f\"\n", "\"/a\"\n", "", "/a\n"] {
      directory.write("files.log", damage)
      #expect(throws: StreamError.self) {
        try FinishedFiles(log, base: ["finished": second.json]) { _ in }
      }
    }
  }
}
