import Columnar

/// The groups of an aggregation by the time at which they change no more. Only those whose time has
/// come are ever looked at.
struct GroupExpiry {
  /// By that time.
  private var groups: [Int64: [Int32]] = [:]
  /// The times, soonest first.
  private var times = MinHeap<Int64>()
  /// Groups that it was told of.
  private(set) var knownCount = 0
  private(set) var livingCount = 0

  /// How many times there are at which groups close.
  var timeCount: Int { groups.count }

  /// The soonest time; nil without groups.
  var first: Int64? { times.first }

  /// Takes in the groups from `knownCount` on.
  ///
  /// - Parameter ends: the time of each; null is never.
  /// - Parameter isDead: of groups that are closed already.
  mutating func add(_ ends: Column, isDead: (Int) -> Bool) {
    let (words, validity) = (ends.words().span, ends.validity)
    for row in words.indices where !isDead(knownCount + row) {
      livingCount += 1
      if validity.isSet(row) { add(Int32(truncatingIfNeeded: knownCount + row), at: words[row]) }
    }
    knownCount += ends.count
  }

  private mutating func add(_ group: Int32, at time: Int64) {
    if groups[time]?.append(group) == nil {
      groups[time] = [group]
      times.insert(time)
    }
  }

  /// Forgets the groups whose time is at or before `time`.
  ///
  /// - Returns: them, by time.
  mutating func take(upTo time: Int64) -> [Int32] {
    var taken: [Int32] = []
    while let first = times.first, first <= time {
      times.removeFirst()
      taken += groups.removeValue(forKey: first) ?? []
    }
    livingCount -= taken.count
    return taken
  }

  /// Forgets all groups, those whose time is never too.
  mutating func clear() {
    groups = [:]
    times = MinHeap()
    livingCount = 0
  }
}

/// A binary heap.
struct MinHeap<Element: Comparable> {
  private var elements: [Element] = []

  var first: Element? { elements.first }

  /// What was allocated.
  var byteCount: Int { elements.capacity * MemoryLayout<Element>.stride }

  mutating func insert(_ element: Element) {
    elements.append(element)
    var child = elements.count - 1
    while child > 0, elements[child] < elements[(child - 1) / 2] {
      elements.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// - Precondition: it is not empty.
  mutating func removeFirst() {
    elements.swapAt(0, elements.count - 1)
    elements.removeLast()
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < elements.count else { return }
      if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
      guard elements[child] < elements[parent] else { return }
      elements.swapAt(parent, child)
      parent = child
    }
  }
}
