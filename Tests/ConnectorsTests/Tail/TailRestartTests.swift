import Connectors
import Diagnostics
import Glibc
import JSONText
import Testing

@Suite("Followed files while the source was down")
struct TailRestartTests {
  private let directory = TemporaryDirectory()
  private var path: String { "\(directory.path)/x.log" }
  private var writer: LogWriter { LogWriter(path: path) }

  /// One that has read and committed a line, and is down.
  private func stopped(after text: String = "first\n") throws -> Follower {
    writer.append(text)
    let follower = Follower([path])
    try follower.begin()
    try follower.take()
    try follower.close()
    follower.commit()
    follower.crash()
    return follower
  }

  @Test(
    "finds what it had not read in rotated files",
    arguments: [
      [], ["gzip x.log.1"], ["gzip x.log.3", "zstd -q --rm x.log.2"],
      ["gzip x.log.1 x.log.2 x.log.3"], ["zstd -q --rm x.log.3 && touch -d '1 hour' x.log.3.zst"],
    ])
  func rotated(commands: [String]) throws {
    let follower = try stopped()
    writer.append("a\nb")
    writer.rotate()
    writer.append("c\n")
    writer.rotate()
    writer.append("d\n")
    writer.rotate()
    writer.append("e\nf")
    if let command = commands.last, command.contains("touch") {
      // A compressor that does not keep the time of modification loses the order, not the rest.
      writer.run("zstd -q --rm x.log.3")
    } else {
      for command in commands { writer.run(command) }
    }
    try follower.begin()
    try follower.take()
    writer.append("\n")
    try follower.take(upTo: 7)
    #expect(follower.rows == ["first", "a", "b", "c", "d", "e", "f"])
    #expect(follower.warnings.isEmpty)
  }

  @Test("goes by dates in the names where files changed at the same time")
  func dates() throws {
    let follower = try stopped()
    for (name, line) in [("20260101", "a"), ("20260102", "b"), ("20260103", "c")] {
      writer.append("\(line)\n")
      writer.rename(to: "x.log-\(name)")
    }
    writer.append("d\n")
    writer.run("touch -d @1000 x.log-*")
    try follower.begin()
    try follower.take(upTo: 5)
    #expect(follower.rows == ["first", "a", "b", "c", "d"])
  }

  @Test("finds the copy of a file that was cut off")
  func cutOff() throws {
    let follower = try stopped()
    writer.append("a\n")
    writer.copyAndCut()
    writer.append("b\n")
    writer.copyAndCut()
    writer.append("c\n")
    writer.run("gzip x.log.2")
    try follower.begin()
    try follower.take(upTo: 4)
    #expect(follower.rows == ["first", "a", "b", "c"])
    #expect(follower.warnings.isEmpty)
  }

  @Test("says what cannot be read any more")
  func lost() throws {
    let follower = try stopped()
    writer.append("a\n")
    writer.run("rm x.log")
    // So that the number is not used again at once.
    directory.write("other", "x")
    writer.append("b\n")
    try follower.begin()
    try follower.take(upTo: 2)
    #expect(follower.rows == ["first", "b"])
    #expect(
      follower.warnings == [
        "what stood in '\(path)' behind byte 6 was rotated away or cut off while the source was "
          + "down, and cannot be read"
      ])
  }

  @Test("does not take a new file for a former one because it has its number")
  func reusedNumber() throws {
    let follower = try stopped(after: "first\nsecond\n")
    writer.append("rest\n")
    writer.run("mv x.log y; gzip < y > x.log.1.gz; touch -r y x.log.1.gz; rm y")
    writer.append("one\ntwo\nthree\n")
    let number = inode(of: path)
    follower.edit { intent in
      guard var files = intent["files"]?.array else { return }
      files[0]["inode"] = .integer(number)
      intent["files"] = .array(files)
    }
    try follower.begin()
    try follower.take(upTo: 6)
    #expect(follower.rows == ["first", "second", "rest", "one", "two", "three"])
  }

  @Test("goes on where the number of the device has changed")
  func otherDevice() throws {
    let follower = try stopped()
    follower.edit { intent in
      guard var files = intent["files"]?.array else { return }
      files[0]["device"] = 4711
      intent["files"] = .array(files)
    }
    writer.append("a\n")
    try follower.begin()
    try follower.take(upTo: 2)
    #expect(follower.rows == ["first", "a"])
    #expect(follower.warnings.isEmpty)
  }

  @Test("waits where nothing is left, and goes on when the file comes back")
  func removed() throws {
    let follower = try stopped()
    writer.append("a\n")
    writer.run("mkdir elsewhere; mv x.log elsewhere")
    try follower.begin()
    try follower.take()
    try follower.restart()
    try follower.take(upTo: 1)
    #expect(follower.rows == ["first"])
    writer.run("mv elsewhere/x.log .")
    try follower.take(upTo: 2)
    #expect(follower.rows == ["first", "a"])
    #expect(follower.warnings.isEmpty)
  }

  @Test("reads the rest of a file that was rotated and has no successor yet")
  func withoutSuccessor() throws {
    let follower = try stopped()
    writer.append("a\n")
    writer.rotate()
    try follower.begin()
    try follower.take(upTo: 2)
    #expect(follower.rows == ["first", "a"])
    writer.append("b\n")
    try follower.take(upTo: 3)
    #expect(follower.rows == ["first", "a", "b"])
  }

  @Test("makes epochs again from rotated and compressed files")
  func replays() throws {
    let follower = try stopped()
    try follower.begin()
    for line in ["a", "b", "c"] {
      writer.append("\(line)\n")
      try follower.take()
      try follower.close()
      writer.rotate()
    }
    writer.append("d\n")
    writer.run("gzip x.log.3; zstd -q --rm x.log.2")
    follower.crash()
    try follower.begin()
    try follower.take(upTo: 5)
    #expect(follower.rows == ["first", "a", "b", "c", "d"])
  }

  @Test("makes no epoch again from other bytes")
  func changedReplay() throws {
    let follower = try stopped()
    try follower.begin()
    writer.append("a\n")
    try follower.take()
    try follower.close()
    follower.crash()
    writer.run("echo firsT > x.log; echo b >> x.log")
    #expect(throws: StreamError.self) { try follower.begin() }
  }

  @Test("refuses a damaged place", arguments: ["offset", "path", "fingerprint", "span"])
  func damage(member: String) throws {
    let follower = try stopped()
    follower.edit { intent in
      guard var files = intent["files"]?.array else { return }
      files[0][member] = member == "span" ? 7 : nil
      intent["files"] = .array(files)
    }
    #expect(throws: StreamError.self) { try follower.begin() }
  }

  private func inode(of path: String) -> Int64 {
    var status = Glibc.stat()
    #expect(unsafe stat(path, &status) == 0)
    return Int64(status.st_ino)
  }
}
