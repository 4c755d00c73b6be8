import Columnar

/// The values of each group, in the order in which they came, all in one array.
struct ValueLists: ~Copyable {
  private(set) var values: ValueSlots
  private var chains = GroupChains()
  /// The first value that counts as added.
  private var saved = 0

  init(_ type: DataType) { values = ValueSlots(type) }

  mutating func resize(to count: Int) { chains.resize(to: count) }

  mutating func append(_ source: ValueSource, _ row: Int, to group: Int) {
    values.append(source, row)
    chains.append(to: group, byteCount: values.byteCount(of: values.count - 1))
  }

  func count(of group: Int) -> Int { chains.count(of: group) }

  /// The memory of a group's values in a column.
  func byteCount(of group: Int) -> Int { chains.byteCount(of: group) }

  /// Where the values of a group stand in `values`, in the order in which they came.
  func indices(of group: Int) -> [Int] { chains.places(of: group) }

  var byteCount: Int { values.byteCount + chains.byteCount }
}

// MARK: - As state

extension ValueLists {
  func places(
    of groups: Buffer<Int32>, _ extent: StateExtent, where belongs: (Int) -> Bool = { _ in true }
  ) throws(AggregateError) -> PlaceLists {
    let lists = try chains.lists(of: groups, extent, saved: saved, where: belongs)
    try lists.check(extent) { values.byteCount(of: $0) }
    return lists
  }

  /// The values of some groups, a list for each.
  func state(of groups: Buffer<Int32>, _ extent: StateExtent) throws(AggregateError) -> Column {
    let lists = try places(of: groups, extent)
    return lists.column(of: values.column(of: lists.places.span))
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    chains.stateByteCount(of: group, extent, saved: saved) { values.byteCount(of: $0) }
  }

  /// Calls `body` with each place of what is given out of a group.
  func forEachPlace(of group: Int, _ extent: StateExtent, _ body: (Int) -> Void) {
    chains.forEachBackwards(of: group, since: extent.isChange ? saved : 0, body)
  }

  mutating func forgetChanges() { saved = values.count }

  mutating func restore(_ column: Column, to groups: Buffer<Int32>) throws(StateDamage) {
    try merge(column, into: groups)
    forgetChanges()
  }

  /// Adds the elements of a list for each group.
  mutating func merge(_ column: Column, into groups: Buffer<Int32>) throws(StateDamage) {
    let lists = try column.stateLists()
    let source = ValueSource(try lists.elements.withoutNulls())
    lists.rows(groups).forEach(nil) { row, group in append(source, row, to: group) }
  }
}

extension ValueSlots {
  func column(of indices: [Int]) -> Column { column(of: indices.span) }
}
