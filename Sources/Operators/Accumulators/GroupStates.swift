import Columnar

/// A state of fixed size for each group.
@safe struct GroupStates<State: BitwiseCopyable>: ~Copyable {
  private var states = MutableBuffer<State>()
  private let initial: State

  init(_ initial: State) { self.initial = initial }

  var count: Int { states.count }

  var byteCount: Int { states.capacity * MemoryLayout<State>.stride }

  mutating func resize(to count: Int) {
    guard count > states.count else { return }
    states.append(repeating: initial, count: count - states.count)
  }

  @inline(__always)
  subscript(group: Int) -> State {
    get { states[group] }
    set { states[group] = newValue }
  }

  subscript(group: Int32) -> State { states[Int(group)] }

  /// Changes the state of each row's group, in the order of the rows.
  ///
  /// - Precondition: the groups of `rows` are below `count`.
  @inline(__always)
  mutating func update(
    _ rows: GroupedRows, _ validity: Bitmap?, _ body: (_ state: inout State, _ row: Int) -> Void
  ) {
    precondition(rows.groups.isBelow(states.count))
    // SAFETY: every group was just found to have a state.
    let start = unsafe states.pointer
    rows.forEach(validity) { row, group in unsafe body(&start[group], row) }
  }

  /// One value for each of the groups; nil is null.
  @inline(__always)
  func map<Value: BitwiseCopyable>(
    _ groups: Buffer<Int32>, _ zero: Value, _ body: (State) throws -> Value?
  ) rethrows -> (Buffer<Value>, Bitmap?) {
    var validity = ValidityBuilder()
    let groups = groups.span
    var values = MutableBuffer<Value>(capacity: groups.count)
    for slot in groups.indices {
      let value = try body(states[Int(groups[slot])])
      validity.append(value != nil)
      values.append(value ?? zero)
    }
    return (values.take(), validity.take())
  }

  @inline(__always)
  func doubles(_ groups: Buffer<Int32>, _ body: (State) -> Double?) -> Column {
    let (values, validity) = map(groups, 0, body)
    return Column(.double, .double(values), validity: validity)
  }

  @inline(__always)
  func words(
    _ groups: Buffer<Int32>, as type: DataType = .bigint, _ body: (State) -> Int64?
  ) -> Column {
    let (words, validity) = map(groups, 0, body)
    return Column(type, words: words, validity: validity)
  }

  /// Replaces the states of some groups by what is found in a row for each.
  @inline(__always)
  mutating func restore(_ groups: Buffer<Int32>, _ body: (_ row: Int) -> State) {
    update(GroupedRows(groups), nil) { state, row in state = body(row) }
  }

  /// Combines the states of some groups with one for each.
  @inline(__always)
  mutating func merge(
    _ others: Buffer<State>, into groups: Buffer<Int32>,
    _ body: (_ state: inout State, _ other: State) -> Void
  ) {
    let others = others.span
    update(GroupedRows(groups), nil) { state, row in body(&state, others[row]) }
  }
}

extension Buffer<Int32> {
  /// Whether every element is in `0..<bound`.
  func isBelow(_ bound: Int) -> Bool {
    let span = span
    var largest: UInt32 = 0
    for slot in span.indices { largest = Swift.max(largest, UInt32(bitPattern: span[slot])) }
    return count == 0 || Int(largest) < bound
  }
}
