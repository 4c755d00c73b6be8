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
    rows.forEach(validity) { row, group in
      if isLast || !hasRows[group] {
        values.replace(group, with: source, row)
        hasRows[group] = true
      }
    }
  }

  func result(of groups: Buffer<Int32>) -> Column { values.column(ofGroups: groups) }

  func resultByteCount(of group: Int) -> Int { values.byteCount(of: group) }

  var byteCount: Int { values.byteCount + hasRows.byteCount }
}
