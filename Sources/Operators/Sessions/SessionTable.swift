import Columnar
import Diagnostics

/// The sessions of keys that somebody else numbers, themselves numbered in the order of their
/// birth. Those that were closed or merged into others keep their numbers.
struct SessionTable: ~Copyable {
  private var sessions = MutableBuffer<Session>()
  private var lists = SessionLists()
  private(set) var openCount = 0

  /// When to look at a session: at its end as it was then, which may have moved on.
  private var alarms = MinHeap<Alarm>()
  private let closesSessions: Bool

  /// Where each one's first row came among the first rows of all: it outlives a session's name.
  private var ranks = MutableBuffer<Int64>()
  private let keepsRanks: Bool
  /// nil: behind all that are open.
  private var nextRank: Int64?

  /// The names under which sessions were saved, or sent, and have not gone on since.
  private(set) var unsavedLosses: [SessionName] = []
  private(set) var unsentLosses: [SessionName] = []

  /// - Parameters:
  ///   - closesSessions: whether ``close(upTo:)`` will be asked.
  ///   - keepsRanks: whether ``open`` is in the order of first rows.
  init(closesSessions: Bool, keepsRanks: Bool) {
    self.closesSessions = closesSessions
    self.keepsRanks = keepsRanks
  }

  /// All numbers are below.
  var count: Int { sessions.count }

  var deadCount: Int { sessions.count - openCount }

  subscript(number: Int32) -> Session { sessions[Int(number)] }

  /// What was allocated.
  var byteCount: Int {
    sessions.capacity * MemoryLayout<Session>.stride + lists.byteCount + alarms.byteCount
      + ranks.capacity * 8
  }
}

/// When to look at a session.
private struct Alarm: Comparable {
  let time: Int64
  let number: Int32

  static func < (left: Alarm, right: Alarm) -> Bool { left.time < right.time }
}

// MARK: - Rows

extension SessionTable {
  /// Puts rows into sessions, in their order: each joins the ones of its key that it overlaps or
  /// touches, which become one, or is the first of a new one.
  ///
  /// - Parameters:
  ///   - keys: the number of each row's key, below `keyCount`.
  ///   - starts, ends: of the session that each row would be by itself.
  mutating func join(
    _ keys: Buffer<Int32>, keyCount: Int, _ starts: Buffer<Int64>, _ ends: Buffer<Int64>
  ) throws(StreamError) -> SessionRun {
    guard sessions.count + keys.count <= Int32.max else {
      throw StreamError(.data, "there are more than \(Int32.max) sessions")
    }
    lists.grow(to: keyCount)
    var merges = SessionMerges()
    var numbers = MutableBuffer<Int32>(capacity: keys.count)
    let (keys, starts, ends) = (keys.span, starts.span, ends.span)
    for row in keys.indices {
      let number = join(keys[row], starts[row], ends[row], &merges)
      merges.add(row, of: number)
      numbers.append(number)
    }
    return merges.run(numbers.take())
  }

  @inline(__always)
  private mutating func join(
    _ key: Int32, _ start: Int64, _ end: Int64, _ merges: inout SessionMerges
  ) -> Int32 {
    let latest = lists.latest(of: key)
    guard latest >= 0 else {
      let number = begin(key, start, end)
      lists.append(number, to: key)
      return number
    }
    let session = sessions[Int(latest)]
    guard start >= session.start else { return joinEarlier(key, start, end, &merges) }
    if start > session.end {
      let number = begin(key, start, end)
      lists.append(number, to: key)
      return number
    }
    if end > session.end { sessions[Int(latest)].end = end }
    return latest
  }

  /// - Parameter rank: nil: behind all others.
  private mutating func begin(
    _ key: Int32, _ start: Int64, _ end: Int64, rank: Int64? = nil
  ) -> Int32 {
    let number = Int32(truncatingIfNeeded: sessions.count)
    if keepsRanks, let rank {
      ranks.append(rank)
    } else if keepsRanks {
      let rank = nextRank ?? rankBehindAll()
      ranks.append(rank)
      nextRank = rank + 1
    }
    sessions.append(Session(start: start, end: end, key: key))
    openCount += 1
    if closesSessions { alarms.insert(Alarm(time: end, number: number)) }
    return number
  }

