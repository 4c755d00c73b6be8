internal import Diagnostics
internal import Formats
internal import SystemPackage

/// A followed path: the file that is there, and those that were there before and still have
/// something to be read.
final class TailSlot {
  let path: String
  /// The command names it, so that it is waited for.
  let isNamed: Bool
  /// The oldest first; the last is the one at the path, as far as is known.
  private(set) var files: [TailedFile] = []
  /// Whether the path may stand for another file by now.
  var needsExamination = true
  /// Whether a file may have grown.
  var isDirty = true
  /// When it is to be looked at again, whatever happens: µs of uptime.
  private(set) var wakeUp = Int64.max

  /// The last file that is not open: it was read to its end, or is not there at present. The order
  /// of rotation goes on behind it.
  private(set) var last: TailPosition?
  private unowned let set: TailSet
  private var cursor = 0
  private var hasTold = false
  /// Whether it was made sure, in this round, that nothing was in between the last file and its
  /// predecessor.
  private var isChecked = false

  init(_ path: String, isNamed: Bool, of set: TailSet) {
    (self.path, self.isNamed, self.set) = (path, isNamed, set)
  }

  var isEmpty: Bool { files.isEmpty }

  func holds(_ identity: FileIdentity) -> Bool { files.contains { $0.identity == identity } }

  /// Gives away a file that was renamed to another followed path.
  func release(_ identity: FileIdentity) -> TailedFile? {
    guard let index = files.firstIndex(where: { $0.identity == identity }) else { return nil }
    cursor = 0
    needsExamination = true
    return files.remove(at: index)
  }

  /// Takes a file that was renamed to this path.
  func adopt(_ file: TailedFile) {
    file.move(to: path)
    files.append(file)
    isDirty = true
  }

  private func tell(_ message: String, _ hint: String? = nil) { set.notices.warn(message, hint) }
}

// MARK: - What is at the path

extension TailSlot {
  /// Looks whether the path stands for another file, and finds those that were there in between.
  func examine() throws {
    needsExamination = false
    for _ in 0..<5 {
      if try follow() { return }
    }
    // Files are being renamed right now.
    needsExamination = true
    wakeUp = min(wakeUp, set.now + TailSet.renamingPause)
  }

  /// - Returns: false when names changed while one looked at them.
  private func follow() throws -> Bool {
    guard let file = try openPath() else { return true }
    if let newest = files.last, newest.growing != nil, newest.identity == file.status.identity {
      return true
    }
    if files.isEmpty, let last, !last.isFinished {
      try restore([last])
      if !files.isEmpty || self.last == nil { return try follow() }
    }
    guard let chain = try chain(to: file) else { return false }
    if let last, !last.isFinished {
      set.journal?.remove(last.file)
      self.last = nil
    }
    for file in chain { attach(file) }
    return true
  }

  private func openPath() throws -> OpenedFile? {
    do throws(Errno) {
      return try OpenedFile(path)
    } catch {
      if error == .isDirectory, isNamed, FileStatus(at: path) != nil {
        throw StreamError(
          .usage, "'\(path)' is no regular file", hint: "name the files in a directory: '\(path)/*'"
        )
      }
      if !hasTold, error != .noSuchFileOrDirectory || (isNamed && files.isEmpty && last == nil) {
        hasTold = true
        let reason =
          error == .noSuchFileOrDirectory ? "is not there" : "cannot be read: \(error.words)"
        tell("'\(path)' \(reason)\(set.isBounded ? "" : "; waiting for it")")
      }
      return nil
    }
  }

  /// The files that came after the last one, up to the one at the path.
  ///
  /// - Returns: nil when names changed meanwhile.
  private func chain(to current: OpenedFile) throws -> [TailedFile]? {
    guard let anchor = files.last?.position ?? last else {
      return [set.beginning(current, of: path)]
    }
    let siblings = Siblings(of: path)
    let former = siblings.former
    let place = siblings.find(anchor)
    var later: [Sibling]
    if let place {
      later = former.filter { Sibling.isOlder(place, than: $0) }
    } else {
      later = former.filter { $0.isBehind(anchor) }
      if files.isEmpty, !anchor.isFinished, later.isEmpty || anchor.offset > 0 { tellLost(anchor) }
    }
    later.removeAll { sibling in
      sibling.status.identity == current.status.identity || holds(sibling.status.identity)
        || set.isFollowed(sibling.path)
    }
    var chain: [TailedFile] = []
    for sibling in later {
      guard let file = try open(sibling) else { continue }
      guard file.identity == sibling.status.identity else { return nil }
      chain.append(file)
    }
    guard FileStatus(at: path)?.identity == current.status.identity,
      Siblings(of: path).former == former
    else { return nil }
    return chain + [set.beginning(current, of: path)]
  }

  /// - Returns: nil for what cannot be read.
  private func open(_ sibling: Sibling) throws -> TailedFile? {
    var position = TailPosition(file: set.makeNumber(), path: path, status: sibling.status)
    position.modified = sibling.status.modified
    if let file = try open(sibling, at: position) { return file }
    tell("'\(sibling.path)' was rotated away before it was read, and cannot be read")
    return nil
  }

  private func open(_ sibling: Sibling, at position: TailPosition) throws -> TailedFile? {
    if let packing = sibling.packing {
      return try TailedFile(packed: sibling, packing, at: position, limits: set.plan.limits)
    }
    let isForeign = [".bz2", ".xz", ".lz4", ".br", ".Z"].contains { sibling.name.hasSuffix($0) }
    guard !isForeign, let file = try? OpenedFile(sibling.path) else { return nil }
    return set.opened(file, at: position)
  }

  private func attach(_ file: TailedFile) {
    files.append(file)
    set.register(file, in: self)
    isDirty = true
  }

