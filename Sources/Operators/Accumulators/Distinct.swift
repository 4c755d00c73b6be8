import Columnar

/// Any aggregate over distinct rows: passes on the first row of each combination of arguments in a
/// group.
final class DistinctAccumulator: Accumulator {
  private let base: any Accumulator
  private var seen: GroupTable
  /// How many of the arguments have to differ; those behind them order lists.
  private let keyCount: Int
  /// Where what has been seen belongs; kept for changes alone.
  private var chains = GroupChains()
  private var keepsChanges = false
  /// The first that counts as added.
  private var saved = 0

  init(_ base: any Accumulator, keys: [DataType]) {
    self.base = base
    keyCount = keys.count
    seen = GroupTable(keyTypes: [.int] + keys)
  }

  func resize(to count: Int) {
    base.resize(to: count)
    if keepsChanges { chains.resize(to: count) }
  }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    let first = try firstRows(rows, Array(arguments[..<keyCount]))
    guard first.count > 0 else { return }
    try base.update(rows.selecting(first), arguments.map { $0.gathering(first) })
  }

  /// The rows of which no equal one has been seen.
  private func firstRows(_ rows: GroupedRows, _ keys: [Column]) throws -> Buffer<Int32> {
    let known = seen.count
    let numbers = try seen.groups(
      of: [Column(.int, .int32(rows.groups))] + keys, rowCount: rows.count)
    let first = numbers.firstAppearances(after: known)
    guard keepsChanges else { return first }
    for index in 0..<first.count {
      let byteCount = seen.keyByteCount(of: known + index)
      chains.append(to: Int(rows.groups[Int(first[index])]), byteCount: byteCount)
    }
    return first
  }

  func result(of groups: Buffer<Int32>) throws -> Column { try base.result(of: groups) }

  func resultByteCount(of group: Int) -> Int { base.resultByteCount(of: group) }

  var byteCount: Int { base.byteCount + seen.byteCount + chains.byteCount }

  // MARK: As state

  /// What has been seen; of several arguments a struct.
  private var elementType: DataType {
    let types = seen.keyTypes[1...]
    return types.count == 1
      ? types[1] : .structure(types.enumerated().map { Field("key\($0 + 1)", $1) })
  }

  var stateParts: [StatePart] {
    [StatePart("seen", .array(elementType), appends: true)] + base.stateParts
  }

  func keepChanges() {
    keepsChanges = true
    base.keepChanges()
  }

  func forgetChanges(of groups: Buffer<Int32>) {
    saved = chains.count
    base.forgetChanges(of: groups)
  }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) throws -> [Column] {
    let lists = try chains.lists(of: groups, extent, saved: saved)
    try lists.check(extent) { seen.keyByteCount(of: $0) }
    let places = lists.places.span
    let numbers = Buffer<Int32>(count: places.count) { output in
      for slot in places.indices { output.append(Int32(truncatingIfNeeded: places[slot])) }
    }
    let keys = Array(seen.keys(of: numbers)[1...])
    let elements =
      keyCount == 1 ? keys[0] : Column(elementType, .structure(keys, count: numbers.count))
    return [lists.column(of: elements)] + (try base.state(of: groups, extent))
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    base.stateByteCount(of: group, extent)
      + chains.stateByteCount(of: group, extent, saved: saved) { seen.keyByteCount(of: $0) }
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let lists = try columns[0].stateLists()
    let keys = try keyCount == 1 ? [lists.elements] : lists.elements.stateFields()
    let rows = lists.rows(groups)
    guard keys.count == keyCount, try firstRows(rows, keys).count == rows.count
    else { throw StateDamage("a value has been seen twice") }
    saved = chains.count
    try base.restore(Array(columns[1...]), to: groups)
  }
}

extension Buffer<Int32> {
  /// The places at which dense numbers appear for the first time.
  ///
  /// - Parameter known: how many had appeared before.
  func firstAppearances(after known: Int) -> Buffer<Int32> {
    let numbers = span
    var next = Int32(known)
    var rows = MutableBuffer<Int32>()
    for row in numbers.indices where numbers[row] == next {
      rows.append(Int32(row))
      next += 1
    }
    return rows.take()
  }
}

