import Columnar
package import Expressions

/// What is made of two values.
package struct MergeFunction: Sendable, Equatable {
  private let expression: BoundExpression
  private let schema: Schema

  /// - Parameter expression: over the columns 0 and 1, of its own type.
  package init(_ expression: BoundExpression) {
    self.expression = expression
    schema = Schema([Field("x", expression.type), Field("y", expression.type)])
  }

  package static func == (left: MergeFunction, right: MergeFunction) -> Bool {
    left.expression.name == right.expression.name && left.schema == right.schema
  }

  fileprivate func callAsFunction(_ left: Column, _ right: Column) throws -> Column {
    let batch = Batch(schema: schema, columns: [left, right], rowCount: left.count)
    do {
      // It has no time: binding has seen to that.
      return try expression.evaluate(over: batch, context: EvaluationContext(now: 0))
    } catch let error as EvaluationError {
      throw error.streamError()
    }
  }
}

/// `reduce`: a value of each group, made of the one before and the value of each row.
///
/// Row by row within a group, so that where a batch was cut does not show; of many groups at once.
final class ReduceAccumulator: RowState {
  private var values: ValueSlots
  private let merge: MergeFunction
  /// How many rows of the batch a group has had; 0 between batches.
  private var ranks = GroupStates(0)

  init(_ type: DataType, _ merge: MergeFunction) {
    values = ValueSlots(type)
    self.merge = merge
  }

  func resize(to count: Int) {
    values.appendNulls(count: max(0, count - values.count))
    ranks.resize(to: count)
  }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    let source = ValueSource(arguments[0])
    for turn in turns(rows, commonValidity(arguments)) {
      var later: [Int32] = []
      for row in turn {
        let group = Int(rows.groups[Int(row)])
        if values.isNull(group) {
          values.replace(group, with: source, Int(row))
        } else {
          later.append(row)
        }
      }
      if later.isEmpty { continue }
      let places = Buffer(later)
      let groups = rows.groups.gathering(places)
      let merged = try merge(values.column(ofGroups: groups), arguments[0].gathering(places))
      let results = ValueSource(merged)
      for slot in 0..<groups.count { values.replace(Int(groups[slot]), with: results, slot) }
    }
  }

  /// The rows that have a value: of each group the first, then of each the second, and so on.
  private func turns(_ rows: GroupedRows, _ validity: Bitmap?) -> [[Int32]] {
    var turns: [[Int32]] = []
    rows.forEach(validity) { row, group in
      if ranks[group] == turns.count { turns.append([]) }
      turns[ranks[group]].append(Int32(truncatingIfNeeded: row))
      ranks[group] += 1
    }
    rows.forEach(validity) { _, group in ranks[group] = 0 }
    return turns
  }

  func result(of groups: Buffer<Int32>) -> Column { values.column(ofGroups: groups) }

  func resultByteCount(of group: Int) -> Int { values.byteCount(of: group) }

  var byteCount: Int { values.byteCount + ranks.byteCount }

  /// Null without values.
  var stateParts: [StatePart] { [StatePart("value", values.type)] }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] { [result(of: groups)] }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int { values.byteCount(of: group) }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) {
    values.restore(columns[0], to: groups)
  }
}
