import Columnar

/// The groups that had a row since the last look, in the order of their first one.
@safe struct ChangedGroups: ~Copyable {
  /// A bit for each group that is in the list.
  private var marks = MutableBuffer<UInt64>()
  private var list = MutableBuffer<Int32>()

  var count: Int { list.count }

  /// Adds the groups of some rows.
  ///
  /// - Parameters:
  ///   - known: how many groups there were when rows were added before; all others come in `groups`.
  ///   - groupCount: how many there are now.
  mutating func add(_ groups: Buffer<Int32>, known: Int, groupCount: Int) {
    guard groups.count > 0 else { return }
    guard list.count == known else { return add(groups, groupCount: groupCount) }
    // Every group has changed already, as in the first epoch: no row need be looked at.
    grow(to: groupCount)
    for group in known..<groupCount {
      list.append(Int32(truncatingIfNeeded: group))
      marks[group >> 6] |= 1 << UInt64(group & 63)
    }
  }

  private mutating func grow(to groupCount: Int) {
    let needed = (groupCount + 63) / 64
    if marks.count < needed { marks.append(repeating: 0, count: needed - marks.count) }
  }

  /// - Parameter groupCount: above each of the groups.
  mutating func add(_ groups: Buffer<Int32>, groupCount: Int) {
    grow(to: groupCount)
    list.reserve(groups.count)
    precondition(groups.isBelow(groupCount))
    // SAFETY: there is a mark for each group, and room in the list for each row.
    let (source, marks, end) = unsafe (groups.pointer, marks.pointer, list.pointer + list.count)
    var added = 0
    var row = 0
    while row < groups.count {
      // Most rows are of groups that are in the list: four of them are found so by one branch.
      if row &+ 4 <= groups.count,
        unsafe ChangedGroups.mark(source[row], in: marks)
          & ChangedGroups.mark(source[row &+ 1], in: marks)
          & ChangedGroups.mark(source[row &+ 2], in: marks)
          & ChangedGroups.mark(source[row &+ 3], in: marks) != 0
      {
        row &+= 4
        continue
      }
      let group = unsafe source[row]
      unsafe end[added] = group
      added &+= unsafe ChangedGroups.mark(group, in: marks) == 0 ? 1 : 0
      unsafe marks[Int(truncatingIfNeeded: group &>> 6)] |=
        1 &<< UInt64(truncatingIfNeeded: group & 63)
      row &+= 1
    }
    unsafe list.setCount(list.count + added)
  }

  /// 1 for a group that is in the list, else 0.
  @inline(__always)
  @unsafe private static func mark(_ group: Int32, in marks: UnsafePointer<UInt64>) -> UInt64 {
    let word = unsafe marks[Int(truncatingIfNeeded: group &>> 6)]
    return word &>> UInt64(truncatingIfNeeded: group & 63) & 1
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
