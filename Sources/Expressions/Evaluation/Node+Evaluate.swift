import Columnar

extension Node {
  /// - Throws: `RowFailure` for the first row that some part of the tree cannot compute.
  func evaluate(in frame: Frame) throws -> Vector {
    if case .constant(let column) = form { return Vector(column, isConstant: true) }
    guard frame.rowCount > 0 else { return Vector(.empty(type)) }
    switch form {
    case .constant(let column): return Vector(column, isConstant: true)
    case .column(let index): return Vector(frame.column(index))
    case .variable(let index): return Vector(frame.variable(index))
    case .now: return .constant(.timestamp, .integer(frame.context.now))
    case .shared(let node): return try frame.shared(node)
    case .call(let call): return try evaluate(call, in: frame)
    case .and(let operands): return try Connective.and.evaluate(operands, in: frame)
    case .or(let operands): return try Connective.or.evaluate(operands, in: frame)
    case .conditional(let branches, let otherwise):
      return try evaluate(branches, otherwise: otherwise, in: frame)
    case .coalesce(let candidates): return try evaluate(coalescing: candidates, in: frame)
    case .higherOrder(let call): return try claiming { try call.evaluate(type, in: frame) }
    }
  }

  /// The values for some rows of the frame, in their order.
  func evaluate(_ rows: Buffer<Int32>, of frame: Frame) throws -> Vector {
    if rows.count == frame.rowCount { return try evaluate(in: frame) }
    do {
      return try evaluate(in: frame.selecting(rows))
    } catch var failure as RowFailure {
      failure.row = Int(rows[failure.row])
      throw failure
    }
  }

  /// Gives a failure that has no place yet the place of this node.
  private func claiming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var failure as RowFailure {
      if failure.range == nil { failure.range = range }
      throw failure
    }
  }

  // MARK: - Calls

  private func evaluate(_ call: Call, in frame: Frame) throws -> Vector {
    var vectors: [Vector] = []
    vectors.reserveCapacity(call.arguments.count)
    for argument in call.arguments {
      let vector =
        try call.kernel.propagatesNulls && argument.canFail && argument.dependsOnRow
        ? argument.evaluate(in: frame, where: vectors) : argument.evaluate(in: frame)
      if call.kernel.propagatesNulls, vector.isConstantNull { return null }
      vectors.append(vector)
    }
    let isConstant = vectors.allSatisfy(\.isConstant)
    let arguments = Arguments(
      vectors: vectors, type: type, rowCount: isConstant ? 1 : frame.rowCount,
      isTrying: call.isTrying, context: frame.context)
    let column = try claiming { try call.kernel.body(arguments) }
    return Vector(column, isConstant: isConstant)
  }

  private var null: Vector { .constant(type, .null) }

  /// This argument, which may fail where an earlier one is null.
  ///
  /// Few fail: so all rows are tried, and only then those that count.
  private func evaluate(in frame: Frame, where earlier: [Vector]) throws -> Vector {
    do {
      return try evaluate(in: frame)
    } catch is RowFailure {
      return try evaluate(in: frame, onlyWhere: earlier)
    }
  }

  private func evaluate(in frame: Frame, onlyWhere earlier: [Vector]) throws -> Vector {
    guard let valid = commonValidity(of: earlier, count: frame.rowCount), !valid.isAllSet else {
      return try evaluate(in: frame)
    }
    guard valid.setCount > 0 else { return null }
    let rows = valid.setIndices()
    let vector = try evaluate(rows, of: frame)
    return vector.isConstant
      ? vector : Vector(vector.column.scattered(to: rows, count: frame.rowCount))
  }
}

/// The rows in which all vectors have a value; nil when that is every row.
func commonValidity(of vectors: [Vector], count: Int) -> Bitmap? {
  var common: Bitmap?
  for vector in vectors {
    if vector.isConstant {
      if vector.column.isNull(0) { return Bitmap(repeating: false, count: count) }
    } else if case .void = vector.column.storage {
      return Bitmap(repeating: false, count: count)
    } else if let validity = vector.column.validity {
      common = common.map { $0 & validity } ?? validity
    }
  }
  return common
}

extension Column {
  /// A column of `count` rows that has this one's values at `rows`, ascending, and nulls elsewhere.
  func scattered(to rows: Buffer<Int32>, count: Int) -> Column {
    var slots = MutableBuffer<Int32>(capacity: count)
    slots.append(repeating: 0, count: count)
    for slot in 0..<rows.count { slots[Int(rows[slot])] = Int32(truncatingIfNeeded: slot) }
    let present = Bitmap(indices: rows, count: count)
    let spread = gathering(slots.take())
    let validity = spread.validity.map { $0 & present } ?? present
    return Column(type, spread.storage, validity: validity)
  }
}

extension Bitmap {
  /// 1 at the indices.
  init(indices: Buffer<Int32>, count: Int) {
    var words = MutableBuffer<UInt64>(capacity: Bitmap.wordCount(count))
    words.append(repeating: 0, count: Bitmap.wordCount(count))
    let indices = indices.span
    for slot in indices.indices {
      let index = Int(indices[slot])
      words[index >> 6] |= 1 << UInt64(index & 63)
    }
    self.init(words: words.take(), count: count)
  }
}