  /// A row that is in front of the latest session of its key.
  private mutating func joinEarlier(
    _ key: Int32, _ start: Int64, _ end: Int64, _ merges: inout SessionMerges
  ) -> Int32 {
    var list = lists.take(key)
    defer { lists.put(list, key) }
    let next = place(behind: start, in: list)
    var joined = next
    while joined < list.count, self[list[joined]].start <= end { joined += 1 }
    let first = next > 0 && self[list[next - 1]].end >= start ? next - 1 : next
    guard first < joined else {
      let number = begin(key, start, end)
      list.insert(number, at: next)
      return number
    }
    let target = list[first]
    for other in list[(first + 1)..<joined] { merge(other, into: target, &merges) }
    list.removeSubrange((first + 1)..<joined)
    if start < self[target].start {
      loseName(target)
      sessions[Int(target)].start = start
    }
    sessions[Int(target)].end = max(end, self[target].end)
    return target
  }

  /// - Returns: the first place of a session that begins behind `start`.
  private func place(behind start: Int64, in list: [Int32]) -> Int {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if self[list[middle]].start <= start { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func merge(
    _ other: Int32, into target: Int32, _ merges: inout SessionMerges
  ) {
    merges.merge(other, into: target)
    if keepsRanks { ranks[Int(target)] = min(ranks[Int(other)], ranks[Int(target)]) }
    loseName(other)
    sessions[Int(target)].end = max(self[other].end, self[target].end)
    sessions[Int(other)].fate = target
    openCount -= 1
  }

  /// The session goes, or goes on under another name.
  private mutating func loseName(_ number: Int32) {
    loseSavedName(number)
    guard self[number].isSent else { return }
    sessions[Int(number)].isSent = false
    unsentLosses.append(self[number].name)
  }

  private mutating func loseSavedName(_ number: Int32) {
    guard self[number].isSaved else { return }
    sessions[Int(number)].isSaved = false
    unsavedLosses.append(self[number].name)
  }
}

// MARK: - Closing

extension SessionTable {
  /// Ends the sessions that end at or before a time.
  ///
  /// - Returns: them, in no order that means anything.
  mutating func close(upTo time: Int64) -> [Int32] {
    var closed: [Int32] = []
    while let number = nextAlarm(upTo: time) {
      alarms.removeFirst()
      closed.append(number)
      sessions[Int(number)].fate = Session.closed
    }
    openCount -= closed.count
    for number in closed { lists.removeClosed(of: self[number].key, sessions) }
    return closed
  }

  /// A checkpoint is to forget sessions that were closed.
  mutating func forget(_ closed: Buffer<Int32>) {
    for row in 0..<closed.count { loseSavedName(closed[row]) }
  }

  /// When the first of the open sessions ends.
  var nextEnd: Int64? {
    mutating get {
      _ = nextAlarm(upTo: .min)
      return alarms.first?.time
    }
  }

  /// Moves the alarms in front on, until the first one is right.
  ///
  /// - Returns: the session whose alarm it is, if it is due.
  private mutating func nextAlarm(upTo time: Int64) -> Int32? {
    while let alarm = alarms.first {
      let session = self[alarm.number]
      if session.isOpen, session.end == alarm.time {
        return alarm.time <= time ? alarm.number : nil
      }
      alarms.removeFirst()
      if session.isOpen { alarms.insert(Alarm(time: session.end, number: alarm.number)) }
    }
    return nil
  }
}

// MARK: - Looking at sessions

extension SessionTable {
  /// The open sessions: in the order of their first rows where that is kept, else of their numbers.
  var open: Buffer<Int32> {
    let numbers = (0..<count).filter { sessions[$0].isOpen }.map { Int32(truncatingIfNeeded: $0) }
    guard keepsRanks else { return Buffer(numbers) }
    return Buffer(numbers.sorted { (ranks[Int($0)], $0) < (ranks[Int($1)], $1) })
  }

  /// The open sessions that these are part of now, each once, where it comes first.
  mutating func current(_ numbers: Buffer<Int32>) -> Buffer<Int32> {
    var found = MutableBuffer<Int32>(capacity: numbers.count)
    var haveMerged = false
    for row in 0..<numbers.count {
      let number = successor(of: numbers[row])
      haveMerged = haveMerged || number != numbers[row]
      if self[number].isOpen { found.append(number) }
    }
    guard haveMerged else { return found.take() }
    var distinct = ChangedGroups()
    distinct.add(found.take(), groupCount: count)
    return distinct.take()
  }

  /// What a session was merged into at last; the way there becomes shorter.
  private mutating func successor(of number: Int32) -> Int32 {
    var number = number
    while self[number].fate >= 0 {
      let next = self[number].fate
      if self[next].fate >= 0 { sessions[Int(number)].fate = self[next].fate }
      number = next
    }
    return number
  }

  func rank(of number: Int32) -> Int64 { ranks[Int(number)] }

  /// The first rank that is free. It depends on the open sessions alone, so that it is the same
  /// after a restart.
  private func rankBehindAll() -> Int64 {
    var next: Int64 = 0
    for number in 0..<ranks.count where sessions[number].isOpen {
      next = max(next, ranks[number] + 1)
    }
    return next
  }
}

// MARK: - Restoring

extension SessionTable {
  /// Adds an open session, or moves the end of the one of that key and start.
  ///
  /// - Parameters:
  ///   - key: below `keyCount`.
  ///   - rank: counts only where ranks are kept.
  /// - Returns: its number; nil when it would reach into another one, or become shorter.
  mutating func restore(
    _ key: Int32, keyCount: Int, start: Int64, end: Int64, rank: Int64
  ) -> Int32? {
    lists.grow(to: keyCount)
    var list = lists.take(key)
    defer { lists.put(list, key) }
    let next = place(behind: start, in: list)
    if next < list.count, self[list[next]].start <= end { return nil }
    if next > 0, self[list[next - 1]].start == start {
      let number = list[next - 1]
      guard end >= self[number].end else { return nil }
      sessions[Int(number)].end = end
      if keepsRanks { ranks[Int(number)] = rank }
      return number
    }
    if next > 0, self[list[next - 1]].end >= start { return nil }
    let number = begin(key, start, end, rank: rank)
    list.insert(number, at: next)
    return number
  }

  /// Forgets an open session.
  ///
  /// - Returns: whether there was one of that name.
  mutating func remove(_ name: SessionName, keyCount: Int) -> Bool {
    lists.grow(to: keyCount)
    var list = lists.take(name.key)
    defer { lists.put(list, name.key) }
    let place = place(behind: name.start, in: list) - 1
    guard place >= 0, self[list[place]].start == name.start else { return false }
    sessions[Int(list.remove(at: place))].fate = Session.closed
    openCount -= 1
    return true
  }
}

// MARK: - Telling others

extension SessionTable {
  mutating func markSent(_ numbers: Buffer<Int32>) {
    for row in 0..<numbers.count { sessions[Int(numbers[row])].isSent = true }
  }

  mutating func markSaved(_ numbers: Buffer<Int32>) {
    for row in 0..<numbers.count { sessions[Int(numbers[row])].isSaved = true }
  }

  mutating func takeUnsentLosses() -> [SessionName] {
    defer { unsentLosses = [] }
    return unsentLosses
  }

  mutating func takeUnsavedLosses() -> [SessionName] {
    defer { unsavedLosses = [] }
    return unsavedLosses
  }

  /// From here on new sessions get the ranks behind those that are open now.
  mutating func settleRanks() { nextRank = nil }
}
