package import Columnar
package import Diagnostics
internal import Formats
internal import Glibc
internal import SystemPackage

/// Where files are begun that are there when a query starts for the first time (`--from`).
package enum TailStart: String, Sendable, CaseIterable {
  case beginning
  case end
}

/// How long things may take.
package struct TailLimits: Sendable {
  /// How often all files are looked at, whatever the system reports: µs.
  package var lookInterval: Int64 = 1_000_000
  /// How long the successor of a rotated file waits after its last growth, while somebody may still
  /// write to it: µs.
  package var quietPatience: Int64 = 1_000_000
  /// How long a rotated file must not have changed to be finished, where the system does not tell
  /// whether somebody has it open: µs.
  package var closePatience: Int64 = 60_000_000
  /// So many pieces an epoch has at most, before it has to close.
  package var pieceCountMax = 4096

  package init() {}
}

/// The followed files.
package final class TailSet {
  let plan: InputPlan
  let notices: Notices
  let limits: TailLimits
  let stop: StopSignal
  /// What is there now is read, and nothing is waited for.
  let isBounded: Bool
  /// Whether the source is to end as soon as all is read that is there.
  private(set) var isDraining: Bool
  private(set) var journal: TailJournal?
  private(set) var slots: [TailSlot] = []
  private let paths: [String]
  private let patterns: [PathPattern]
  private let start: TailStart
  private let watch = ChangeWatch()
  private var watchedFiles: [Int32: TailSlot] = [:]
  private var watchedDirectories: [Int32: String] = [:]
  private var directories: Set<String> = []
  private var nextNumber = 1
  private var nextLook = Int64.min
  private var isFirstLook = true
  private var needsScan = true
  private var hasToldFormer = false
  private var hasToldName = false

  static let renamingPause: Int64 = 5_000

  /// - Parameter paths: of files, and patterns.
  /// - Throws: a usage error for a path that cannot be followed.
  package init(
    _ paths: [String], plan: InputPlan, from start: TailStart, isBounded: Bool,
    limits: TailLimits = TailLimits(), stop: StopSignal, notices: Notices
  ) throws(StreamError) {
    (self.plan, self.start, self.limits) = (plan, start, limits)
    (self.stop, self.notices, self.isBounded) = (stop, notices, isBounded)
    isDraining = isBounded
    var named: [String] = []
    var patterns: [PathPattern] = []
    for path in paths {
      if let pattern = PathPattern(path), FileStatus(at: path) == nil {
        try pattern.refuseRecursion()
        patterns.append(pattern)
      } else if named.contains(path) {
        notices.warn("'\(path)' is named more than once; it is read once", nil)
      } else {
        named.append(path)
      }
    }
    (self.paths, self.patterns) = (named, patterns)
  }

  var now: Int64 { Moment.now.uptime }

  func makeNumber() -> Int {
    defer { nextNumber += 1 }
    return nextNumber
  }

  /// Whether a path is read for its own sake.
  func isFollowed(_ path: String) -> Bool { slots.contains { $0.path == path } }
}

// MARK: - Beginning

extension TailSet {
  /// Takes up where an earlier run was.
  package func open(behind history: TailHistory, _ journal: TailJournal?) throws {
    self.journal = journal
    nextNumber = (history.positions.last?.file ?? 0) + 1
    for path in paths { slots.append(TailSlot(path, isNamed: true, of: self)) }
    let start = history.hasBegun ? TailStart.beginning : self.start
    isFirstLook = start == .end
    try scan()
    var positions = history.positions
    for index in positions.indices { moveToMatch(&positions[index], positions) }
    for position in positions where !isFollowed(position.path) {
      if patterns.contains(where: { $0.mayMatch(position.path) }) {
        slots.append(TailSlot(position.path, isNamed: false, of: self))
      } else {
        // Another command line may follow it again.
        journal?.add(position, window: TailWindow())
      }
    }
    for slot in slots {
      let own = positions.filter { $0.path == slot.path }
      if !own.isEmpty { try slot.restore(own) }
    }
    try look()
    isFirstLook = false
  }

