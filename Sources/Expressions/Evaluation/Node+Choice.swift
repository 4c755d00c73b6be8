import Columnar

extension Node {
  /// CASE: the value of the first branch whose condition is true.
  func evaluate(
    _ branches: [Branch], otherwise: Node, in frame: Frame
  ) throws -> Vector {
    var open = Bitmap(repeating: true, count: frame.rowCount)
    var choices: [Choice] = []
    for branch in branches where open.setCount > 0 {
      let taken = try branch.condition.matches(in: open, of: frame)
      if taken.setCount == frame.rowCount { return try branch.value.evaluate(in: frame) }
      try branch.value.choose(taken, of: frame, into: &choices)
      open = open - taken
    }
    if open.setCount == frame.rowCount { return try otherwise.evaluate(in: frame) }
    try otherwise.choose(open, of: frame, into: &choices)
    return Vector(Choice.merged(choices, type, count: frame.rowCount))
  }

  func evaluate(coalescing candidates: [Node], in frame: Frame) throws -> Vector {
    var open = Bitmap(repeating: true, count: frame.rowCount)
    var choices: [Choice] = []
    for (index, candidate) in candidates.enumerated() where open.setCount > 0 {
      let isLast = index == candidates.count - 1
      let choice = try candidate.choice(open, of: frame)
      guard !isLast, let valid = choice.validity(count: frame.rowCount) else {
        if choices.isEmpty { return choice.vector }
        choices.append(choice)
        break
      }
      choices.append(choice.restricted(to: valid))
      open = open - valid
    }
    return Vector(Choice.merged(choices, type, count: frame.rowCount))
  }

  /// The rows among `open` for which this boolean is true.
  private func matches(in open: Bitmap, of frame: Frame) throws -> Bitmap {
    let isSparse = open.setCount < frame.rowCount / 8 && !isCheap
    if !isSparse {
      do {
        let trues = try evaluate(in: frame).trues(count: frame.rowCount)
        return open.isAllSet ? trues : trues & open
      } catch let failure as RowFailure {
        if open.isAllSet { throw failure }
      }
    }
    let rows = open.setIndices()
    let trues = try evaluate(rows, of: frame).trues(count: rows.count)
    return trues.scattered(to: rows, count: frame.rowCount)
  }

  private func choose(_ rows: Bitmap, of frame: Frame, into choices: inout [Choice]) throws {
    guard rows.setCount > 0 else { return }
    choices.append(try choice(rows, of: frame))
  }

  /// The values of some rows: of those alone where they are few, or where others fail.
  private func choice(_ rows: Bitmap, of frame: Frame) throws -> Choice {
    let isSparse = rows.setCount < frame.rowCount / 4 && !isCheap
    if !isSparse {
      do {
        return Choice(vector: try evaluate(in: frame), rows: rows, places: nil)
      } catch let failure as RowFailure {
        if rows.isAllSet { throw failure }
      }
    }
    let places = rows.setIndices()
    let vector = try evaluate(places, of: frame)
    return Choice(vector: vector, rows: rows, places: vector.isConstant ? nil : places)
  }
}

/// Values for some rows of a frame.
private struct Choice {
  let vector: Vector
  let rows: Bitmap
  /// The rows that the vector's values belong to; nil when it has one for each row of the frame
  /// or one for all.
  let places: Buffer<Int32>?

  /// The rows among these that have a value; nil when all rows of the frame do.
  func validity(count: Int) -> Bitmap? {
    guard let places else {
      guard let valid = commonValidity(of: [vector], count: count) else {
        return rows.isAllSet ? nil : rows
      }
      return valid & rows
    }
    guard let valid = commonValidity(of: [vector], count: places.count) else { return rows }
    return valid.scattered(to: places, count: count)
  }

  func restricted(to valid: Bitmap) -> Choice {
    Choice(vector: vector, rows: valid, places: places)
  }

