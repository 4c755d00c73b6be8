import Columnar

/// How often each value comes: `mode`, `top_k`.
final class FrequencyAccumulator: Accumulator {
  enum Answer: Sendable, Equatable {
    /// The value that comes most often; of several the least, or the greatest.
    case mode(prefersGreatest: Bool)
    /// So many values with their counts, those that come most often first, and of equal ones the least.
    case top(Int)
  }

  private var pairs: GroupTable
  /// One value for each pair of group and value, with its count.
  private var lists: ValueLists
  private var counts = MutableBuffer<Int64>()
  /// What the counts were when changes were forgotten.
  private var savedCounts = MutableBuffer<Int64>()
  private var keepsChanges = false
  private let answer: Answer
  private let result: DataType

  /// - Parameters:
  ///   - type: of the values.
  ///   - result: that of the values, or for ``Answer/top(_:)`` an array of structs of one and a count.
  init(_ type: DataType, _ answer: Answer, result: DataType) {
    self.result = result
    pairs = GroupTable(keyTypes: [.int, type])
    lists = ValueLists(type)
    self.answer = answer
  }

  func resize(to count: Int) { lists.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    let numbers = try pairs(of: rows, arguments[0])
    for row in 0..<rows.count { counts[Int(numbers[row])] &+= 1 }
  }

  /// The pair of each row; those that are new begin with a count of 0.
  private func pairs(of rows: GroupedRows, _ values: Column) throws -> Buffer<Int32> {
    let keys = [Column(.int, .int32(rows.groups)), values]
    let numbers = try pairs.groups(of: keys, rowCount: rows.count)
    let source = ValueSource(values)
    for row in 0..<rows.count where Int(numbers[row]) == counts.count {
      lists.append(source, row, to: Int(rows.groups[row]))
      counts.append(0)
    }
    return numbers
  }

  func result(of groups: Buffer<Int32>) -> Column {
    switch answer {
    case .mode(let prefersGreatest):
      lists.values.column(
        of: (0..<groups.count).map { mostFrequent(Int(groups[$0]), prefersGreatest) })
    case .top(let count): top(count, of: groups)
    }
  }

  func resultByteCount(of group: Int) -> Int {
    if case .top(let count) = answer { 24 * count } else { 16 }
  }

  private func top(_ count: Int, of groups: Buffer<Int32>) -> Column {
    var offsets = MutableBuffer<Int32>(capacity: groups.count + 1)
    offsets.append(0)
    var places: [Int] = []
    for slot in 0..<groups.count {
      let values = lists.indices(of: Int(groups[slot])).filter { !lists.values.isNull($0) }
      places += values.sorted { left, right in
        counts[left] == counts[right]
          ? lists.values.order(left, right) < 0 : counts[left] > counts[right]
      }.prefix(count)
      offsets.append(Int32(truncatingIfNeeded: places.count))
    }
    let fields = [
      lists.values.column(of: places), Column(.bigint, .int64(Buffer(places.map { counts[$0] }))),
    ]
    guard case .array(let element) = result else { preconditionFailure("many are an array") }
    return Column(
      result,
      .list(
        offsets: offsets.take(),
        elements: Column(element, .structure(fields, count: places.count))))
  }

  /// - Returns: -1 when the group has no value.
  private func mostFrequent(_ group: Int, _ prefersGreatest: Bool) -> Int {
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
    try merge(columns, into: groups)
    forgetChanges(of: groups)
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    let restored = try columns[0].stateLists()
    let fields = try restored.elements.stateFields()
    guard fields.count == 2 else { throw StateDamage("an element is incomplete") }
    let (rows, added) = (restored.rows(groups), try fields[1].counts())
    let numbers = try pairs(of: rows, fields[0])
    for row in 0..<rows.count {
      let pair = Int(numbers[row])
      let (count, isTooLarge) = counts[pair].addingReportingOverflow(added[row])
      guard !isTooLarge, added[row] > 0 else { throw StateDamage("a count is \(added[row])") }
      counts[pair] = count
    }
  }
}
