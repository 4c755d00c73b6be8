import Columnar
import Diagnostics

// MARK: - Writing

extension KeptStates {
  private var keyCount: Int { table.keyTypes.count }

  private var keySchema: Schema { Schema(Array(schema.fields[..<keyCount])) }

  /// The keys whose state is gone, and those whose state is another, since the last call.
  mutating func takeChanges() -> (gone: Buffer<Int32>, set: Buffer<Int32>) {
    let (all, known) = changes.take()
    var gone = MutableBuffer<Int32>()
    var set = MutableBuffer<Int32>()
    for slot in 0..<known.count where !hasState(known[slot]) { gone.append(known[slot]) }
    for slot in 0..<all.count where hasState(all[slot]) { set.append(all[slot]) }
    return (gone.take(), set.take())
  }

  /// The rows of some keys, in batches.
  ///
  /// - Parameter isWhole: else the key columns alone.
  func rows(
    of numbers: Buffer<Int32>, isWhole: Bool, _ body: (Batch) throws -> Void
  ) throws {
    for slice in numbers.slices(byteCount: { byteCount(of: $0) }) {
      var columns = table.keys(of: slice)
      guard isWhole else {
        try body(Batch(schema: keySchema, columns: columns, rowCount: slice.count))
        continue
      }
      columns.append(states(of: slice))
      if timeout != nil { columns.append(times(of: slice)) }
      try body(Batch(schema: schema, columns: columns, rowCount: slice.count))
    }
  }

  private func times(of numbers: Buffer<Int32>) -> Column {
    var validity = ValidityBuilder()
    let values = Buffer<Int64>(count: numbers.count) { output in
      for slot in 0..<numbers.count {
        let time = times[Int(numbers[slot])]
        output.append(time == KeptStates.never ? 0 : time)
        validity.append(time != KeptStates.never)
      }
    }
    return Column(.timestamp, .int64(values), validity: validity.take())
  }
}

// MARK: - Reading

extension KeptStates {
  /// Takes rows that were given out; nothing counts as changed.
  ///
  /// - Throws: an I/O error when they are something else.
  mutating func restore(_ rows: Batch, _ change: Change) throws {
    let isKeysOnly = change == .delete && rows.schema == keySchema
    if !isKeysOnly { try StreamError.refuseState(rows.schema, unlike: schema) }
    guard rows.rowCount > 0 else { return }
    let numbers: Buffer<Int32>
    do {
      numbers = try self.numbers(of: Array(rows.columns[..<keyCount]), rowCount: rows.rowCount)
    } catch let error as StreamError {
      throw StreamError.stateDamage(error.message)
    }
    guard table.areDistinct(numbers) else {
      throw StreamError.stateDamage("a key comes twice in one batch")
    }
    isSettled = false
    switch change {
    case .insert: try put(numbers, rows)
    case .delete: try takeBack(numbers)
    }
  }

  private mutating func put(_ numbers: Buffer<Int32>, _ rows: Batch) throws {
    let states = rows.columns[keyCount]
    guard case .bytes(let strings) = states.storage else { preconditionFailure("strings") }
    let words = timeout == nil ? nil : rows.columns[keyCount + 1].words()
    for row in 0..<numbers.count {
      let text = strings[row]
      // What is sent on as it is must be one line.
      guard !states.isNull(row), text.count > 0, !text.hasLineFeed else {
        throw StreamError.stateDamage("a state is no text of a line")
      }
      let slot = Int(numbers[row])
      if !hasState(numbers[row]) { count += 1 }
      texts.replace(slot, with: text)
      times[slot] = KeptStates.never
      if let words, !rows.columns[keyCount + 1].isNull(row) { times[slot] = words[row] }
    }
  }

  private mutating func takeBack(_ numbers: Buffer<Int32>) throws {
    for row in 0..<numbers.count {
      guard hasState(numbers[row]) else {
        throw StreamError.stateDamage("a key is deleted that is not there")
      }
      texts.replace(Int(numbers[row]), with: [UInt8]().span)
      times[Int(numbers[row])] = KeptStates.never
    }
    count -= numbers.count
  }
}

extension Span<UInt8> {
  fileprivate var hasLineFeed: Bool {
    for index in indices where self[index] == 0x0A { return true }
    return false
  }
}
