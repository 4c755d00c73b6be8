import Columnar
import Diagnostics
import Expressions

// States as rows: the keys, then the parts of each call's state.

extension CallStates {
  /// The columns of the rows; `count(*).count`, `avg(x).sum`.
  ///
  /// - Parameter keys: the columns that tell the rows apart, and what else is kept in front.
  func stateSchema(_ keys: [Field]) -> Schema {
    var fields = keys
    var names = Set(fields.map(\.name))
    for (call, accumulator) in zip(calls, accumulators) {
      for part in accumulator.stateParts {
        let name = "\(call.stateName).\(part.name)"
        let candidates = [name] + (2...names.count + 2).map { "\(name).\($0)" }
        let unique = candidates.first { !names.contains($0) } ?? name
        names.insert(unique)
        fields.append(Field(unique, part.type))
      }
    }
    return Schema(fields)
  }

  /// The columns that are added to.
  func stateAppends(keyCount: Int) -> Set<Int> {
    let parts = accumulators.flatMap(\.stateParts)
    return Set(parts.indices.filter { parts[$0].appends }.map { keyCount + $0 })
  }
}

extension AggregateCall {
  /// Spark's name, but for `count(*)`, which is `count(1)` there.
  fileprivate var stateName: String {
    let alias = "count(1)"
    guard arguments.isEmpty, name.hasPrefix(alias) else { return name }
    return "count(*)" + name.dropFirst(alias.count)
  }
}

// MARK: - Writing

/// How a state is written.
struct StateForm {
  let schema: Schema
  /// The columns in front of the states of the calls.
  let keyCount: Int
  /// What lists may have in one row.
  let byteCountMax: Int
}

extension CallStates {
  private static let stateRows = 16_384
  private static let stateBytes = 4 << 20

  /// Gives out rows for some groups in their order.
  func forEachState(
    of groups: Buffer<Int32>, _ names: borrowing some GroupNames & ~Copyable, _ form: StateForm,
    isChange: Bool, _ body: (Batch) throws -> Void
  ) throws {
    let extent = StateExtent(isChange: isChange, byteCountMax: form.byteCountMax)
    var start = 0
    while start < groups.count {
      var (end, byteCount) = (start, 0)
      repeat {
        let group = Int(groups[end])
        byteCount += accumulators.reduce(names.keyByteCount(of: group)) {
          $0 + $1.stateByteCount(of: group, extent)
        }
        end += 1
      } while end < groups.count && end - start < CallStates.stateRows
        && byteCount < CallStates.stateBytes
      try giveOut(groups[start..<end], names, form, extent, body)
      start = end
    }
  }

  /// Lists that are too long for a batch together go into several.
  private func giveOut(
    _ groups: Buffer<Int32>, _ names: borrowing some GroupNames & ~Copyable, _ form: StateForm,
    _ extent: StateExtent, _ body: (Batch) throws -> Void
  ) throws {
    if let batch = try stateBatch(groups, names, form, extent) { return try body(batch) }
    if groups.count == 1 { return try giveOutParts(groups, names, form, extent, body) }
    let middle = groups.count / 2
    try giveOut(groups[0..<middle], names, form, extent, body)
    try giveOut(groups[middle..<groups.count], names, form, extent, body)
  }

  /// One group's lists in runs of elements, each in a row of its own.
  private func giveOutParts(
    _ group: Buffer<Int32>, _ names: borrowing some GroupNames & ~Copyable, _ form: StateForm,
    _ extent: StateExtent, _ body: (Batch) throws -> Void
  ) throws {
    var (start, size) = (0, 1 << 24)
    while true {
      var part = extent
      part.elements = start..<start + size
      if let batch = try stateBatch(group, names, form, part) {
        try body(batch)
        let lists = stateAppends(keyCount: form.keyCount)
        guard batch.longestList(among: lists) >= size else { return }
        start += size
      } else {
        size /= 2
      }
    }
  }

  /// - Returns: nil when lists are longer than is asked for.
  private func stateBatch(
    _ groups: Buffer<Int32>, _ names: borrowing some GroupNames & ~Copyable, _ form: StateForm,
    _ extent: StateExtent
  ) throws -> Batch? {
    do {
      let states = try accumulators.flatMap { try $0.state(of: groups, extent) }
      return Batch(
        schema: form.schema, columns: names.keys(of: groups) + states, rowCount: groups.count)
    } catch AggregateError.tooLarge {
      return nil
    }
  }
}

extension Batch {
  /// The elements of the longest list of a batch of one row.
  fileprivate func longestList(among lists: Set<Int>) -> Int {
    lists.reduce(0) { longest, index in
      guard case .list(let offsets, _) = columns[index].storage else { return longest }
      return max(longest, Int(offsets[1] - offsets[0]))
    }
  }
}

// MARK: - Reading

extension CallStates {
  /// Takes rows that were given out.
  ///
  /// - Parameters:
  ///   - keyCount: the columns in front of the states.
  ///   - groups: that of each row; there is room for it.
  func restore(_ rows: Batch, keyCount: Int, to groups: Buffer<Int32>) throws {
    var column = keyCount
    for (call, accumulator) in zip(calls, accumulators) {
      let end = column + accumulator.stateParts.count
      do {
        try accumulator.restore(Array(rows.columns[column..<end]), to: groups)
      } catch let error as StateDamage {
        throw StreamError.stateDamage("\(error.reason) in '\(call.stateName)'")
      }
      column = end
    }
  }
}

extension StreamError {
  static func stateDamage(_ reason: String) -> StreamError {
    StreamError(.io, "the state cannot be restored: \(reason)")
  }

  /// - Throws: an I/O error that names the first difference.
  static func refuseState(_ found: Schema, unlike wanted: Schema) throws(StreamError) {
    guard found != wanted else { return }
    let pairs = zip(found.fields, wanted.fields)
    guard let (field, expected) = pairs.first(where: { $0 != $1 }) else {
      throw StreamError.stateDamage(
        "it has \(found.fields.count) columns, not \(wanted.fields.count)")
    }
    throw StreamError.stateDamage(
      "it has the column '\(field.name) \(field.type)' where this query keeps "
        + "'\(expected.name) \(expected.type)'")
  }
}
