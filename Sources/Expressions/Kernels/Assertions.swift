import Columnar

enum Assertions {
  /// Fails on each row, with the row's message.
  static let raise = Kernel(canFail: true) { arguments in
    let messages = arguments.strings(0)
    let valid = arguments.validity
    for row in 0..<arguments.rowCount where valid.map({ $0[row] }) ?? true {
      throw RowFailure(row: row, Reason("USER_RAISED_EXCEPTION", messages.string(row)))
    }
    return .nulls(.void, count: arguments.rowCount)
  }

  static func bind(_ call: CallBinder) throws -> Node {
    let condition = try call.binder.condition(call[0], of: "assert_true()")
    let source = call.binder.source(call[0].range)
    let message =
      call.count > 1
      ? try call.argument(1, .text)
      : Node(.constant(Column(["'\(source)' is not true"])), .string, range: call.range)
    return call.call(check, [condition, message], .void)
  }

  private static let check = Kernel(canFail: true, propagatesNulls: false) { arguments in
    let trues = arguments[0].trues(count: arguments.rowCount)
    for row in 0..<arguments.rowCount where !trues[row] {
      let message = arguments[1].isNull(row) ? "" : arguments.strings(1).string(row)
      throw RowFailure(row: row, Reason("USER_RAISED_EXCEPTION", message))
    }
    return .nulls(.void, count: arguments.rowCount)
  }

  /// The better of two for types of a fixed width; nil for others.
  private static func chosen(
    _ best: Column, _ vector: Vector, _ arguments: Arguments, _ isLargest: Bool
  ) -> Column? {
    let count = arguments.rowCount
    let pair = arguments.with([vector, Vector(best)], type: .boolean)
    let comparison = isLargest ? Comparison.greater : .less
    var wins = comparison.compare(pair)
    if let known = best.validity { wins = (wins & known) | ~known }
    if let valid = commonValidity(of: [vector], count: count) { wins = wins & valid }
    return Selection.select(wins, vector, Vector(best), best.type, count)
  }

  /// `greatest` and `least`: nulls are left out.
  static func extreme(isLargest: Bool) -> Kernel {
    Kernel(propagatesNulls: false) { arguments in
      var best = arguments[0].spread(over: arguments.rowCount)
      for vector in arguments.vectors.dropFirst() {
        if let column = chosen(best, vector, arguments, isLargest) {
          best = column
          continue
        }
        var wins = MutableBuffer<Int32>(capacity: arguments.rowCount)
        for row in 0..<arguments.rowCount where !vector.isNull(row) {
          let order = vector.column.order(vector.slot(row), against: best, row)
          if best.isNull(row) || (isLargest ? order > 0 : order < 0) {
            wins.append(Int32(truncatingIfNeeded: row))
          }
        }
        let rows = wins.take()
        guard rows.count > 0 else { continue }
        let values =
          vector.isConstant ? vector.spread(over: rows.count) : vector.column.gathering(rows)
        best = best.replacing(rows, with: values)
      }
      return best
    }
  }
}
