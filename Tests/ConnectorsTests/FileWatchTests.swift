import Connectors
import Diagnostics
import Glibc
import SystemPackage
import Testing

@Suite("Files that appear")
struct FileWatchTests {
  let directory = TemporaryDirectory()
  private let seen = SeenFiles()

  init() {
    for name in ["in", "aside"] { _ = unsafe mkdir("\(directory.path)/\(name)", 0o755) }
  }

  private func watch(_ paths: String..., behind first: FileSegment? = nil) throws -> FileWatch {
    try FileWatch(
      paths.map { "\(directory.path)/\($0)" }, behind: first, seen: seen, stop: .none
    ) { _ in }
  }

  private func move(_ name: String, to target: String) {
    #expect(unsafe rename("\(directory.path)/\(name)", "\(directory.path)/\(target)") == 0)
  }

  /// What comes without waiting.
  private func taken(_ watch: FileWatch) throws -> [String] {
    var names: [String] = []
    while case .item(let segment) = try watch.next(until: .now) {
      names.append(String(segment.file.name.dropFirst(directory.path.count + 1)))
    }
    return names
  }

  @Test("are taken when they are moved in, by time and name")
  func moves() throws {
    directory.write("in/old", "x", modified: 5)
    let watch = try watch("in")
    for (name, time) in [("c", 3), ("a", 3), ("b", 1), (".hidden", 1), ("_SUCCESS", 1)] {
      directory.write("aside/\(name)", "x", modified: time)
      move("aside/\(name)", to: "in/\(name)")
    }
    #expect(try taken(watch) == ["in/old", "in/b", "in/a", "in/c"])
    directory.write("aside/old", "y")
    move("aside/old", to: "in/old")
    #expect(try taken(watch) == [])
  }

  @Test("are taken when they are closed, and not before")
  func writing() throws {
    let early = unsafe open("\(directory.path)/in/early", O_CREAT | O_WRONLY, 0o644)
    let watch = try watch("in")
    #expect(try taken(watch) == [])
    let late = unsafe open("\(directory.path)/in/late", O_CREAT | O_WRONLY, 0o644)
    #expect(try taken(watch) == [])
    close(late)
    #expect(try taken(watch) == ["in/late"])
    close(early)
    #expect(try taken(watch) == ["in/early"])
  }

  @Test("are taken when they get a name there by a link")
  func links() throws {
    let watch = try watch("in")
    let path = directory.write("aside/a", "x")
    #expect(unsafe link(path, "\(directory.path)/in/hard") == 0)
    #expect(unsafe symlink(path, "\(directory.path)/in/soft") == 0)
    #expect(try taken(watch).sorted() == ["in/hard", "in/soft"])
  }

  @Test("may be in directories that appear later")
  func newDirectories() throws {
    let watch = try watch("days/*/x*.csv", "later", "one.txt", "{p,q}.log")
    #expect(try taken(watch) == [])
    directory.write("days/1/x1.csv", "x")
    #expect(try taken(watch) == ["days/1/x1.csv"])
    directory.write("days/1/y.csv", "x")
    directory.write("days/1/x2.csv", "x")
    directory.write("days/2/x3.csv", "x", modified: 2_000_000)
    #expect(try taken(watch) == ["days/1/x2.csv", "days/2/x3.csv"])
    directory.write("later/a", "x")
    directory.write("one.txt", "x")
    directory.write("two.txt", "x")
    directory.write("q.log", "x")
    #expect(try taken(watch) == ["later/a", "one.txt", "q.log"])
  }

  @Test("are found again when their directory is made anew")
  func vanishedDirectory() throws {
    directory.write("in/a", "x")
    let watch = try watch("in")
    #expect(try taken(watch) == ["in/a"])
    _ = unsafe unlink("\(directory.path)/in/a")
    _ = unsafe rmdir("\(directory.path)/in")
    #expect(try taken(watch) == [])
    directory.write("in/b", "x")
    #expect(try taken(watch) == ["in/b"])
  }

