import Columnar
import Connectors
import Diagnostics
import Glibc
import Testing

@Suite("Files at the end of a pipeline")
struct FileTargetTests {
  private func target(
    _ directory: TemporaryDirectory, _ name: String = "out.csv", _ existing: ExistingFiles = .refuse
  ) -> FileTarget {
    FileTarget(path: directory.at(name), existing: existing) { continues in
      PlainWriter(hasHeader: !continues)
    }
  }

  @Test("shows a bounded input's file when it is whole")
  func whole() throws {
    let directory = TemporaryDirectory()
    var file = target(directory)
    try file.begin(form(.append))
    try file.write(rows([(1, "a")]), isDeletion: false)
    try file.commit(epoch(1))
    #expect(directory.visibleNames() == [])
    try file.write(rows([(2, "b")]), isDeletion: false)
    try file.commit(epoch(2, isFinal: true))
    try file.end()
    #expect(directory.text("out.csv") == "n|name\n1|a\n2|b\n")
    #expect(directory.names == ["out.csv"])
  }

  @Test("leaves nothing behind when the run fails")
  func failed() throws {
    let directory = TemporaryDirectory()
    for isBounded in [true, false] {
      var file = target(directory)
      try file.begin(form(.append, isBounded: isBounded))
      try file.write(rows([(1, "a")]), isDeletion: false)
      file.discard()
      #expect(directory.names == [])
    }
  }

  @Test("appends an endless input's rows as they come, and takes a failed epoch back")
  func appended() throws {
    let directory = TemporaryDirectory()
    var file = target(directory)
    try file.begin(form(.append, isBounded: false))
    try file.write(rows([(1, "a")]), isDeletion: false)
    try file.flush()
    #expect(directory.text("out.csv") == "n|name\n1|a\n")
    try file.commit(epoch(1))
    try file.write(rows([(2, "b")]), isDeletion: false)
    try file.flush()
    #expect(directory.text("out.csv") == "n|name\n1|a\n2|b\n")
    file.discard()
    #expect(directory.text("out.csv") == "n|name\n1|a\n")
  }

  @Test("adds to a file without a second header")
  func appending() throws {
    let directory = TemporaryDirectory()
    directory.write("out.csv", "n|name\n0|z\n")
    var file = target(directory, "out.csv", .append)
    try file.begin(form(.append))
    try file.write(rows([(1, "a")]), isDeletion: false)
    try file.commit(epoch(1, isFinal: true))
    try file.end()
    #expect(directory.text("out.csv") == "n|name\n0|z\n1|a\n")
  }

  @Test("refuses a file that exists, unless told")
  func existing() throws {
    let directory = TemporaryDirectory()
    directory.write("out.csv", "mine\n")
    #expect(
      throws: StreamError(
        .usage, "'\(directory.at("out.csv"))' exists already",
        hint: "--overwrite replaces it, --append adds to it")
    ) {
      var file = target(directory)
      try file.begin(form(.append))
    }
    var file = target(directory, "out.csv", .overwrite)
    try file.begin(form(.append))
    #expect(directory.text("out.csv") == "mine\n")
    try file.end()
    #expect(directory.text("out.csv") == "n|name\n")
  }

  @Test("replaces the file whole in complete mode")
  func complete() throws {
    let directory = TemporaryDirectory()
    var file = target(directory)
    try file.begin(form(.complete, isBounded: false))
    try file.write(rows([(1, "a"), (2, "b")]), isDeletion: false)
    try file.commit(epoch(1, replaces: true))
    #expect(directory.text("out.csv") == "n|name\n1|a\n2|b\n")
    try file.write(rows([(3, "c")]), isDeletion: false)
    #expect(directory.text("out.csv") == "n|name\n1|a\n2|b\n")
    try file.commit(epoch(2, replaces: true))
    try file.commit(epoch(3))
    #expect(directory.text("out.csv") == "n|name\n3|c\n")
    try file.commit(epoch(4, replaces: true))
    try file.end()
    #expect(directory.text("out.csv") == "n|name\n")
    #expect(directory.names == ["out.csv"])
  }

  @Test("names the directory that is not there")
  func missingDirectory() throws {
    let directory = TemporaryDirectory()
    var file = target(directory, "a/b/out.csv")
    let parent = directory.at("a/b")
    #expect(
      throws: StreamError(.usage, "no directory '\(parent)'", hint: "mkdir -p \(parent)")
    ) { try file.begin(form(.append)) }
  }
}

@Suite("Directories at the end of a pipeline")
struct DirectoryTargetTests {
  private func target(
    _ directory: TemporaryDirectory, _ existing: ExistingFiles = .refuse
  ) -> DirectoryTarget {
    DirectoryTarget(
      path: directory.at("out/"), existing: existing, layout: DirectoryLayout(suffix: "csv")
    ) { PlainWriter() }
  }

  private func run(_ directory: TemporaryDirectory, _ existing: ExistingFiles = .refuse) throws {
    var parts = target(directory, existing)
    try parts.begin(form(.append))
    try parts.write(rows([(1, "a")]), isDeletion: false)
    try parts.commit(epoch(1))
    try parts.commit(epoch(2))
    try parts.write(rows([(2, "b")]), isDeletion: false)
    try parts.commit(epoch(3))
    try parts.write(rows([(3, "c")]), isDeletion: false)
    parts.discard()
  }

  @Test("adds a part for each epoch that has rows, once it is whole")
  func parts() throws {
    let directory = TemporaryDirectory()
    var open = target(directory)
    try open.begin(form(.append))
    try open.write(rows([(1, "a")]), isDeletion: false)
    #expect(directory.visibleNames(in: "out") == [])
    open.discard()
    #expect(directory.names(in: "out") == [])
    try run(directory)
    #expect(
      directory.names(in: "out") == [
        "part-3f2a91c0-main-000001-0.csv", "part-3f2a91c0-main-000003-0.csv",
      ])
    #expect(directory.text("out/part-3f2a91c0-main-000003-0.csv") == "n|name\n2|b\n")
  }

  @Test("refuses a directory that has files, unless told")
  func existing() throws {
    let directory = TemporaryDirectory()
    unsafe mkdir(directory.at("out"), 0o777)
    directory.write("out/part-00000000-main-000009-0.csv", "other\n")
    directory.write("out/readme", "mine\n")
    #expect(
      throws: StreamError(
        .usage,
        "directory '\(directory.at("out"))' has files already, such as 'part-00000000-main-000009-0.csv'",
        hint: "--overwrite replaces the parts in it, --append adds to them")
    ) { try run(directory) }
    try run(directory, .append)
    #expect(directory.names(in: "out").count == 4)
    try run(directory, .overwrite)
    #expect(
      directory.names(in: "out") == [
        "part-3f2a91c0-main-000001-0.csv", "part-3f2a91c0-main-000003-0.csv", "readme",
      ])
  }

  @Test("holds the last whole result in complete mode")
  func complete() throws {
    let directory = TemporaryDirectory()
    var parts = target(directory)
    try parts.begin(form(.complete))
    try parts.write(rows([(1, "a")]), isDeletion: false)
    try parts.commit(epoch(1, replaces: true))
    try parts.write(rows([(2, "a")]), isDeletion: false)
    try parts.commit(epoch(2, replaces: true))
    try parts.commit(epoch(3))
    #expect(directory.names(in: "out") == ["part-3f2a91c0-main-000002-0.csv"])
    try parts.commit(epoch(4, replaces: true, isFinal: true))
    try parts.end()
    #expect(directory.names(in: "out") == [])
  }
}
