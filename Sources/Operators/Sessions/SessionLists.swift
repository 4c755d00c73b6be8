import Columnar

/// The open sessions of each key, by their start. Most keys have one, or the last one is meant.
struct SessionLists: ~Copyable {
  private static let none: Int32 = -1

  /// -1 for a key without sessions.
  private var latests = MutableBuffer<Int32>()
  /// Those in front of it.
  private var earlier: [[Int32]] = []
  private var earlierCount = 0

  mutating func grow(to keyCount: Int) {
    guard keyCount > latests.count else { return }
    let added = keyCount - latests.count
    latests.append(repeating: SessionLists.none, count: added)
    earlier += [[Int32]](repeating: [], count: added)
  }

  /// - Returns: -1 when there is none.
  @inline(__always)
  func latest(of key: Int32) -> Int32 { latests[Int(key)] }

  /// Adds a session that begins behind all others of its key.
  mutating func append(_ number: Int32, to key: Int32) {
    let before = latests[Int(key)]
    if before >= 0 {
      earlier[Int(key)].append(before)
      earlierCount += 1
    }
    latests[Int(key)] = number
  }

  /// All sessions of a key, to be put back.
  mutating func take(_ key: Int32) -> [Int32] {
    var list: [Int32] = []
    swap(&list, &earlier[Int(key)])
    earlierCount -= list.count
    let latest = latests[Int(key)]
    if latest >= 0 { list.append(latest) }
    return list
  }

  mutating func put(_ list: consuming [Int32], _ key: Int32) {
    latests[Int(key)] = list.popLast() ?? SessionLists.none
    earlierCount += list.count
    earlier[Int(key)] = list
  }

  /// Forgets the sessions of a key in front of the first one that is open.
  mutating func removeClosed(of key: Int32, _ sessions: borrowing MutableBuffer<Session>) {
    let place = Int(key)
    var closed = 0
    while closed < earlier[place].count, !sessions[Int(earlier[place][closed])].isOpen {
      closed += 1
    }
    earlierCount -= closed
    if closed == earlier[place].count { earlier[place] = [] }
    if closed > 0, !earlier[place].isEmpty { earlier[place].removeFirst(closed) }
    let latest = latests[place]
    if latest >= 0, earlier[place].isEmpty, !sessions[Int(latest)].isOpen {
      latests[place] = SessionLists.none
    }
  }

  /// What was allocated, about.
  var byteCount: Int {
    latests.capacity * 4 + earlier.capacity * MemoryLayout<[Int32]>.stride + earlierCount * 8
  }
}
