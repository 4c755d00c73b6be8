import Columnar
import Connectors
import Diagnostics
import Formats
import Glibc
import Testing

@Suite("Followed files")
struct TailTests {
  private let directory = TemporaryDirectory()
  private var path: String { "\(directory.path)/x.log" }
  private var writer: LogWriter { LogWriter(path: path) }

  @Test("gives lines as they are completed")
  func appends() throws {
    writer.append("a\nb\nhal")
    let follower = Follower([path])
    try follower.begin()
    try follower.take(upTo: 2)
    #expect(follower.rows == ["a", "b"])
    writer.append("f")
    try follower.take(upTo: 2)
    #expect(follower.rows == ["a", "b"])
    writer.append("\nc\r\n")
    try follower.take(upTo: 4)
    #expect(follower.rows == ["a", "b", "half", "c"])
    #expect(follower.warnings.isEmpty)
  }

  @Test("waits for a file that is not there, and says so once")
  func missing() throws {
    let follower = Follower([path])
    try follower.begin()
    try follower.take()
    #expect(follower.warnings == ["'\(path)' is not there; waiting for it"])
    writer.append("a\n")
    try follower.take(upTo: 1)
    #expect(follower.rows == ["a"])
    #expect(follower.warnings.count == 1)
  }

  @Test("finishes a renamed file before it goes on with the next, half a line at its end too")
  func renamed() throws {
    writer.append("a\n")
    let follower = Follower([path])
    try follower.begin()
    try follower.take()
    writer.append("b\nc")
    writer.rename(to: "x.log.1")
    try follower.take(upTo: 2)
    #expect(follower.rows == ["a", "b"])
    writer.append("d\n")
    try follower.take(upTo: 4)
    #expect(follower.rows == ["a", "b", "c", "d"])
    #expect(follower.warnings.isEmpty)
  }

  @Test("keeps the next file back while somebody may still write to the renamed one")
  func writerStays() throws {
    writer.append("a\n")
    let follower = Follower([path], limits: patient)
    try follower.begin()
    try follower.take()
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    writer.rename(to: "x.log.1")
    writer.append("c\n")
    try follower.take(upTo: 1)
    #expect(follower.rows == ["a"])
    #expect(unsafe write(descriptor, "b\n", 2) == 2)
    try follower.take(upTo: 2)
    #expect(follower.rows == ["a", "b"])
    close(descriptor)
    try follower.take(upTo: 3)
    #expect(follower.rows == ["a", "b", "c"])
  }

  @Test("goes on with the next file after a while, and takes what is still written to the old one")
  func writerForgets() throws {
    var limits = TailLimits()
    limits.quietPatience = 0
    writer.append("a\n")
    let follower = Follower([path], limits: limits)
    try follower.begin()
    try follower.take()
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    defer { close(descriptor) }
    writer.rename(to: "x.log.1")
    writer.append("b\n")
    try follower.take(upTo: 2)
    #expect(follower.rows == ["a", "b"])
    #expect(unsafe write(descriptor, "late\n", 5) == 5)
    try follower.take(upTo: 3)
    #expect(follower.rows == ["a", "b", "late"])
    try follower.restart()
    #expect(unsafe write(descriptor, "later\n", 6) == 6)
    writer.append("c\n")
    try follower.take()
    #expect(Set(follower.rows.suffix(2)) == ["later", "c"])
    #expect(follower.warnings.isEmpty)
  }

  private var patient: TailLimits {
    var limits = TailLimits()
    limits.quietPatience = 3_600_000_000
    return limits
  }

  @Test("reads files that were there and gone between two looks")
  func renamedTwice() throws {
    writer.append("a\n")
    let follower = Follower([path])
    try follower.begin()
    try follower.take()
    writer.append("b\n")
    writer.rotate()
    writer.append("c\n")
    writer.rotate()
    writer.append("d\n")
    try follower.take(upTo: 4)
    #expect(follower.rows == ["a", "b", "c", "d"])
  }

  @Test("finds in the copy what it had not read when a file was cut off")
  func copyTruncate() throws {
    writer.append("first line\nb\n")
    let follower = Follower([path])
    try follower.begin()
    try follower.take()
    writer.append("c\nd")
    writer.copyAndCut()
    writer.append("e\n")
    try follower.take(upTo: 5)
    #expect(follower.rows == ["first line", "b", "c", "d", "e"])
    #expect(follower.warnings.isEmpty)
  }

  @Test("notices that a file was cut off and has grown past its former length")
  func cutAndGrown() throws {
    writer.append("one\ntwo\n")
    let follower = Follower([path])
    try follower.begin()
    try follower.take()
    writer.run(": > x.log")
    writer.append("three\nfour\nfive\n")
    try follower.take(upTo: 5)
    #expect(follower.rows == ["one", "two", "three", "four", "five"])
    #expect(follower.warnings == ["'\(path)' was cut off: it is read from its beginning"])
  }

  @Test("reads a file that was deleted and made again")
  func recreated() throws {
    writer.append("a\n")
    let follower = Follower([path])
    try follower.begin()
    try follower.take()
    writer.append("b\nc")
    writer.run("rm x.log")
    try follower.take(upTo: 3)
    #expect(follower.rows == ["a", "b", "c"])
    writer.append("d\n")
    try follower.take(upTo: 4)
    #expect(follower.rows == ["a", "b", "c", "d"])
  }

