import Columnar

/// How a list is ordered by one of the arguments behind its value.
package struct ListOrder: Sendable, Equatable {
  package let isDescending: Bool
  package let nullsFirst: Bool

  package init(isDescending: Bool, nullsFirst: Bool) {
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst
  }
}

/// The values of a group that are not null, one after the other.
struct OrderedLists: ~Copyable {
  private(set) var lists: ValueLists
  /// A value for each one of `lists`.
  private let keys: OrderKeys
  private let order: [ListOrder]

  /// - Parameters:
  ///   - types: of the value and the keys of the order.
  ///   - order: without one, values stand as they came.
  init(_ types: [DataType], order: [ListOrder]) {
    lists = ValueLists(types[0])
    keys = OrderKeys(types[1..<1 + order.count])
    self.order = order
  }

  mutating func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let value = ValueSource(arguments[0])
    let keySources = order.indices.map { ValueSource(arguments[1 + $0]) }
    rows.forEach(commonValidity([arguments[0]])) { row, group in
      lists.append(value, row, to: group)
      for (index, source) in keySources.enumerated() { keys.append(source, row, to: index) }
    }
  }

  mutating func resize(to count: Int) { lists.resize(to: count) }

  /// Where a group's values stand in `lists.values`, in order.
  func indices(of group: Int) -> [Int] {
    let indices = lists.indices(of: group)
    if order.isEmpty { return indices }
    // Values stand as they came where their keys are equal.
    return indices.sorted { left, right in
      let comparison = keys.compare(left, right, order)
      return comparison == 0 ? left < right : comparison < 0
    }
  }

  var byteCount: Int { lists.byteCount + keys.byteCount }
}

// MARK: - As state

extension OrderedLists {
  /// The values; where they have an order, structs of a value and what it is ordered by.
  var statePart: StatePart {
    let value = lists.values.type
    guard !order.isEmpty else { return StatePart("values", .array(value), appends: true) }
    let fields = keys.types.enumerated().map { Field("order\($0 + 1)", $1) }
    return StatePart(
      "values", .array(.structure([Field("value", value)] + fields)), appends: true)
  }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) throws(AggregateError) -> Column {
    if order.isEmpty { return try lists.state(of: groups, extent) }
    let places = try lists.places(of: groups, extent)
    try keys.check(places, extent)
    guard case .array(let type) = statePart.type else { preconditionFailure("a list") }
    let values = lists.values.column(of: places.places.span)
    let fields = [values] + keys.columns(of: places.places)
    return places.column(of: Column(type, .structure(fields, count: places.places.count)))
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    var byteCount = lists.stateByteCount(of: group, extent)
    if order.isEmpty { return byteCount }
    lists.forEachPlace(of: group, extent) { byteCount += keys.byteCount(of: $0) }
    return byteCount
  }

  mutating func forgetChanges() { lists.forgetChanges() }

  mutating func restore(_ column: Column, to groups: Buffer<Int32>) throws(StateDamage) {
    try merge(column, into: groups)
    lists.forgetChanges()
  }

  /// Adds the elements of a list for each group.
  mutating func merge(_ column: Column, into groups: Buffer<Int32>) throws(StateDamage) {
    if order.isEmpty { return try lists.merge(column, into: groups) }
    let restored = try column.stateLists()
    let fields = try restored.elements.stateFields()
    guard fields.count == 1 + order.count else { throw StateDamage("an element is incomplete") }
    _ = try fields[0].withoutNulls()
    update(restored.rows(groups), fields)
  }
}

/// The keys of an order, a growing array for each.
fileprivate final class OrderKeys {
  /// A place that an array can hold.
  private final class Key {
    var values: ValueSlots

    init(_ type: DataType) { values = ValueSlots(type) }
  }

  private let keys: [Key]

  init(_ types: ArraySlice<DataType>) { keys = types.map(Key.init) }

  func append(_ source: ValueSource, _ row: Int, to index: Int) {
    keys[index].values.append(source, row)
  }

  func compare(_ left: Int, _ right: Int, _ order: [ListOrder]) -> Int {
    for (key, order) in zip(keys, order) {
      let comparison: Int
      switch (key.values.isNull(left), key.values.isNull(right)) {
      case (true, true): comparison = 0
      case (true, false): comparison = order.nullsFirst ? -1 : 1
      case (false, true): comparison = order.nullsFirst ? 1 : -1
      case (false, false):
        let ascending = key.values.order(left, right)
        comparison = order.isDescending ? -ascending : ascending
      }
      if comparison != 0 { return comparison }
    }
    return 0
  }

  var byteCount: Int { keys.reduce(0) { $0 + $1.values.byteCount } }

  var types: [DataType] { keys.map { $0.values.type } }

  func byteCount(of place: Int) -> Int {
    keys.reduce(0) { $0 + $1.values.byteCount(of: place) }
  }

  func columns(of places: Buffer<Int>) -> [Column] {
    keys.map { $0.values.column(of: places.span) }
  }

  func check(_ places: PlaceLists, _ extent: StateExtent) throws(AggregateError) {
    for key in keys { try places.check(extent) { key.values.byteCount(of: $0) } }
  }
}