  /// From now on a journal knows of the files; nothing has been read of them.
  package func keepAccount(in journal: TailJournal) {
    self.journal = journal
    for slot in slots {
      for file in slot.files { journal.add(file.position, window: file.lastBytes) }
    }
  }

  /// A followed file may have been renamed to another path that a pattern matches.
  private func moveToMatch(_ position: inout TailPosition, _ all: [TailPosition]) {
    let own = try? OpenedFile(position.path)
    if let own, position.isSame(as: own) { return }
    for slot in slots where !slot.isNamed && !all.contains(where: { $0.path == slot.path }) {
      if let file = try? OpenedFile(slot.path), position.isSame(as: file) {
        position.path = slot.path
        return
      }
    }
  }

  /// Finds the files that the patterns match by now.
  private func scan() throws {
    needsScan = false
    var found: [String] = []
    for pattern in patterns {
      let matches: [FilePath]
      do throws(Errno) {
        matches = try pattern.matches()
      } catch {
        throw StreamError.unreadable(FilePath(pattern.text), error)
      }
      for path in matches { found += name(of: path) }
      watchDirectory(of: pattern.text)
    }
    let all = Set(found).union(slots.map(\.path))
    for path in Set(found).sorted() where !isFollowed(path) { try consider(path, among: all) }
  }

  /// - Returns: nothing for a path that is not UTF-8.
  private func name(of path: FilePath) -> [String] {
    if let name = String(validating: path) { return [name] }
    if !hasToldName {
      hasToldName = true
      notices.warn("'\(path)' is not UTF-8, and is not followed", "rename it")
    }
    return []
  }

  private func consider(_ path: String, among all: Set<String>) throws {
    let (directory, name) = splitPath(path)
    guard Packing(fileName: name) == nil, let status = FileStatus(at: path), status.isRegular else {
      return
    }
    let successor = all.first { other in
      let (otherDirectory, base) = splitPath(other)
      return otherDirectory == directory && isFormerName(name, of: base)
    }
    if let successor {
      tellFormer(path, successor)
      return
    }
    let slot = TailSlot(path, isNamed: false, of: self)
    if let holder = slots.first(where: { $0.holds(status.identity) }) {
      // Another name of the same file is not read again; a new name is followed on.
      guard FileStatus(at: holder.path)?.identity != status.identity,
        let file = holder.release(status.identity)
      else { return }
      slot.adopt(file)
      journal?.move(file.number, to: path)
      if file.watch >= 0 { watchedFiles[file.watch] = slot }
    }
    slots.append(slot)
  }

  private func tellFormer(_ path: String, _ successor: String) {
    if hasToldFormer { return }
    hasToldFormer = true
    notices.warn(
      "'\(path)' is taken for a former '\(successor)' and not followed by itself",
      "choose a pattern that leaves rotated files out, such as '*.log'")
  }
}

// MARK: - Files

extension TailSet {
  /// A file that nothing was read of.
  func beginning(_ file: OpenedFile, of path: String) -> TailedFile {
    var position = TailPosition(file: makeNumber(), path: path, status: file.status)
    if isFirstLook { position.offset = file.lastLineEnd }
    return opened(file, at: position)
  }

  func opened(_ file: OpenedFile, at position: TailPosition) -> TailedFile {
    let start = max(0, position.offset - Int64(TailWindow.byteCountMax))
    return TailedFile(
      file, at: position, window: TailWindow(file.bytes(start..<position.offset)),
      limits: plan.limits, now: now)
  }

  func register(_ file: TailedFile, in slot: TailSlot) {
    journal?.add(file.position, window: file.lastBytes)
    watchDirectory(of: slot.path)
    guard let growing = file.growing else { return }
    file.watch = watch.add(growing.file)
    if file.watch >= 0 { watchedFiles[file.watch] = slot }
  }

