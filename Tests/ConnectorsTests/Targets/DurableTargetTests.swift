import Columnar
import Connectors
import Diagnostics
import Formats
import Glibc
import JSONText
import Testing

/// What a sink does with a target, epoch by epoch; a crash is a target that is dropped.
private struct Run<Kind: DurableTarget> {
  var target: Kind
  /// The detail of the last commit; nil before the first.
  var committed: JSON?

  init(_ target: Kind, _ form: ResultForm, after committed: JSON? = nil) throws {
    self.target = target
    self.committed = committed
    try self.target.begin(form)
    let position = try self.target.resume(
      TargetResume(
        query: "3f2a91c0", stage: "main.sink", epoch: 0, detail: committed ?? .null,
        isNew: committed == nil, directory: "/"))
    guard case .asCommitted = position else { throw StreamError(.internal, "a wrong position") }
  }

  mutating func prepare(_ number: Int64, _ batch: Batch?, replaces: Bool = false) throws -> JSON {
    if let batch { try target.write(batch, isDeletion: false) }
    return try target.prepare(epoch(number, replaces: replaces))
  }

  mutating func commit(_ number: Int64, _ batch: Batch?, replaces: Bool = false) throws {
    committed = try prepare(number, batch, replaces: replaces)
    try target.publish(epoch(number, replaces: replaces))
  }
}

private func durable(
  _ mode: ResultForm.Mode = .append, schema: Schema = numbered
) -> ResultForm {
  var form = form(mode, isBounded: false, schema: schema)
  form.isDurable = true
  return form
}

@Suite("Directories with a checkpoint")
struct DurableDirectoryTests {
  private func target(
    _ directory: TemporaryDirectory, _ existing: ExistingFiles = .refuse,
    partitionColumns: [String] = [], byteCountMax: Int64? = nil, marksPartitions: Bool = false
  ) -> DirectoryTarget {
    DirectoryTarget(
      path: directory.at("out"), existing: existing,
      layout: DirectoryLayout(
        suffix: "csv", partitionColumns: partitionColumns, byteCountMax: byteCountMax,
        marksPartitions: marksPartitions)
    ) { PlainWriter() }
  }

  private func part(_ epoch: Int, _ number: Int = 0) -> String {
    "part-3f2a91c0-main-00000\(epoch)-\(number).csv"
  }