  private func tellLost(_ position: TailPosition) {
    tell(
      "what stood in '\(path)' behind byte \(position.offset) was rotated away or cut off while the "
        + "source was down, and cannot be read",
      "let rotation keep former files beside it, as '\(path).1'")
  }
}

extension Sibling {
  /// Whether it has come after a file that is not found any more.
  fileprivate func isBehind(_ position: TailPosition) -> Bool {
    if position.offset == 0 { return status.modified >= position.modified }
    return status.modified > position.modified && !holds(position)
  }
}

// MARK: - Taking up

extension TailSlot {
  /// Finds the files of an earlier run.
  ///
  /// - Parameter positions: in their order.
  func restore(_ positions: [TailPosition]) throws {
    last = nil
    let current = try? OpenedFile(path)
    let siblings = Siblings(of: path)
    // What was not begun is found again behind what was.
    let begun = positions.enumerated().filter { $0.offset == 0 || $0.element.offset > 0 }
      .map(\.element)
    for position in positions.dropFirst() where position.offset == 0 {
      set.journal?.remove(position.file)
    }
    for (index, position) in begun.enumerated() {
      if let current, position.isSame(as: current) {
        attach(set.opened(current, at: position))
      } else if position.isFinished {
        keep(position)
      } else if let sibling = siblings.find(position), let file = try open(sibling, at: position) {
        attach(file)
      } else if index < begun.count - 1 {
        tellLost(position)
        set.journal?.remove(position.file)
      } else {
        keep(position)
      }
    }
    needsExamination = true
  }

  /// Of a file that is not opened the place is kept.
  private func keep(_ position: TailPosition) {
    last = position
    set.journal?.add(position, window: TailWindow())
  }

  /// Forgets a path that nothing is left of, not even a rotated file.
  func forgetIfGone() -> Bool {
    guard !isNamed, isEmpty, FileStatus(at: path) == nil, Siblings(of: path).former.isEmpty else {
      return false
    }
    if let last { set.journal?.remove(last.file) }
    return true
  }
}

extension TailPosition {
  /// Whether a file is the one that was read, and still holds it. The number of a device may change
  /// when the machine starts.
  func isSame(as file: OpenedFile) -> Bool {
    let other = file.status.identity
    guard other == identity || (other.inode == identity.inode && span > 0) else { return false }
    return file.status.byteCount >= offset && fits(file)
  }
}

// MARK: - Reading

extension TailSlot {
  /// Begins a round: each file is read up to its present end.
  func beginRound() {
    isDirty = false
    wakeUp = .max
    cursor = 0
    isChecked = false
    for file in files { file.hasTurn = false }
  }

  /// The next rows of the round; nil when there are none left.
  func next(_ records: TailRecords) throws -> InputEvent? {
    while cursor < files.count {
      let file = files[cursor]
      if !file.hasTurn {
        try beginTurn(of: file)
        continue
      }
      switch try file.next(records) {
      case .rows(let event): return event
      case .ended: return finish(file)
      case .replaced: try replace(file)
      case .nothing:
        if try waits(for: file) { return nil }
      }
    }
    return nil
  }

  private func beginTurn(of file: TailedFile) throws {
    try file.beginTurn(now: set.now)
    if file.growing?.isAboutToBegin == true, cursor == files.count - 1, !isChecked {
      isChecked = true
      // What was written to it before may have been copied and cut off already.
      files.removeLast()
      set.unregister(file)
      set.journal?.remove(file.number)
      return try examine()
    }
    if let modified = file.growing?.modified {
      set.journal?.note(modified: modified, of: file.number)
    }
  }

  private func finish(_ file: TailedFile) -> InputEvent {
    files.remove(at: cursor)
    set.unregister(file)
    var position = file.position
    position.isFinished = true
    last = position
    needsExamination = files.isEmpty
    return .fileEnd(file.number)
  }

  /// A file has nothing more at present: goes on to the next one, unless it may still be written
  /// and the next one is to wait for that.
  private func waits(for file: TailedFile) throws -> Bool {
    guard let growing = file.growing else {
      cursor += 1
      return false
    }
    guard cursor < files.count - 1 || growing.isUnlinked else {
      cursor += 1
      return false
    }
    let quiet = set.now - file.quietSince
    if isDone(growing) {
      file.end()
      return false
    }
    if quiet < set.limits.quietPatience, cursor < files.count - 1, !set.isDraining {
      wakeUp = min(wakeUp, file.quietSince + set.limits.quietPatience)
      return true
    }
    cursor += 1
    return false
  }

  /// Whether nobody can write to a former file any more.
  private func isDone(_ growing: GrowingBytes) -> Bool {
    if let hasWriter = growing.file.hasWriter { return !hasWriter }
    let age = Moment.now.wall &* 1000 &- growing.modified
    return age >= set.limits.closePatience &* 1000
  }

  /// A file was cut off, as copytruncate does: its rest may be found in the copy.
  private func replace(_ file: TailedFile) throws {
    let position = file.position
    let isNewest = cursor == files.count - 1
    files.remove(at: cursor)
    set.unregister(file)
    set.journal?.remove(file.number)
    if position.offset > 0 { last = nil }
    var rest = position
    rest.file = set.makeNumber()
    if position.offset > 0, let copy = Siblings(of: path).find(position),
      copy.status.identity != position.identity, let opened = try open(copy, at: rest)
    {
      files.insert(opened, at: cursor)
      set.register(opened, in: self)
    } else {
      let count = file.unfinishedCount
      let unfinished = count > 0 ? ", and with it \(count) bytes of a line that had no end yet" : ""
      tell("'\(path)' was cut off\(unfinished): it is read from its beginning")
    }
    if isNewest { needsExamination = true }
    if needsExamination { try examine() }
  }
}
