import Columnar

/// Any aggregate over distinct rows: passes on the first row of each combination of arguments in a
/// group, with the arguments as a ``GroupTable`` has them, so that what has been seen is all that
/// it takes to come to the same state again.
final class DistinctAccumulator: Accumulator {
  private let base: any Accumulator
  private var seen: GroupTable
  /// How many of the arguments have to differ; those behind them order lists.
  private let keyCount: Int
  private let isOrdered: Bool
  /// Whether equal arguments may differ in their bits.
  private let hasVariants: Bool
  /// Where what has been seen belongs; kept for changes alone.
  private var chains = GroupChains()
  private var keepsChanges = false
  /// The first that counts as added.
  private var saved = 0

  /// - Parameters:
  ///   - keys: of the arguments that have to differ.
  ///   - isOrdered: the base is a list of one argument, ordered by those behind it.
  init(_ base: any Accumulator, keys: [DataType], isOrdered: Bool) {
    self.base = base
    self.isOrdered = isOrdered
    keyCount = keys.count
    hasVariants = keys.contains { $0.hasFloatingPoint }
    seen = GroupTable(keyTypes: [.int] + keys)
  }

  func resize(to count: Int) {
    base.resize(to: count)
    if keepsChanges { chains.resize(to: count) }
  }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    let known = seen.count
    let first = try firstRows(rows, Array(arguments[..<keyCount]))
    guard first.count > 0 else { return }
    var passed = arguments.map { $0.gathering(first) }
    if hasVariants { passed.replaceSubrange(..<keyCount, with: keys(known..<seen.count)) }
    try base.update(rows.selecting(first), passed)
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

  /// The arguments with these numbers.
  private func keys(_ numbers: some Collection<Int>) -> [Column] {
    let numbers = Buffer<Int32>(count: numbers.count) { output in
      for number in numbers { output.append(Int32(truncatingIfNeeded: number)) }
    }
    return Array(seen.keys(of: numbers)[1...])
  }

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
    let keys = keys(lists.places.elements)
    let elements =
      keyCount == 1 ? keys[0] : Column(elementType, .structure(keys, count: lists.places.count))
    return [lists.column(of: elements)] + (try base.state(of: groups, extent))
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    base.stateByteCount(of: group, extent)
      + chains.stateByteCount(of: group, extent, saved: saved) { seen.keyByteCount(of: $0) }
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let (rows, keys) = try read(columns[0], groups)
    guard try firstRows(rows, keys).count == rows.count
    else { throw StateDamage("a value has been seen twice") }
    saved = chains.count
    try base.restore(Array(columns[1...]), to: groups)
  }

  /// What has been seen comes again in its order.
  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    let (rows, keys) = try read(columns[0], groups)
    try update(rows, isOrdered ? keys + orders(columns[1], keys) : keys)
  }

  private func read(
    _ column: Column, _ groups: Buffer<Int32>
  ) throws(StateDamage) -> (GroupedRows, [Column]) {
    let lists = try column.stateLists()
    let keys = try keyCount == 1 ? [lists.elements] : lists.elements.stateFields()
    guard keys.count == keyCount else { throw StateDamage("an element is incomplete") }
    return (lists.rows(groups), keys)
  }

  /// What each of the values that have been seen is ordered by, out of the state of the base, which
  /// has the same values in the same order but for nulls.
  private func orders(_ column: Column, _ keys: [Column]) throws -> [Column] {
    let orders = try column.stateLists().elements.stateFields()[1...]
    guard let present = commonValidity(keys) else { return Array(orders) }
    guard present.setCount > 0
    else { return orders.map { .nulls($0.type, count: present.count) } }
    var rank: Int32 = 0
    let places = Buffer<Int32>(count: present.count) { output in
      for row in 0..<present.count {
        if present[row] { rank += 1 }
        // A null is in no list, whatever it is ordered by.
        output.append(max(rank, 1) - 1)
      }
    }
    return orders.map { $0.gathering(places) }
  }
}

extension DataType {
  fileprivate var hasFloatingPoint: Bool {
    switch self {
    case .float, .double: true
    case .array(let element): element.hasFloatingPoint
    case .map(let key, let value): key.hasFloatingPoint || value.hasFloatingPoint
    case .structure(let fields): fields.contains { $0.type.hasFloatingPoint }
    default: false
    }
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