/// `mode`: the value that comes most often; of several the least (or the greatest, as asked).
final class ModeAccumulator: Accumulator {
  private var pairs: GroupTable
  /// One value for each pair of group and value, with its count.
  private var lists: ValueLists
  private var counts = MutableBuffer<Int64>()
  /// What the counts were when changes were forgotten.
  private var savedCounts = MutableBuffer<Int64>()
  private var keepsChanges = false
  private let prefersGreatest: Bool

  init(_ type: DataType, prefersGreatest: Bool = false) {
    pairs = GroupTable(keyTypes: [.int, type])
    lists = ValueLists(type)
    self.prefersGreatest = prefersGreatest
  }

  func resize(to count: Int) { lists.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    let keys = [Column(.int, .int32(rows.groups)), arguments[0]]
    let numbers = try pairs.groups(of: keys, rowCount: rows.count)
    let source = ValueSource(arguments[0])
    for row in 0..<rows.count {
      let pair = Int(numbers[row])
      if pair == counts.count {
        lists.append(source, row, to: Int(rows.groups[row]))
        counts.append(0)
      }
      counts[pair] &+= 1
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    lists.values.column(of: (0..<groups.count).map { mostFrequent(Int(groups[$0])) })
  }

  /// - Returns: -1 when the group has no value.
  private func mostFrequent(_ group: Int) -> Int {
    var best = -1
    for index in lists.indices(of: group) where !lists.values.isNull(index) {
      if best < 0 || counts[index] > counts[best] {
        best = index
      } else if counts[index] == counts[best] {
        let order = lists.values.order(index, best)
        if prefersGreatest ? order > 0 : order < 0 { best = index }
      }
    }
    return best
  }

  var byteCount: Int {
    pairs.byteCount + lists.byteCount + (counts.capacity + savedCounts.capacity) * 8
  }

  // MARK: As state

  private var elementType: DataType {
    .structure([Field("value", lists.values.type), Field("count", .bigint)])
  }

  /// Values with how often they came; when one comes again, its counts add up.
  var stateParts: [StatePart] { [StatePart("values", .array(elementType), appends: true)] }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) throws -> [Column] {
    // An old value may have a new count.
    var all = extent
    all.isChange = false
    let places = try lists.places(of: groups, all) { pair in
      !extent.isChange || counts[pair] != savedCount(pair)
    }
    let pairs = places.places.span
    let added = Buffer<Int64>(count: pairs.count) { output in
      for slot in pairs.indices {
        let count = counts[pairs[slot]]
        output.append(extent.isChange ? count &- savedCount(pairs[slot]) : count)
      }
    }
    let fields = [lists.values.column(of: pairs), Column(.bigint, .int64(added))]
    return [places.column(of: Column(elementType, .structure(fields, count: pairs.count)))]
  }

  private func savedCount(_ pair: Int) -> Int64 {
    pair < savedCounts.count ? savedCounts[pair] : 0
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    lists.stateByteCount(of: group, extent) + 8 * lists.count(of: group)
  }

  func keepChanges() { keepsChanges = true }

  func forgetChanges(of groups: Buffer<Int32>) {
    guard keepsChanges else { return }
    lists.forgetChanges()
    savedCounts.append(repeating: 0, count: counts.count - savedCounts.count)
    for slot in 0..<groups.count {
      for pair in lists.indices(of: Int(groups[slot])) { savedCounts[pair] = counts[pair] }
    }
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let restored = try columns[0].stateLists()
    let fields = try restored.elements.stateFields()
    guard fields.count == 2 else { throw StateDamage("an element is incomplete") }
    let (rows, added) = (restored.rows(groups), try fields[1].counts())
    let keys = [Column(.int, .int32(rows.groups)), fields[0]]
    let numbers = try pairs.groups(of: keys, rowCount: rows.count)
    let source = ValueSource(fields[0])
    for row in 0..<rows.count {
      let pair = Int(numbers[row])
      if pair == counts.count {
        lists.append(source, row, to: Int(rows.groups[row]))
        counts.append(0)
      }
      let (count, isTooLarge) = counts[pair].addingReportingOverflow(added[row])
      guard !isTooLarge, added[row] > 0 else { throw StateDamage("a count is \(added[row])") }
      counts[pair] = count
    }
    forgetChanges(of: groups)
  }
}