  @Test("shows a part only behind its commit")
  func visibility() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory), durable())
    _ = try run.prepare(1, rows([(1, "a")]))
    #expect(directory.visibleNames(in: "out") == [])
    try run.target.publish(epoch(1))
    #expect(directory.names(in: "out") == [part(1)])
    #expect(directory.text("out/\(part(1))") == "n|name\n1|a\n")
  }

  @Test("finishes what was committed, drops what was not, and touches nothing else")
  func afterCrash() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory), durable())
    try run.commit(1, rows([(1, "a")]))
    let committed = try run.prepare(2, rows([(2, "b")]))
    directory.write("out/.part-99999999-main-1-1.tmp", "another query's")
    directory.write("out/part-99999999-main-000001-0.csv", "another query's")
    for _ in 0..<2 {
      // The second time it was done before.
      var next = try Run(target(directory), durable(), after: committed)
      try next.target.write(rows([(9, "lost")]), isDeletion: false)
      #expect(
        directory.visibleNames(in: "out") == [
          part(1), part(2), "part-99999999-main-000001-0.csv",
        ])
    }
    var last = try Run(target(directory), durable(), after: committed)
    try last.commit(3, rows([(3, "c")]))
    #expect(
      directory.names(in: "out") == [
        ".part-99999999-main-1-1.tmp", part(1), part(2), part(3),
        "part-99999999-main-000001-0.csv",
      ])
    #expect(directory.text("out/\(part(3))") == "n|name\n3|c\n")
  }

  @Test("refuses files that are there, but at the first start alone")
  func firstStart() throws {
    let directory = TemporaryDirectory()
    directory.write("out/part-00000000-main-000009-0.csv", "mine")
    #expect(throws: StreamError.self) { try Run(target(directory), durable()) }
    var run = try Run(target(directory, .overwrite), durable())
    #expect(directory.visibleNames(in: "out") == ["part-00000000-main-000009-0.csv"])
    let committed = try run.prepare(1, rows([(1, "a")]))
    #expect(directory.visibleNames(in: "out") == ["part-00000000-main-000009-0.csv"])
    run = try Run(target(directory, .overwrite), durable(), after: committed)
    #expect(directory.names(in: "out") == [part(1)])
    try run.commit(2, rows([(2, "b")]))
    #expect(directory.names(in: "out") == [part(1), part(2)])
  }

  @Test("takes the parts of an earlier result away, after a crash too")
  func complete() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory), durable(.complete))
    try run.commit(1, rows([(1, "a")]), replaces: true)
    try run.commit(2, nil)
    let committed = try run.prepare(3, rows([(2, "a")]), replaces: true)
    #expect(directory.visibleNames(in: "out") == [part(1)])
    run = try Run(target(directory), durable(.complete), after: committed)
    #expect(directory.names(in: "out") == [part(3)])
    try run.commit(4, nil, replaces: true)
    #expect(directory.names(in: "out") == [])
  }

  @Test("begins another file when one is long enough")
  func rolls() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory, byteCountMax: 40), durable())
    try run.commit(1, rows((0..<20).map { (Int64($0), "abcd") }))
    let names = directory.names(in: "out")
    #expect(names.count > 2)
    #expect(names[1] == part(1, 1))
    let texts = names.compactMap { directory.text("out/\($0)") }
    #expect(texts.allSatisfy { $0.hasPrefix("n|name\n") && $0.utf8.count < 80 })
    let lines = texts.flatMap { $0.split(separator: "\n").dropFirst() }
    #expect(Set(lines) == Set((0..<20).map { "\($0)|abcd" }) && lines.count == 20)
  }

  @Test("puts rows into directories by value")
  func partitions() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory, partitionColumns: ["NAME"]), durable())
    try run.commit(1, rows([(1, "a/b"), (2, nil), (3, ""), (4, "é="), (5, "a/b")]))
    let hidden = "__HIVE_DEFAULT_PARTITION__"
    #expect(
      directory.names(in: "out") == ["name=\(hidden)", "name=a%2Fb", "name=é%3D"])
    #expect(directory.text("out/name=a%2Fb/\(part(1))") == "n\n1\n5\n")
    #expect(directory.text("out/name=\(hidden)/\(part(1))") == "n\n2\n3\n")
    let committed = try run.prepare(2, rows([(6, "a/b")]))
    directory.write("out/name=a%2Fb/.part-3f2a91c0-main-0-7.tmp", "of a crash")
    _ = try Run(target(directory, partitionColumns: ["name"]), durable(), after: committed)
    #expect(directory.names(in: "out/name=a%2Fb") == [part(1), part(2)])
  }

  private func marking(
    _ directory: TemporaryDirectory, _ existing: ExistingFiles = .refuse
  ) -> DirectoryTarget {
    target(directory, existing, partitionColumns: ["name"], marksPartitions: true)
  }

  @Test("marks the partitions of an epoch behind its commit, once all of their parts are there")
  func marks() throws {
    let directory = TemporaryDirectory()
    var run = try Run(marking(directory), durable())
    let first = try run.prepare(1, rows([(1, "a"), (2, "b"), (3, "a")]))
    #expect(directory.visibleNames(in: "out/name=a") == [])
    // A crash behind the commit, and one behind the names of the parts of one partition.
    let hidden = try #require(directory.names(in: "out/name=b").first)
    for repetition in 0..<2 {
      if repetition == 1 {
        unsafe unlink(directory.at("out/name=a/_SUCCESS"))
        unsafe unlink(directory.at("out/name=b/_SUCCESS"))
        unsafe rename(
          directory.at("out/name=b/\(part(1))"), directory.at("out/name=b/\(hidden)"))
      }
      run = try Run(marking(directory), durable(), after: first)
      #expect(directory.names(in: "out/name=a") == ["_SUCCESS", part(1)])
      #expect(directory.names(in: "out/name=b") == ["_SUCCESS", part(1)])
    }
    try run.commit(2, rows([(4, "c")]))
    #expect(directory.names(in: "out/name=c") == ["_SUCCESS", part(2)])
    #expect(directory.text("out/name=c/_SUCCESS") == "")
    try run.commit(3, nil)
    #expect(directory.names(in: "out") == ["name=a", "name=b", "name=c"])
  }

  @Test("takes a partition's marker away before rows come that it does not speak of")
  func staleMarkers() throws {
    let directory = TemporaryDirectory()
    for file in ["a/_SUCCESS", "a/part-00000000-main-000001-0.csv", "b/_SUCCESS", "c/_SUCCESS"] {
      directory.write("out/name=\(file)")
    }
    directory.write("out/name=b/part-00000000-main-000001-0.csv")
    // Where the part cannot appear the marker must be gone already.
    directory.write("out/name=a/\(part(1))/x")
    var run = try Run(marking(directory, .append), durable())
    #expect(throws: StreamError.self) { try run.commit(1, rows([(1, "a")])) }
    #expect(!directory.names(in: "out/name=a").contains("_SUCCESS"))
    #expect(directory.names(in: "out/name=b").contains("_SUCCESS"))
  }

  @Test("takes markers away with the parts that they speak of")
  func overwrittenMarkers() throws {
    let directory = TemporaryDirectory()
    for name in ["a", "b"] {
      directory.write("out/name=\(name)/part-00000000-main-000001-0.csv")
      directory.write("out/name=\(name)/_SUCCESS")
    }
    var run = try Run(marking(directory, .overwrite), durable())
    let committed = try run.prepare(1, rows([(1, "a")]))
    for _ in 0..<2 { _ = try Run(marking(directory), durable(), after: committed) }
    #expect(directory.names(in: "out/name=a") == ["_SUCCESS", part(1)])
    #expect(directory.names(in: "out/name=b") == [])
  }

  @Test("lets markers be when it has to begin again without its checkpoint")
  func ownMarkers() throws {
    let directory = TemporaryDirectory()
    var run = try Run(marking(directory), durable())
    try run.commit(1, rows([(1, "a")]))
    run = try Run(marking(directory), durable())
    try run.commit(1, rows([(1, "a")]))
    #expect(directory.names(in: "out/name=a") == ["_SUCCESS", part(1)])
  }

  @Test("marks partitions without a checkpoint too")
  func marksAtOnce() throws {
    let directory = TemporaryDirectory()
    var target = marking(directory)
    try target.begin(form(.append))
    try target.write(rows([(1, "a")]), isDeletion: false)
    try target.commit(epoch(1))
    #expect(directory.names(in: "out/name=a") == ["_SUCCESS", part(1)])
  }

  @Test("keeps few files open, however many directories there are")
  func manyPartitions() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory, partitionColumns: ["n"]), durable())
    let values = (0..<450).map { (Int64($0), Optional("x\($0)")) }
    try run.target.write(rows(values), isDeletion: false)
    #expect((1..<260).contains(openFileCount(below: directory.path)))
    try run.commit(1, rows(values.reversed()))
    #expect(directory.names(in: "out").count == 450)
    for index in [0, 1, 200, 449] {
      #expect(directory.text("out/n=\(index)/\(part(1))") == "name\nx\(index)\nx\(index)\n")
    }
  }

  /// How many descriptors of this process lead below a directory.
  private func openFileCount(below directory: String) -> Int {
    guard let real = unsafe realpath(directory, nil) else { return 0 }
    let prefix = unsafe String(cString: real) + "/"
    unsafe free(real)
    return (0..<4096).count { number in
      var target = [CChar](repeating: 0, count: 4096)
      let length = unsafe readlink("/proc/self/fd/\(number)", &target, 4096)
      let path = target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
      return String(decoding: path, as: UTF8.self).hasPrefix(prefix)
    }
  }

  @Test(
    "refuses columns that make no directories",
    arguments: [
      (["nam"], "--partition-by: no column 'nam' (did you mean 'name'?); columns: n, name"),
      (["n", "N"], "--partition-by: 'n' is named twice"),
      (["n", "name"], "--partition-by: no column is left for the files"),
    ])
  func wrongColumns(columns: [String], message: String) {
    let directory = TemporaryDirectory()
    #expect(throws: StreamError(.usage, message)) {
      try Run(target(directory, partitionColumns: columns), durable())
    }
  }

  @Test("does not believe a commit that names a file elsewhere")
  func damage() throws {
    let directory = TemporaryDirectory()
    directory.write("out/a")
    #expect(throws: StreamError.self) {
      try Run(target(directory), durable(), after: ["remove": ["../out/a"]])
    }
    #expect(directory.names(in: "out") == ["a"])
  }
}