  @Test("are all found when there are more than the system can tell")
  func overflow() throws {
    let watch = try watch("in")
    let path = directory.write("aside/a", "x")
    // The system's queue holds 16384 events unless somebody has changed that.
    for index in 0..<17_000 {
      #expect(unsafe symlink(path, "\(directory.path)/in/\(index)") == 0)
    }
    #expect(Set(try taken(watch)).count == 17_000)
  }

  @Test("come behind the one that was begun")
  func begun() throws {
    let path = directory.write("in/a", "12", modified: 9)
    directory.write("in/b", "x", modified: 1)
    var segment = FileSegment(try #require(InputFile(lookingAt: FilePath(path))))
    segment.start = 1
    seen.insert(segment.file.absolutePath)
    let watch = try watch("in", behind: segment)
    #expect(try taken(watch) == ["in/a", "in/b"])
  }

  @Test("end the wait when the source is told to stop")
  func stopping() throws {
    var ends: [Int32] = [-1, -1]
    #expect(unsafe pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let stopped = try FileWatch(
      ["\(directory.path)/in"], behind: nil, seen: seen, stop: StopSignal(descriptor: ends[0])
    ) { _ in }
    #expect(unsafe write(ends[1], "x", 1) == 1)
    guard case .nothingYet = try stopped.next(until: .never) else {
      Issue.record("expected nothing")
      return
    }
  }
}

@Suite("Files that were read")
struct FileCleanerTests {
  let directory = TemporaryDirectory()
  private let seen = SeenFiles()

  private func part(_ path: String) throws -> FilePart {
    seen.insert(FilePath(path))
    return FilePart(try #require(InputFile(lookingAt: FilePath(path))), from: 0)
  }

  private func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  @Test("are taken away when their epochs are committed, and their names are free")
  func deletion() throws {
    let paths = ["a", "b"].map { directory.write($0, "x") }
    let cleaner = FileCleaner(.delete, seen: seen, notices: .none)
    cleaner.wait(for: [try part(paths[0])], of: 1)
    cleaner.wait(for: [try part(paths[1])], of: 2)
    #expect(cleaner.firstEpoch == 1)
    cleaner.clean(upTo: 1)
    #expect(!exists(paths[0]) && exists(paths[1]))
    #expect(!seen.contains(FilePath(paths[0])) && seen.contains(FilePath(paths[1])))
    #expect(cleaner.firstEpoch == 2)
  }

  @Test("stay when they were written on, or when another one has their name")
  func changed() throws {
    let paths = ["a", "b", "c"].map { directory.write($0, "x") }
    let cleaner = FileCleaner(.delete, seen: seen, notices: .none)
    cleaner.wait(for: try paths.map(part), of: 1)
    directory.write("a", "xy")
    let other = directory.write("d", "x")
    #expect(unsafe rename(other, paths[1]) == 0)
    _ = unsafe unlink(paths[2])
    var offered: [String] = []
    cleaner.offer = { offered.append($0.name) }
    cleaner.clean(upTo: 9)
    #expect(exists(paths[0]) && exists(paths[1]))
    #expect(offered == [paths[1]])
    #expect(paths.map { seen.contains(FilePath($0)) } == [true, false, false])
  }

  @Test("go into the archive, where nothing is lost")
  func archive() throws {
    let archive = "\(directory.path)/done"
    let cleaner = FileCleaner(.archive(directory: archive), seen: seen, notices: .none)
    try cleaner.prepare([directory.path], [])
    directory.write("done/a", "former")
    let path = directory.write("a", "x")
    cleaner.wait(for: [try part(path)], of: 1)
    // A crash came between the link and the removal of this one.
    let linked = directory.write("b", "x")
    #expect(unsafe link(linked, "\(archive)/b") == 0)
    cleaner.wait(for: [try part(linked)], of: 1)
    cleaner.clean(upTo: 1)
    #expect(!exists(path) && !exists(linked))
    #expect(exists("\(archive)/a.1") && !exists("\(archive)/b.1"))
  }

  @Test("cannot go where the input comes from")
  func archiveInInput() {
    let cleaner = FileCleaner(.archive(directory: directory.path), seen: seen, notices: .none)
    #expect(throws: StreamError.self) { try cleaner.prepare(["\(directory.path)/."], []) }
    #expect(throws: StreamError.self) { try cleaner.prepare([], [directory.path]) }
  }
}
