import Columnar

/// The values of each group, in the order in which they came.
///
/// All groups' values stand in one array; each knows the one before it of its group, so that the
/// values of one group are found without a look at the others.
struct ValueLists: ~Copyable {
  private struct List: BitwiseCopyable {
    var last = -1
    var count = 0
    var byteCount = 0
  }

  private(set) var values: ValueSlots
  private var previous = MutableBuffer<Int>()
  private var lists = GroupStates(List())

  init(_ type: DataType) { values = ValueSlots(type) }

  mutating func resize(to count: Int) { lists.resize(to: count) }

  mutating func append(_ source: ValueSource, _ row: Int, to group: Int) {
    previous.append(lists[group].last)
    lists[group].last = values.count
    lists[group].count += 1
    values.append(source, row)
    lists[group].byteCount += values.byteCount(of: values.count - 1)
  }

  func count(of group: Int) -> Int { lists[group].count }

  /// The memory of a group's values in a column.
  func byteCount(of group: Int) -> Int { lists[group].byteCount }

  /// Where the values of a group stand in `values`, in the order in which they came.
  func indices(of group: Int) -> [Int] {
    var index = lists[group].last
    var indices: [Int] = []
    indices.reserveCapacity(lists[group].count)
    while index >= 0 {
      indices.append(index)
      index = previous[index]
    }
    indices.reverse()
    return indices
  }

  var byteCount: Int { values.byteCount + previous.count * 8 + lists.byteCount }
}

extension ValueSlots {
  func column(of indices: [Int]) -> Column { column(of: indices.span) }
}
