import Columnar

/// `first`, `last`, `any_value`: the value of a group's first or last row, perhaps null.
final class FirstLastAccumulator: Accumulator {
  private var values: ValueSlots
  private var hasRows = GroupStates(false)
  private let isLast: Bool
  private let ignoresNulls: Bool

  init(_ type: DataType, isLast: Bool, ignoresNulls: Bool) {
    values = ValueSlots(type)
    self.isLast = isLast
    self.ignoresNulls = ignoresNulls
  }

  func resize(to count: Int) {
    values.appendNulls(count: max(0, count - values.count))
    hasRows.resize(to: count)
  }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let source = ValueSource(arguments[0])
    let validity = ignoresNulls ? commonValidity(arguments) : nil
    values.keep(isLast, of: rows, validity, source, &hasRows)
  }

  func result(of groups: Buffer<Int32>) -> Column { values.column(ofGroups: groups) }

  func resultByteCount(of group: Int) -> Int { values.byteCount(of: group) }

  var byteCount: Int { values.byteCount + hasRows.byteCount }

  /// A value may be null though the group has rows.
  var stateParts: [StatePart] {
    [StatePart("value", values.type), StatePart("has_rows", .boolean)]
  }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    [result(of: groups), hasRows.words(groups, as: .boolean) { $0 ? 1 : 0 }]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int { values.byteCount(of: group) }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let known = try columns[1].withoutNulls().stateWords()
    hasRows.restore(groups) { known[$0] != 0 }
    values.restore(columns[0], to: groups)
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) {
    guard case .boolean(let haveRows) = columns[1].storage else { return }
    values.keep(isLast, of: GroupedRows(groups), haveRows, ValueSource(columns[0]), &hasRows)
  }
}

// A method of the state, so that the loop holds it once and not anew for each row.
extension ValueSlots {
  fileprivate mutating func keep(
    _ isLast: Bool, of rows: GroupedRows, _ validity: Bitmap?, _ source: ValueSource,
    _ hasRows: inout GroupStates<Bool>
  ) {
    rows.forEach(validity) { row, group in
      if isLast || !hasRows[group] {
        replace(group, with: source, row)
        hasRows[group] = true
      }
    }
  }
}