  /// - Parameter choices: of rows that together are all, each row in one of them.
  static func merged(_ choices: [Choice], _ type: DataType, count: Int) -> Column {
    if let selected = selected(choices, type, count: count) { return selected }
    var slots = MutableBuffer<Int32>(capacity: count)
    slots.append(repeating: 0, count: count)
    var base = 0
    for choice in choices {
      choice.fill(&slots, base)
      base += choice.vector.column.count
    }
    let candidates = choices.map(\.vector.column)
    return Column.concatenating(candidates, type: type).gathering(slots.take())
  }

  private func fill(_ slots: inout MutableBuffer<Int32>, _ base: Int) {
    if let places {
      for index in 0..<places.count where rows[Int(places[index])] {
        slots[Int(places[index])] = Int32(truncatingIfNeeded: base + index)
      }
      return
    }
    let indices = rows.setIndices()
    let step = vector.isConstant ? 0 : 1
    for index in 0..<indices.count {
      let row = Int(indices[index])
      slots[row] = Int32(truncatingIfNeeded: base + row * step)
    }
  }

  /// Values of one width are chosen in place.
  private static func selected(_ choices: [Choice], _ type: DataType, count: Int) -> Column? {
    guard choices.allSatisfy({ $0.places == nil }), var last = choices.last?.vector else {
      return nil
    }
    for choice in choices.dropLast().reversed() {
      guard let column = Selection.select(choice.rows, choice.vector, last, type, count) else {
        return nil
      }
      last = Vector(column)
    }
    return last.spread(over: count)
  }
}

/// Values of one column where a bit is 1, of another where it is 0.
enum Selection {
  /// - Returns: nil for types whose values have no fixed width.
  static func select(
    _ rows: Bitmap, _ first: Vector, _ second: Vector, _ type: DataType, _ count: Int
  ) -> Column? {
    let storage: Storage
    switch (first.column.storage, second.column.storage) {
    case (.boolean, .boolean):
      storage = .boolean((first.bits(count) & rows) | (second.bits(count) - rows))
    case (.int8(let a), .int8(let b)): storage = .int8(choose(rows, a, first, b, second, count))
    case (.int16(let a), .int16(let b)): storage = .int16(choose(rows, a, first, b, second, count))
    case (.int32(let a), .int32(let b)): storage = .int32(choose(rows, a, first, b, second, count))
    case (.int64(let a), .int64(let b)): storage = .int64(choose(rows, a, first, b, second, count))
    case (.float(let a), .float(let b)): storage = .float(choose(rows, a, first, b, second, count))
    case (.double(let a), .double(let b)):
      storage = .double(choose(rows, a, first, b, second, count))
    case (.decimal(let a), .decimal(let b)):
      storage = .decimal(choose(rows, a, first, b, second, count))
    default: return nil
    }
    return Column(type, storage, validity: validity(rows, first, second, count))
  }

  private static func validity(
    _ rows: Bitmap, _ first: Vector, _ second: Vector, _ count: Int
  ) -> Bitmap? {
    let valid = commonValidity(of: [first], count: count)
    let other = commonValidity(of: [second], count: count)
    if valid == nil, other == nil { return nil }
    return (valid.map { $0 & rows } ?? rows) | (other.map { $0 - rows } ?? ~rows)
  }

  @inline(__always)
  private static func choose<Value: BitwiseCopyable>(
    _ rows: Bitmap, _ first: Buffer<Value>, _ firstVector: Vector, _ second: Buffer<Value>,
    _ secondVector: Vector, _ count: Int
  ) -> Buffer<Value> {
    let (a, b) = (
      Lane(first, isConstant: firstVector.isConstant),
      Lane(second, isConstant: secondVector.isConstant)
    )
    precondition(a.reaches(count) && b.reaches(count))
    let bits = BitLane(rows)
    let target = RowTarget<Value>(count: count)
    for row in 0..<count { target[row] = bits[row] ? a[row] : b[row] }
    return target.buffer
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
