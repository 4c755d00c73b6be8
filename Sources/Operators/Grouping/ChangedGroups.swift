import Columnar

/// The groups that had a row since the last look, in the order of their first one.
@safe struct ChangedGroups: ~Copyable {
  /// 1 for each group that is in the list, else 0. A byte, since one is written without a look at
  /// its neighbours: rows need not wait for each other.
  private var marks = MutableBuffer<UInt8>()
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
      marks[group] = 1
    }
  }

  private mutating func grow(to groupCount: Int) {
    if marks.count < groupCount { marks.append(repeating: 0, count: groupCount - marks.count) }
  }

  /// - Parameter groupCount: above each of the groups.
  mutating func add(_ groups: Buffer<Int32>, groupCount: Int) {
    grow(to: groupCount)
    list.reserve(groups.count)
    precondition(groups.isBelow(groupCount))
    // SAFETY: there is a mark for each group, and room in the list for each row.
    let (source, marks, end) = unsafe (groups.pointer, marks.pointer, list.pointer + list.count)
    var added = 0
    for row in 0..<groups.count {
      let group = unsafe source[row]
      unsafe end[added] = group
      added &+= unsafe 1 &- Int(marks[Int(truncatingIfNeeded: group)])
      unsafe marks[Int(truncatingIfNeeded: group)] = 1
    }
    unsafe list.setCount(list.count + added)
  }

  /// The list, which is empty then.
  mutating func take() -> Buffer<Int32> {
    let taken = list.take()
    let source = taken.span
    for slot in source.indices { marks[Int(source[slot])] = 0 }
    return taken
  }

  var byteCount: Int { marks.capacity + list.capacity * 4 }
}