@Suite("Files with a checkpoint")
struct DurableFileTests {
  private func target(
    _ directory: TemporaryDirectory, _ existing: ExistingFiles = .refuse
  ) -> FileTarget {
    FileTarget(path: directory.at("out.csv"), existing: existing) { continues in
      PlainWriter(hasHeader: !continues)
    }
  }

  @Test("says what to type where the format has an end and the input none")
  func endless() {
    let directory = TemporaryDirectory()
    var target = FileTarget(
      path: directory.at("my rows"), existing: .refuse, wholeFormat: .parquet
    ) { continues in PlainWriter(hasHeader: !continues) }
    let error = #expect(throws: StreamError.self) { try target.begin(durable()) }
    let command = "stream-sink file '\(directory.at("my rows"))/' --format parquet"
    #expect(error?.hint?.hasSuffix(command) == true)
  }

  @Test("grows from commit to commit, and is cut back to the last one")
  func grows() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory), durable())
    try run.target.write(rows([(1, "a")]), isDeletion: false)
    try run.target.flush()
    #expect(directory.visibleNames() == [])
    try run.commit(1, nil)
    #expect(directory.text("out.csv") == "n|name\n1|a\n")
    try run.commit(2, rows([(2, "b")]))
    _ = try run.prepare(3, rows([(3, "c")]))
    #expect(directory.text("out.csv") == "n|name\n1|a\n2|b\n3|c\n")
    run = try Run(target(directory), durable(), after: run.committed)
    #expect(directory.text("out.csv") == "n|name\n1|a\n2|b\n")
    try run.commit(3, rows([(4, "d")]))
    #expect(directory.text("out.csv") == "n|name\n1|a\n2|b\n4|d\n")
    #expect(directory.names == ["out.csv"])
  }

  @Test("leaves nothing behind when the first epoch is not committed")
  func nothingCommitted() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory), durable())
    _ = try run.prepare(1, rows([(1, "a")]))
    run = try Run(target(directory), durable())
    #expect(directory.visibleNames() == [])
    try run.commit(1, rows([(2, "b")]))
    #expect(directory.text("out.csv") == "n|name\n2|b\n")
    #expect(directory.names == ["out.csv"])
  }

  @Test("adds to a file that is there, once", arguments: [false, true])
  func appends(crashes: Bool) throws {
    let directory = TemporaryDirectory()
    directory.write("out.csv", "n|name\n0|z\n")
    #expect(throws: StreamError.self) { try Run(target(directory), durable()) }
    var run = try Run(target(directory, .append), durable())
    _ = try run.prepare(1, rows([(9, "lost")]))
    #expect(directory.text("out.csv") == "n|name\n0|z\n")
    run = try Run(target(directory, .append), durable())
    let committed = try run.prepare(1, rows([(1, "a")]))
    if crashes {
      for _ in 0..<2 { run = try Run(target(directory, .append), durable(), after: committed) }
    } else {
      try run.target.publish(epoch(1))
    }
    #expect(directory.text("out.csv") == "n|name\n0|z\n1|a\n")
    try run.commit(2, rows([(2, "b")]))
    run = try Run(target(directory, .append), durable(), after: run.committed)
    #expect(directory.text("out.csv") == "n|name\n0|z\n1|a\n2|b\n")
    #expect(directory.names == ["out.csv"])
  }

  @Test("replaces a file that is there with its first commit")
  func overwrites() throws {
    let directory = TemporaryDirectory()
    directory.write("out.csv", "mine\n")
    unsafe chmod(directory.at("out.csv"), 0o640)
    var run = try Run(target(directory, .overwrite), durable())
    let committed = try run.prepare(1, rows([(1, "a")]))
    #expect(directory.text("out.csv") == "mine\n")
    run = try Run(target(directory, .overwrite), durable(), after: committed)
    #expect(directory.text("out.csv") == "n|name\n1|a\n")
    var status = stat()
    _ = unsafe stat(directory.at("out.csv"), &status)
    #expect(status.st_mode & 0o777 == 0o640)
  }

  @Test("says when committed rows are not there any more")
  func lost() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory), durable())
    try run.commit(1, rows([(1, "a")]))
    directory.write("out.csv", "n|na")
    let path = directory.at("out.csv")
    let hint = "restore the file, or begin anew with another --checkpoint directory"
    #expect(
      throws: StreamError(.io, "'\(path)' has 4 bytes, but 11 were committed", hint: hint)
    ) { try Run(target(directory), durable(), after: run.committed) }
    unsafe unlink(path)
    #expect(
      throws: StreamError(.io, "'\(path)' is gone, but 11 bytes of it were committed", hint: hint)
    ) { try Run(target(directory), durable(), after: run.committed) }
  }

  @Test("is replaced whole in complete mode, behind the commit")
  func complete() throws {
    let directory = TemporaryDirectory()
    var run = try Run(target(directory), durable(.complete))
    try run.commit(1, rows([(1, "a")]), replaces: true)
    #expect(directory.text("out.csv") == "n|name\n1|a\n")
    let committed = try run.prepare(2, rows([(2, "b")]), replaces: true)
    #expect(directory.text("out.csv") == "n|name\n1|a\n")
    run = try Run(target(directory), durable(.complete), after: committed)
    #expect(directory.text("out.csv") == "n|name\n2|b\n")
    _ = try run.prepare(3, rows([(3, "c")]), replaces: true)
    run = try Run(target(directory), durable(.complete), after: committed)
    #expect(directory.text("out.csv") == "n|name\n2|b\n")
    #expect(directory.names == ["out.csv"])
  }
}
