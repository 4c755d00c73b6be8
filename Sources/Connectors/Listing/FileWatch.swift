package import Diagnostics
internal import Glibc
internal import SystemPackage

/// Files as they appear in the places that paths name (`--follow`).
///
/// A file that is moved in is taken at once, one that is written where it stands when its writer
/// closes it. Directories are looked through once, at the start; afterwards the system tells what
/// comes. A file is given out once.
package final class FileWatch: FileSupply, @unchecked Sendable {
  // SAFETY: used by one thread at a time, but for `offered`.
  private let patterns: [WatchedPath]
  private let seen: SeenFiles
  private let stop: StopSignal
  private let check: (InputFile) throws(StreamError) -> Void
  private var watch: DirectoryWatch
  private var rules: [Int32: [WatchRule]] = [:]
  /// What was found and not given out, the last one first.
  private var queue: [FileSegment] = []
  private var found: [InputFile] = []
  private var emptySince: Int64?
  private var offered: [InputFile] = []
  private let lock = Lock()

  /// How long one waits at most before a look at the files that were offered: ms.
  private static let patience: Int32 = 1000

  /// Looks through what is there.
  ///
  /// - Parameters:
  ///   - paths: files, directories, patterns; what they name may come later.
  ///   - first: is given out before all others.
  ///   - seen: files that are passed over; gets to know those that are given out.
  ///   - check: refuses a file that cannot be read.
  package init(
    _ paths: [String], behind first: FileSegment?, seen: SeenFiles, stop: StopSignal,
    check: @escaping (InputFile) throws(StreamError) -> Void
  ) throws(StreamError) {
    var patterns: [WatchedPath] = []
    for path in paths { patterns += try WatchedPath.list(path) }
    self.patterns = patterns
    self.seen = seen
    self.stop = stop
    self.check = check
    watch = try DirectoryWatch()
    // Who opens a file for writing while it is looked at must not end us.
    signal(SIGIO, SIG_IGN)
    try lookThrough()
    if let first { queue.append(first) }
  }

  package var isBounded: Bool { false }
  package var byteCount: Int64? { nil }

  /// The directories whose files are read, by their absolute paths.
  package var directories: Set<String> {
    Set(
      rules.values.joined().filter { $0.rest.count <= 1 }.map {
        $0.directory.madeAbsolute().string
      })
  }

  /// The file that comes next; waits for it.
  ///
  /// - Returns: nil when the source was told to stop before.
  package func peek() throws(StreamError) -> InputFile? {
    guard case .item(let segment) = try next(until: .never) else { return nil }
    queue.append(segment)
    return segment.file
  }

  /// Gives out a file that has come under a name that was freed meanwhile. From any thread.
  package func offer(_ file: InputFile) { lock.withLock { offered.append(file) } }

  package func next(until deadline: Deadline) throws(StreamError) -> Supply<FileSegment> {
    while true {
      if queue.isEmpty { try look() }
      if let segment = queue.popLast() {
        emptySince = nil
        return .item(segment)
      }
      if emptySince == nil { emptySince = Moment.now.uptime }
      let now = deadline == .now ? 0 : Moment.now.uptime
      let wait = deadline.milliseconds(from: now)
      if wait == 0 || stop.isRequested { return .nothingYet(idleSince: emptySince) }
      waitForNews(wait < 0 ? Self.patience : min(wait, Self.patience))
    }
  }

  private func waitForNews(_ milliseconds: Int32) {
    var watched = InlineArray<2, pollfd>(repeating: pollfd())
    watched[0] = pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)
    watched[1] = pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)
    var span = watched.mutableSpan
    _ = unsafe span.withUnsafeMutableBufferPointer {
      unsafe poll($0.baseAddress, 2, milliseconds)
    }
  }
}

// MARK: - Looking

extension FileWatch {
  /// Takes what has come since the last look, in the order of modification and name.
  private func look() throws(StreamError) {
    let news = try watch.news()
    for event in news.events {
      for rule in rules[event.watch] ?? [] { try take(event, by: rule) }
    }
    if news.isIncomplete { try lookThrough() }
    for file in lock.withLock({ exchange(&offered, with: []) }) { try take(file) }
    queueFound()
  }

