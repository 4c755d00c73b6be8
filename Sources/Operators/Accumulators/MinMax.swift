import Columnar

/// Which of two values stays.
enum Extreme: Sendable {
  case least
  case greatest
}

/// `min`, `max`, `bool_and`, `bool_or` over integers, booleans and times.
final class IntegerExtremeAccumulator: RowState {
  private struct State: BitwiseCopyable {
    var value: Int64
    var hasRows = false
  }

  private var states: GroupStates<State>
  private let type: DataType
  private let extreme: Extreme

  init(_ type: DataType, _ extreme: Extreme) {
    self.type = type
    self.extreme = extreme
    states = GroupStates(State(value: extreme == .least ? .max : .min))
  }

  func resize(to count: Int) { states.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let words = arguments[0].words().span
    switch extreme {
    case .least:
      states.update(rows, arguments[0].validity) { state, row in
        state = State(value: min(state.value, words[row]), hasRows: true)
      }
    case .greatest:
      states.update(rows, arguments[0].validity) { state, row in
        state = State(value: max(state.value, words[row]), hasRows: true)
      }
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    let (words, validity) = states.map(groups, 0) { $0.hasRows ? $0.value : nil }
    return Column(type, words: words, validity: validity)
  }

  var byteCount: Int { states.byteCount }

  /// Null without rows.
  var stateParts: [StatePart] { [StatePart("value", type)] }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] { [result(of: groups)] }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let (words, validity) = (try columns[0].stateWords(), columns[0].validity)
    let initial = State(value: extreme == .least ? .max : .min)
    states.restore(groups) { row in
      validity.isSet(row) ? State(value: words[row], hasRows: true) : initial
    }
  }
}

/// `min`, `max` over floating-point numbers: NaN is larger than all else.
final class DoubleExtremeAccumulator: RowState {
  private struct State: BitwiseCopyable {
    var value: Double
    var hasRows = false
  }

  private var states: GroupStates<State>
  private let type: DataType
  private let extreme: Extreme

  init(_ type: DataType, _ extreme: Extreme) {
    self.type = type
    self.extreme = extreme
    states = GroupStates(State(value: extreme == .least ? .nan : -.infinity))
  }

  func resize(to count: Int) { states.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let values = doubles(arguments[0]).span
    switch extreme {
    case .least:
      states.update(rows, arguments[0].validity) { state, row in
        let value = values[row]
        if value < state.value || state.value.isNaN { state.value = value }
        state.hasRows = true
      }
    case .greatest:
      states.update(rows, arguments[0].validity) { state, row in
        let value = values[row]
        if value > state.value || value.isNaN { state.value = value }
        state.hasRows = true
      }
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    let (values, validity) = states.map(groups, 0) { $0.hasRows ? $0.value : nil }
    return Column(type, words: values.reinterpreted(as: Int64.self), validity: validity)
  }

  var byteCount: Int { states.byteCount }

  /// Null without rows.
  var stateParts: [StatePart] { [StatePart("value", type)] }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] { [result(of: groups)] }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let (words, validity) = (try columns[0].stateWords(), columns[0].validity)
    let initial = State(value: extreme == .least ? .nan : -.infinity)
    states.restore(groups) { row in
      guard validity.isSet(row) else { return initial }
      return State(value: Double(bitPattern: UInt64(bitPattern: words[row])), hasRows: true)
    }
  }
}

/// `min`, `max` over what has an order but no fixed size.
final class ValueExtremeAccumulator: RowState {
  private var values: ValueSlots
  private let extreme: Extreme

  init(_ type: DataType, _ extreme: Extreme) {
    values = ValueSlots(type)
    self.extreme = extreme
  }

  func resize(to count: Int) { values.appendNulls(count: max(0, count - values.count)) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    values.keep(extreme, of: rows, ValueSource(arguments[0]))
  }

  func result(of groups: Buffer<Int32>) -> Column { values.column(ofGroups: groups) }

  func resultByteCount(of group: Int) -> Int { values.byteCount(of: group) }

  var byteCount: Int { values.byteCount }

  var stateParts: [StatePart] { [StatePart("value", values.type)] }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] { [result(of: groups)] }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int { values.byteCount(of: group) }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) {
    values.restore(columns[0], to: groups)
  }
}

/// `min_by(value, order)`, `max_by(value, order)`: rows without an order do not count; of equal
/// ones the last wins, as in Spark.
final class ExtremeByAccumulator: RowState {
  private var values: ValueSlots
  private var orders: ValueSlots
  private let extreme: Extreme

  init(value: DataType, order: DataType, _ extreme: Extreme) {
    values = ValueSlots(value)
    orders = ValueSlots(order)
    self.extreme = extreme
  }

  func resize(to count: Int) {
    values.appendNulls(count: max(0, count - values.count))
    orders.appendNulls(count: max(0, count - orders.count))
  }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    orders.keep(
      extreme, of: rows, ValueSource(arguments[1]), &values, ValueSource(arguments[0]))
  }

  func result(of groups: Buffer<Int32>) -> Column { values.column(ofGroups: groups) }

  func resultByteCount(of group: Int) -> Int { values.byteCount(of: group) }

  var byteCount: Int { values.byteCount + orders.byteCount }

  var stateParts: [StatePart] {
    [StatePart("value", values.type), StatePart("order", orders.type)]
  }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    [values.column(ofGroups: groups), orders.column(ofGroups: groups)]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    values.byteCount(of: group) + orders.byteCount(of: group)
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) {
    values.restore(columns[0], to: groups)
    orders.restore(columns[1], to: groups)
  }
}

// Methods of the state, so that the loop holds it once and not anew for each row.
extension ValueSlots {
  fileprivate mutating func keep(_ extreme: Extreme, of rows: GroupedRows, _ source: ValueSource) {
    rows.forEach(commonValidity([source.column])) { row, group in
      if isNull(group) { return replace(group, with: source, row) }
      let order = order(group, against: source, row)
      if extreme == .least ? order > 0 : order < 0 { replace(group, with: source, row) }
    }
  }

  /// Keeps the order here and the value that goes with it in `values`.
  fileprivate mutating func keep(
    _ extreme: Extreme, of rows: GroupedRows, _ source: ValueSource,
    _ values: inout ValueSlots, _ value: ValueSource
  ) {
    rows.forEach(commonValidity([source.column])) { row, group in
      if !isNull(group) {
        let order = order(group, against: source, row)
        guard extreme == .least ? order >= 0 : order <= 0 else { return }
      }
      replace(group, with: source, row)
      values.replace(group, with: value, row)
    }
  }
}

extension ValueSlots {
  /// Replaces the value of each group by that of a row.
  mutating func restore(_ column: Column, to groups: Buffer<Int32>) {
    let source = ValueSource(column)
    GroupedRows(groups).forEach(nil) { row, group in replace(group, with: source, row) }
  }

  func column(ofGroups groups: Buffer<Int32>) -> Column {
    let source = groups.span
    let indices = Buffer<Int>(count: source.count) { output in
      for slot in source.indices { output.append(Int(source[slot])) }
    }
    return column(of: indices.span)
  }
}
