import Columnar

/// The groups that had a row since the last look, in the order of their first one.
@safe struct ChangedGroups: ~Copyable {
  /// A bit for each group that is in the list.
  private var marks = MutableBuffer<UInt64>()
  private var list = MutableBuffer<Int32>()

  var count: Int { list.count }

  /// - Parameter groupCount: above each of the groups.
  mutating func add(_ groups: Buffer<Int32>, groupCount: Int) {
    // All rows of a single group say the same.
    let groups = groupCount == 1 ? groups[0..<min(groups.count, 1)] : groups
    let needed = (groupCount + 63) / 64
    if marks.count < needed { marks.append(repeating: 0, count: needed - marks.count) }
    list.reserve(groups.count)
    precondition(groups.isBelow(groupCount))
    // SAFETY: there is a mark for each group, and room in the list for each row.
    let (marks, end) = unsafe (marks.pointer, list.pointer + list.count)
    var added = 0
    let source = groups.span
    for row in source.indices {
      let group = source[row]
      let word = Int(truncatingIfNeeded: group &>> 6)
      let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: group & 63)
      unsafe end[added] = group
      added &+= unsafe marks[word] & bit == 0 ? 1 : 0
      unsafe marks[word] |= bit
    }
    unsafe list.setCount(list.count + added)
  }

  /// The list, which is empty then.
  mutating func take() -> Buffer<Int32> {
    let taken = list.take()
    let source = taken.span
    for slot in source.indices { marks[Int(source[slot] >> 6)] = 0 }
    return taken
  }

  var byteCount: Int { marks.capacity * 8 + list.capacity * 4 }
}