  @Test(
    "picks up files that appear and match a pattern, and leaves rotated ones to their successors")
  func pattern() throws {
    let other = LogWriter(path: "\(directory.path)/y.log")
    writer.append("x1\n")
    let follower = Follower(["\(directory.path)/*.log*"])
    try follower.begin()
    try follower.take()
    other.append("y1\n")
    try follower.take(upTo: 2)
    #expect(follower.rows == ["x1", "y1"])
    writer.rotate()
    writer.append("x2\n")
    other.append("y2\n")
    try follower.take()
    #expect(follower.rows.sorted() == ["x1", "x2", "y1", "y2"])
    writer.run("gzip x.log.1")
    try follower.restart()
    try follower.take()
    #expect(follower.rows.count == 4)
  }

  @Test("knows a file that was renamed to another name of the pattern")
  func renamedWithinPattern() throws {
    writer.append("a\n")
    let follower = Follower(["\(directory.path)/*.log"])
    try follower.begin()
    try follower.take()
    writer.rename(to: "x-2026.log")
    writer.append("b\n")
    try follower.take()
    try follower.restart()
    writer.rename(to: "x-2027.log")
    writer.append("c\n")
    try follower.restart()
    try follower.take(upTo: 3)
    #expect(follower.rows == ["a", "b", "c"])
  }

  @Test("begins at the end where told, for files that are there at the first start")
  func fromEnd() throws {
    writer.append("old\nhal")
    let follower = Follower([path], from: .end)
    try follower.begin()
    try follower.take()
    #expect(follower.rows.isEmpty)
    try follower.restart()
    writer.append("f\nnew\n")
    writer.rotate()
    writer.append("next\n")
    try follower.restart()
    try follower.take(upTo: 3)
    #expect(follower.rows == ["half", "new", "next"])
  }

  @Test("ends with what is there when nothing is to be waited for")
  func availableNow() throws {
    writer.append("a\nb")
    let follower = Follower([path], isBounded: true)
    try follower.begin()
    try follower.take()
    #expect(follower.isEnded)
    #expect(follower.rows == ["a"])
    writer.append("c\n")
    try follower.restart()
    try follower.take()
    #expect(follower.isEnded)
    #expect(follower.rows == ["a", "bc"])
  }

  @Test("stops when an epoch has many pieces, until it is closed")
  func manyPieces() throws {
    var limits = TailLimits()
    limits.pieceCountMax = 2
    let writers = (0..<4).map { LogWriter(path: "\(directory.path)/\($0).log") }
    for writer in writers { writer.append("a\n") }
    let follower = Follower(writers.map(\.path), limits: limits)
    try follower.begin()
    try follower.take()
    #expect(follower.rows.count == 2)
    try follower.take()
    #expect(follower.rows.count == 2)
    try follower.close()
    try follower.take()
    #expect(follower.rows.count == 4)
  }

  @Test("reads the header of each file")
  func headers() throws {
    var plan = InputPlan(format: .csv)
    plan.options.schema = Schema([Field("a", .bigint), Field("b", .string)])
    plan.wantsMetadata = true
    let file = LogWriter(path: "\(directory.path)/x.csv")
    file.append("b,a\none,1\n")
    let follower = Follower([file.path], plan: plan)
    try follower.begin()
    try follower.take()
    file.append("two,2\n\"th")
    try follower.restart()
    file.append("r\nee\",3\n")
    try follower.take()
    file.rotate()
    file.append("a,b\n")
    try follower.take()
    try follower.restart()
    file.append("4,four\n")
    try follower.take()
    try follower.close()
    follower.crash()
    try follower.begin()
    let places = [("1,one", 4), ("2,two", 10), ("3,thr\nee", 16), ("4,four", 4)]
    #expect(follower.rows == places.map { "\($0.0),\(file.path),\($0.1)" })
  }

  @Test("keeps places right in other encodings")
  func encodings() throws {
    var plan = InputPlan(format: .text)
    plan.encoding = .latin1
    plan.wantsMetadata = true
    let bytes: [UInt8] = [0xE4, 0xF6, 0x0A, 0xFC, 0x0A, 0x61, 0x0A]
    let file = directory.write("x.log", bytes: bytes)
    let follower = Follower([file], plan: plan)
    try follower.begin()
    try follower.take()
    #expect(follower.rows == [("äö", 0), ("ü", 3), ("a", 5)].map { "\($0.0),\(file),\($0.1)" })
  }

  @Test("names the line of a malformed record, after a restart and in a replay too")
  func malformed() throws {
    var plan = InputPlan(format: .json)
    plan.options.schema = Schema([Field("a", .bigint)])
    writer.append("{\"a\":1}\n")
    let follower = Follower([path], plan: plan)
    try follower.begin()
    try follower.take()
    try follower.restart()
    writer.append("{\"a\":2}\nnonsense\n")
    try follower.take()
    try follower.close()
    follower.crash()
    try follower.begin()
    try follower.take(upTo: 2)
    #expect(follower.rows == ["1", "2"])
    #expect(follower.warnings.count == 2)
    #expect(follower.warnings.allSatisfy { $0.hasPrefix("\(path):3:1: ") })
  }

  @Test("refuses what it cannot follow")
  func refusals() throws {
    let follower = Follower([directory.path])
    #expect(throws: StreamError.self) { try follower.begin() }
  }
}