/// `collect_list`, `array_agg` and, over distinct values, `collect_set`.
final class ListAccumulator: Accumulator {
  private var lists: OrderedLists
  private let type: DataType

  init(_ types: [DataType], order: [ListOrder]) {
    lists = OrderedLists(types, order: order)
    type = types[0]
  }

  func resize(to count: Int) { lists.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) { lists.update(rows, arguments) }

  func result(of groups: Buffer<Int32>) throws -> Column {
    var offsets = MutableBuffer<Int32>(capacity: groups.count + 1)
    offsets.append(0)
    var indices: [Int] = []
    for slot in 0..<groups.count {
      indices += lists.indices(of: Int(groups[slot]))
      guard let end = Int32(exactly: indices.count),
        lists.lists.byteCount(of: Int(groups[slot])) < Int32.max
      else { throw AggregateError.tooLarge }
      offsets.append(end)
    }
    return Column(
      .array(type), .list(offsets: offsets.take(), elements: lists.lists.values.column(of: indices))
    )
  }

  func resultByteCount(of group: Int) -> Int { lists.lists.byteCount(of: group) + 4 }

  var byteCount: Int { lists.byteCount }

  var stateParts: [StatePart] { [lists.statePart] }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) throws -> [Column] {
    [try lists.state(of: groups, extent)]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    lists.stateByteCount(of: group, extent)
  }

  func forgetChanges(of groups: Buffer<Int32>) { lists.forgetChanges() }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    try lists.restore(columns[0], to: groups)
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    try lists.merge(columns[0], into: groups)
  }
}

/// `listagg`, `string_agg`: the texts of a group in one, null when there is none.
final class JoinAccumulator: Accumulator {
  private var lists: OrderedLists
  private let delimiter: [UInt8]
  private let type: DataType

  init(_ types: [DataType], delimiter: [UInt8], order: [ListOrder]) {
    lists = OrderedLists(types, order: order)
    self.delimiter = delimiter
    type = types[0]
  }

  func resize(to count: Int) { lists.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) { lists.update(rows, arguments) }

  func result(of groups: Buffer<Int32>) throws -> Column {
    var strings = ByteStringsBuilder(capacity: groups.count)
    var validity = ValidityBuilder()
    for slot in 0..<groups.count {
      let group = Int(groups[slot])
      guard strings.byteCount + resultByteCount(of: group) < Int32.max
      else { throw AggregateError.tooLarge }
      let indices = lists.indices(of: group)
      validity.append(!indices.isEmpty)
      join(lists.lists.values.column(of: indices), into: &strings)
    }
    return Column(type, .bytes(strings.take()), validity: validity.take())
  }

  private func join(_ column: Column, into strings: inout ByteStringsBuilder) {
    guard case .bytes(let values) = column.storage else { return strings.closeValue() }
    let delimiter = delimiter
    for index in 0..<values.count {
      if index > 0 { strings.bytes.append(contentsOf: delimiter.span) }
      strings.bytes.append(contentsOf: values[index])
    }
    strings.closeValue()
  }

  func resultByteCount(of group: Int) -> Int {
    lists.lists.byteCount(of: group) + lists.lists.count(of: group) * delimiter.count + 4
  }

  var byteCount: Int { lists.byteCount }

  var stateParts: [StatePart] { [lists.statePart] }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) throws -> [Column] {
    [try lists.state(of: groups, extent)]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    lists.stateByteCount(of: group, extent)
  }

  func forgetChanges(of groups: Buffer<Int32>) { lists.forgetChanges() }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    try lists.restore(columns[0], to: groups)
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    try lists.merge(columns[0], into: groups)
  }
}