  /// Watches anew, and looks at everything.
  private func lookThrough() throws(StreamError) {
    watch = try DirectoryWatch()
    rules = [:]
    for path in patterns { try descend(path.base, path.levels[...]) }
    queueFound()
  }

  private func queueFound() {
    if found.isEmpty { return }
    found.sort { InputFile.isRead($1, before: $0) }
    queue = found.map { FileSegment($0) } + queue
    found = []
  }

  /// - Parameter rest: what is looked for in the directory; nothing: its files.
  private func descend(
    _ directory: FilePath, _ rest: ArraySlice<WatchedPath.Level>
  ) throws(StreamError) {
    if let level = rest.first, !level.isPattern {
      let path = directory.appending(level.text)
      if (try? Stat(path).type) == .directory { return try descend(path, rest.dropFirst()) }
    }
    guard let number = try watch.add(directory.orWorkingDirectory) else { return }
    let rule = WatchRule(directory: directory, rest: rest)
    if rules[number, default: []].contains(rule) { return }
    rules[number, default: []].append(rule)
    // What has come before is found here, what comes from now on is told.
    guard let level = rest.first, !level.isPattern else {
      for entry in try entries(of: directory) { try take(entry, by: rule) }
      return
    }
    try take(level.text, by: rule)
  }

  private func entries(of directory: FilePath) throws(StreamError) -> [String] {
    do throws(Errno) {
      let entries = try Directory(at: directory.orWorkingDirectory).entries
      return entries.compactMap { $0.lastComponent?.string }
    } catch .noSuchFileOrDirectory {
      return []
    } catch {
      throw .unreadable(directory, error)
    }
  }

  /// An entry that a listing has found.
  private func take(_ name: String, by rule: WatchRule) throws(StreamError) {
    guard rule.wants(name) else { return }
    let path = rule.directory.appending(name)
    if seen.contains(path.madeAbsolute()) { return }
    guard let status = try? Stat(path) else { return }
    if status.type == .directory {
      if !rule.rest.isEmpty { try descend(path, rule.rest.dropFirst()) }
    } else if rule.rest.count <= 1, !path.isBeingWritten {
      try take(InputFile(path: path, status: status))
    }
  }

  private func take(_ event: DirectoryWatch.Event, by rule: WatchRule) throws(StreamError) {
    guard rule.wants(event.name) else { return }
    let path = rule.directory.appending(event.name)
    guard !seen.contains(path.madeAbsolute()), let status = try? Stat(path) else { return }
    if status.type == .directory {
      if !rule.rest.isEmpty { try descend(path, rule.rest.dropFirst()) }
    } else if rule.rest.count <= 1, !event.isNew || path.isLink {
      try take(InputFile(path: path, status: status))
    }
  }

  private func take(_ file: InputFile) throws(StreamError) {
    guard file.byteCount != nil, seen.insert(file.absolutePath) else { return }
    try check(file)
    found.append(file)
  }
}

extension FilePath {
  fileprivate var orWorkingDirectory: FilePath { isEmpty ? "." : self }

  /// Whether somebody has the file open for writing, as far as one may know.
  fileprivate var isBeingWritten: Bool {
    let descriptor = unsafe withPlatformString { unsafe open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // A lease for reading is not given while there is a writer.
    if fcntl(descriptor, setLease, Int32(F_RDLCK)) == 0 {
      _ = fcntl(descriptor, setLease, Int32(F_UNLCK))
      return false
    }
    return errno == EAGAIN
  }

  /// Whether it is another name of what was written elsewhere.
  fileprivate var isLink: Bool {
    guard let status = try? Stat(self, followTargetSymlink: false) else { return false }
    return status.type == .symbolicLink || status.linkCount > 1
  }
}

/// `F_SETLEASE`, which the C library hides from Swift.
private let setLease: Int32 = 1024
