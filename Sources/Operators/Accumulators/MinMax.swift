import Columnar

/// Which of two values stays.
enum Extreme: Sendable {
  case least
  case greatest
}

/// `min`, `max`, `bool_and`, `bool_or` over integers, booleans and times.
final class IntegerExtremeAccumulator: Accumulator {
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
}

/// `min`, `max` over floating-point numbers: NaN is larger than all else.
final class DoubleExtremeAccumulator: Accumulator {
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
}

/// `min`, `max` over what has an order but no fixed size.
final class ValueExtremeAccumulator: Accumulator {
  private var values: ValueSlots
  private let extreme: Extreme

  init(_ type: DataType, _ extreme: Extreme) {
    values = ValueSlots(type)
    self.extreme = extreme
  }

  func resize(to count: Int) { values.appendNulls(count: max(0, count - values.count)) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let source = ValueSource(arguments[0])
    rows.forEach(commonValidity(arguments)) { row, group in
      if values.isNull(group) { return values.replace(group, with: source, row) }
      let order = values.order(group, against: source, row)
      if extreme == .least ? order > 0 : order < 0 { values.replace(group, with: source, row) }
    }
  }

  func result(of groups: Buffer<Int32>) -> Column { values.column(ofGroups: groups) }

  func resultByteCount(of group: Int) -> Int { values.byteCount(of: group) }

  var byteCount: Int { values.byteCount }
}

/// `min_by(value, order)`, `max_by(value, order)`: rows without an order do not count; of equal
/// ones the last wins, as in Spark.
final class ExtremeByAccumulator: Accumulator {
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
    let (value, order) = (ValueSource(arguments[0]), ValueSource(arguments[1]))
    rows.forEach(commonValidity([arguments[1]])) { row, group in
      if !orders.isNull(group) {
        let comparison = orders.order(group, against: order, row)
        guard extreme == .least ? comparison >= 0 : comparison <= 0 else { return }
      }
      orders.replace(group, with: order, row)
      values.replace(group, with: value, row)
    }
  }

  func result(of groups: Buffer<Int32>) -> Column { values.column(ofGroups: groups) }

  func resultByteCount(of group: Int) -> Int { values.byteCount(of: group) }

  var byteCount: Int { values.byteCount + orders.byteCount }
}

extension ValueSlots {
  func column(ofGroups groups: Buffer<Int32>) -> Column {
    let source = groups.span
    let indices = Buffer<Int>(count: source.count) { output in
      for slot in source.indices { output.append(Int(source[slot])) }
    }
    return column(of: indices.span)
  }
}
