import Checkpoint
import Columnar
import Connectors
import Diagnostics
import Formats
import Glibc
import JSONText
import Testing

@Suite("Programs at the end of a pipeline")
struct ExecTargetTests {
  private func target(_ command: String, retries: Int = 0) -> ExecTarget {
    ExecTarget(command, retryCountMax: retries) { PlainWriter() }
  }

  @Test("get an epoch's rows, and know which they are")
  func rowsAndVariables() throws {
    let directory = TemporaryDirectory()
    var program = target(
      "(echo $STREAM_EPOCH $STREAM_ROWS $STREAM_QUERY $STREAM_STAGE; cat) >> \(directory.at("out"))"
    )
    var form = form(.append)
    (form.query, form.stage) = ("q1", "b.sink")
    try program.begin(form)
    try program.write(rows([(1, "a")]), isDeletion: false)
    try program.write(rows([(2, "b")]), isDeletion: false)
    try program.commit(epoch(1))
    try program.commit(epoch(2))
    try program.write(rows([(3, "c")]), isDeletion: false)
    try program.commit(epoch(3))
    #expect(
      directory.text("out")
        == "1 2 q1 b.sink\nn|name\n1|a\n2|b\n3 1 q1 b.sink\nn|name\n3|c\n")
  }

  @Test("are told when the whole result has become empty, not when nothing has changed")
  func emptyResult() throws {
    let directory = TemporaryDirectory()
    var program = target("echo $STREAM_EPOCH $STREAM_ROWS >> \(directory.at("out"))")
    try program.begin(form(.complete))
    try program.commit(epoch(1))
    try program.commit(epoch(2, replaces: true))
    #expect(directory.text("out") == "2 0\n")
  }

  @Test("are run again with the same rows until they succeed")
  func retries() throws {
    let directory = TemporaryDirectory()
    let out = directory.at("out")
    var program = target("head -c 9 >> \(out); test $(wc -l < \(out)) -ge 6", retries: 5)
    try program.begin(form(.append))
    try program.write(rows([(1, "a")]), isDeletion: false)
    try program.commit(epoch(4))
    #expect(directory.text("out") == String(repeating: "n|name\n1|", count: 6))
  }

  @Test(
    "say how they failed",
    arguments: [
      ("exit 3", 1, StreamError.Kind.unavailable, " 2 times for epoch 4: it ended with status 3"),
      ("kill -9 $$", 0, .unavailable, " for epoch 4: it was killed by signal 9"),
      ("exit 127", 9, .usage, " for epoch 4: it ended with status 127"),
    ])
  func failures(command: String, retries: Int, kind: StreamError.Kind, message: String) throws {
    var program = target(command, retries: retries)
    try program.begin(form(.append))
    try program.write(rows([(1, "a")]), isDeletion: false)
    #expect(throws: StreamError(kind, "'\(command)' has failed\(message)")) {
      try program.commit(epoch(4))
    }
  }

  @Test("may leave rows unread, and programs behind")
  func background() throws {
    let clock = ContinuousClock()
    let time = try clock.measure {
      var program = target("sleep 30 & true")
      try program.begin(form(.append))
      try program.write(rows((0..<100_000).map { ($0, "unread") }), isDeletion: false)
      try program.commit(epoch(1))
    }
    #expect(time < .seconds(20))
  }

  @Test("start with signals as a shell would have them, in a group of their own")
  func process() throws {
    let directory = TemporaryDirectory()
    var program = target(
      "grep -E 'SigBlk|SigIgn' /proc/self/status > \(directory.at("out")); "
        + "test $(ps -o pgid= $$) = $$ && echo own group >> \(directory.at("out"))")
    try program.begin(form(.append))
    try program.write(rows([(1, "a")]), isDeletion: false)
    signal(SIGPIPE, SIG_IGN)
    try program.commit(epoch(1))
    let lines = (directory.text("out") ?? "").split(separator: "\n")
    #expect(lines.first == "SigBlk:\t0000000000000000")
    // SIGPIPE is bit 12.
    let ignored = lines.dropFirst().first.flatMap { UInt64($0.suffix(16), radix: 16) }
    #expect(ignored.map { $0 & 1 << 12 } == 0)
    #expect(lines.last == "own group")
  }

  @Test("get an epoch that is too large for the memory")
  func large() throws {
    let directory = TemporaryDirectory()
    unsafe setenv("TMPDIR", directory.path, 1)
    defer { unsafe unsetenv("TMPDIR") }
    var program = target("cat | wc -c > \(directory.at("out"))")
    try program.begin(form(.append))
    let text = String(repeating: "x", count: 997)
    let batch = rows((0..<7_000).map { _ in (1, text) })
    for _ in 0..<10 { try program.write(batch, isDeletion: false) }
    try program.commit(epoch(1))
    #expect(directory.text("out") == "\(7 + 70_000 * 1000)\n")
    #expect(directory.names == ["out"])
  }

  @Test("hold a lock as long as they live")
  func lock() throws {
    let directory = TemporaryDirectory()
    let stage = StageDirectory(path: directory.path, id: "main.sink")
    var program: ExecTarget? = target(
      "sleep 30 > /dev/null 2>&1 & echo $! > \(directory.at("pid"))")
    var form = form(.append)
    form.isDurable = true
    try program?.begin(form)
    _ = try program?.resume(
      TargetResume(
        query: "q", stage: "main.sink", epoch: 0, detail: .null, isNew: true,
        directory: directory.path))
    try program?.write(rows([(1, "a")]), isDeletion: false)
    _ = try program?.prepare(epoch(1))
    program = nil
    #expect(try StageLock.holder(of: stage.programLock) != nil)
    let process = directory.text("pid").flatMap { Int32($0.dropLast()) } ?? 0
    kill(process, SIGKILL)
    // The system lets go of it in its own time.
    for _ in 0..<1000 where try StageLock.holder(of: stage.programLock) != nil { usleep(10_000) }
    #expect(try StageLock.holder(of: stage.programLock) == nil)
  }
}
