import Columnar

/// For each row, which of several vectors its value comes from and from which slot of it.
private struct Choices: ~Copyable {
  private var candidates: [Column] = []
  private var slots: MutableBuffer<Int32>
  private var base: Int32 = 0

  init(rowCount: Int) {
    slots = MutableBuffer(capacity: rowCount)
    slots.append(repeating: 0, count: rowCount)
  }

  /// - Parameters:
  ///   - rows: where the vector's values go.
  ///   - isPart: whether the vector has a value for these rows only, not for the whole frame.
  mutating func take(_ vector: Vector, at rows: Buffer<Int32>, isPart: Bool) {
    let rows = rows.span
    for index in rows.indices {
      let slot = vector.isConstant ? 0 : isPart ? Int32(truncatingIfNeeded: index) : rows[index]
      slots[Int(rows[index])] = base &+ slot
    }
    candidates.append(vector.column)
    base += Int32(vector.column.count)
  }

  mutating func merged(_ type: DataType) -> Column {
    Column.concatenating(candidates, type: type).gathering(slots.take())
  }
}

extension Node {
  func evaluate(
    _ branches: [Branch], otherwise: Node, in frame: Frame
  ) throws -> Vector {
    let all = Bitmap(repeating: true, count: frame.rowCount)
    var open = all
    var choices = Choices(rowCount: frame.rowCount)
    for branch in branches where open.setCount > 0 {
      let taken = try branch.condition.matches(in: open, of: frame)
      if taken.setCount == frame.rowCount { return try branch.value.evaluate(in: frame) }
      try branch.value.choose(taken, of: frame, into: &choices)
      open = open - taken
    }
    if open.setCount == frame.rowCount { return try otherwise.evaluate(in: frame) }
    try otherwise.choose(open, of: frame, into: &choices)
    return Vector(choices.merged(type))
  }

  func evaluate(coalescing candidates: [Node], in frame: Frame) throws -> Vector {
    var open = Bitmap(repeating: true, count: frame.rowCount)
    var choices = Choices(rowCount: frame.rowCount)
    for (index, candidate) in candidates.enumerated() where open.setCount > 0 {
      let isLast = index == candidates.count - 1
      if open.isAllSet {
        let vector = try candidate.evaluate(in: frame)
        guard let valid = commonValidity(of: [vector], count: frame.rowCount), !isLast else {
          return vector
        }
        choices.take(vector, at: valid.setIndices(), isPart: false)
        open = open - valid
      } else if isLast {
        try candidate.choose(open, of: frame, into: &choices)
      } else {
        let rows = open.setIndices()
        let vector = try candidate.evaluate(rows, of: frame)
        let isNull = commonValidity(of: [vector], count: rows.count).map { ~$0 }
        choices.take(vector, at: rows, isPart: true)
        open =
          isNull?.scattered(to: rows, count: frame.rowCount)
          ?? Bitmap(repeating: false, count: frame.rowCount)
      }
    }
    return Vector(choices.merged(type))
  }

  /// The rows among `open` for which this boolean is true.
  private func matches(in open: Bitmap, of frame: Frame) throws -> Bitmap {
    if open.isAllSet || !canFail {
      return try evaluate(in: frame).trues(count: frame.rowCount) & open
    }
    let rows = open.setIndices()
    let trues = try evaluate(rows, of: frame).trues(count: rows.count)
    return trues.scattered(to: rows, count: frame.rowCount)
  }

  /// Computes the values of `rows`: of those alone where others could fail, or are many.
  private func choose(_ rows: Bitmap, of frame: Frame, into choices: inout Choices) throws {
    guard rows.setCount > 0 else { return }
    let indices = rows.setIndices()
    switch form {
    case .constant, .column:
      choices.take(try evaluate(in: frame), at: indices, isPart: false)
    default:
      let isPart = rows.setCount < frame.rowCount && (canFail || rows.setCount < frame.rowCount / 2)
      let vector = try isPart ? evaluate(indices, of: frame) : evaluate(in: frame)
      choices.take(vector, at: indices, isPart: isPart)
    }
  }
}

extension Vector {
  /// The rows for which this boolean is true: null counts as false.
  func trues(count: Int) -> Bitmap {
    if isConstant {
      return Bitmap(repeating: !column.isNull(0) && column.booleans[0], count: count)
    }
    if case .void = column.storage { return Bitmap(repeating: false, count: count) }
    return column.validity.map { $0 & column.booleans } ?? column.booleans
  }
}