  func unregister(_ file: TailedFile) {
    guard file.watch >= 0 else { return }
    watchedFiles[file.watch] = nil
    watch.remove(file.watch)
  }

  private func watchDirectory(of path: String) {
    let (directory, _) = splitPath(path)
    guard !directories.contains(directory) else { return }
    let number = watch.add(directory: directory)
    guard number >= 0 else { return }
    directories.insert(directory)
    watchedDirectories[number] = directory
  }
}

// MARK: - Looking

extension TailSet {
  /// Notes what the system has reported, and finds new and rotated files.
  func look() throws {
    let now = now
    for event in watch.events() { note(event) }
    let isThorough = now >= nextLook
    if isThorough {
      nextLook = now + limits.lookInterval
      noteAll()
    }
    if needsScan { try scan() }
    for slot in slots {
      if now >= slot.wakeUp { slot.isDirty = true }
      if slot.needsExamination {
        watchDirectory(of: slot.path)
        try slot.examine()
        slot.isDirty = true
      }
    }
    if isThorough { slots.removeAll { $0.forgetIfGone() } }
  }

  private func noteAll() {
    needsScan = !patterns.isEmpty
    for slot in slots {
      slot.isDirty = true
      slot.needsExamination = true
    }
  }

  private func note(_ event: WatchEvent) {
    guard let number = event.watch else { return noteAll() }
    if let slot = watchedFiles[number] {
      slot.isDirty = true
      if event.isOfName {
        slot.needsExamination = true
        needsScan = !patterns.isEmpty
      }
    } else if let directory = watchedDirectories[number] {
      needsScan = !patterns.isEmpty
      for slot in slots where splitPath(slot.path).directory == directory {
        slot.needsExamination = true
      }
    }
  }

  /// Reads what is there, and then ends.
  func drain() throws {
    isDraining = true
    noteAll()
    try look()
  }

  /// Waits until something may have changed.
  ///
  /// - Returns: false when the time is over.
  func wait(until deadline: Deadline) -> Bool {
    let wakeUp = slots.reduce(nextLook) { min($0, $1.wakeUp) }
    let end = min(deadline, Deadline(uptime: wakeUp))
    var watched = InlineArray<2, pollfd>(repeating: pollfd())
    watched[0] = pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)
    watched[1] = pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)
    let milliseconds = end.milliseconds(from: end == .now ? 0 : now)
    var span = watched.mutableSpan
    let count = unsafe span.withUnsafeMutableBufferPointer {
      unsafe poll($0.baseAddress, 2, milliseconds)
    }
    return count > 0 || wakeUp <= now
  }

  /// What the first records look like; waits for one.
  ///
  /// - Returns: nil when the source was told to stop before, or nothing is there and nothing is
  ///   waited for.
  package func inferRecord() throws -> Schema? {
    while true {
      for slot in slots {
        for file in slot.files {
          try file.beginTurn(now: now)
          guard let (sample, head) = try file.sample(plan) else { continue }
          do throws(StreamError) {
            return try inferSchema(
              plan.format, plan.options(of: slot.path), sample: sample, isWhole: false,
              header: head?.header)
          } catch {
            throw error.located(in: slot.path)
          }
        }
      }
      if isBounded || stop.isRequested { return nil }
      _ = wait(until: .never)
      try look()
    }
  }
}

extension PathPattern {
  /// Whether a path that is not there may be one of those that it stands for.
  fileprivate func mayMatch(_ path: String) -> Bool {
    if text.contains("{") { return true }
    return unsafe fnmatch(text, path, FNM_PATHNAME | FNM_PERIOD) == 0
  }
}

extension OpenedFile {
  /// Where the last whole line ends.
  fileprivate var lastLineEnd: Int64 {
    var end = status.byteCount
    while end > 0 {
      let start = max(0, end - Int64(64 << 10))
      let chunk = bytes(start..<end)
      if let index = chunk.lastIndex(of: 0x0A) { return start + Int64(index) + 1 }
      end = start
    }
    return 0
  }
}
