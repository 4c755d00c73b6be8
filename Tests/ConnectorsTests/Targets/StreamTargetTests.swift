import Columnar
import Connectors
import Diagnostics
import Glibc
import Testing

@Suite("Records on standard output")
struct StreamTargetTests {
  @Test("shows rows when the input pauses, drops those of a failed epoch")
  func flushes() throws {
    let text = try captured { descriptor in
      var target = StreamTarget(descriptor: descriptor, PlainWriter())
      try target.begin(form(.append))
      try target.write(rows([(1, "a")]), isDeletion: false)
      try target.flush()
      try target.write(rows([(2, "b")]), isDeletion: false)
      try target.commit(epoch(1))
      try target.write(rows([(3, "c")]), isDeletion: false)
      target.discard()
    }
    #expect(text == "n|name\n1|a\n2|b\n")
  }

  @Test("prints complete mode over a bounded input once, else each time")
  func complete() throws {
    for (isBounded, expected) in [(true, "n|name\n2|a\n"), (false, "n|name\n1|a\n2|a\n")] {
      let text = try captured { descriptor in
        var target = StreamTarget(descriptor: descriptor, PlainWriter())
        try target.begin(form(.complete, isBounded: isBounded))
        try target.write(rows([(1, "a")]), isDeletion: false)
        try target.commit(epoch(1, replaces: true))
        try target.write(rows([(2, "a")]), isDeletion: false)
        try target.commit(epoch(2, replaces: true))
        try target.commit(epoch(3, isFinal: true))
        try target.end()
      }
      #expect(text == expected)
    }
  }

  @Test("ends quietly when nobody reads, and says that the disk is full")
  func refusals() throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    unsafe pipe(&ends)
    close(ends[0])
    defer { close(ends[1]) }
    var target = StreamTarget(descriptor: ends[1], PlainWriter())
    try target.begin(form(.append))
    #expect(throws: OutputClosed.self) { try target.flush() }

    let full = unsafe open("/dev/full", O_WRONLY)
    defer { close(full) }
    var output = StreamTarget(descriptor: full, PlainWriter())
    try output.begin(form(.append))
    #expect(
      throws: StreamError(.io, "cannot write standard output: no space left on device")
    ) { try output.flush() }
  }

  @Test("writes all of a batch that is larger than its buffer")
  func large() throws {
    let many = rows((0..<100_000).map { (Int64($0), "value") })
    let text = try captured { descriptor in
      var target = StreamTarget(descriptor: descriptor, PlainWriter(hasHeader: false))
      try target.begin(form(.append))
      try target.write(many, isDeletion: false)
      try target.end()
    }
    #expect(text == (0..<100_000).map { "\($0)|value\n" }.joined())
  }
}
