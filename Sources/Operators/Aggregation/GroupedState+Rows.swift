import Columnar
import Diagnostics
import Expressions

// The state as rows: the keys, then the parts of each call's state.

extension GroupedState {
  /// The columns of the rows; `count(*).count`, `avg(x).sum`.
  var stateSchema: Schema {
    var fields = aggregation.keys.map(\.field)
    var names = Set(fields.map(\.name))
    for (call, accumulator) in zip(aggregation.calls, accumulators) {
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
  var stateAppends: Set<Int> {
    let parts = accumulators.flatMap(\.stateParts)
    return Set(parts.indices.filter { parts[$0].appends }.map { aggregation.keys.count + $0 })
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

extension GroupedState {
  private static let stateRows = 16_384
  private static let stateBytes = 4 << 20

  /// Gives out rows for some groups in their order.
  func forEachStateBatch(
    of groups: Buffer<Int32>, _ extent: StateExtent, _ schema: Schema,
    _ body: (Batch) throws -> Void
  ) throws {
    var start = 0
    while start < groups.count {
      var (end, byteCount) = (start, 0)
      repeat {
        byteCount += stateByteCount(of: Int(groups[end]), extent)
        end += 1
      } while end < groups.count && end - start < GroupedState.stateRows
        && byteCount < GroupedState.stateBytes
      try giveOut(groups[start..<end], extent, schema, body)
      start = end
    }
  }

  private func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    accumulators.reduce(table.keyByteCount(of: group)) { $0 + $1.stateByteCount(of: group, extent) }
  }

  /// Lists that are too long for a batch together go into several.
  private func giveOut(
    _ groups: Buffer<Int32>, _ extent: StateExtent, _ schema: Schema,
    _ body: (Batch) throws -> Void
  ) throws {
    if let batch = try stateBatch(groups, extent, schema) { return try body(batch) }
    if groups.count == 1 { return try giveOutParts(groups, extent, schema, body) }
    let middle = groups.count / 2
    try giveOut(groups[0..<middle], extent, schema, body)
    try giveOut(groups[middle..<groups.count], extent, schema, body)
  }

  /// One group's lists in runs of elements, each in a row of its own.
  private func giveOutParts(
    _ group: Buffer<Int32>, _ extent: StateExtent, _ schema: Schema, _ body: (Batch) throws -> Void
  ) throws {
    var (start, size) = (0, 1 << 24)
    while true {
      var part = extent
      part.elements = start..<start + size
      if let batch = try stateBatch(group, part, schema) {
        try body(batch)
        guard batch.longestList(among: stateAppends) >= size else { return }
        start += size
      } else {
        size /= 2
      }
    }
  }

  /// - Returns: nil when lists are longer than is asked for.
  private func stateBatch(
    _ groups: Buffer<Int32>, _ extent: StateExtent, _ schema: Schema
  ) throws -> Batch? {
    do {
      let states = try accumulators.flatMap { try $0.state(of: groups, extent) }
      return Batch(
        schema: schema, columns: table.keys(of: groups) + states, rowCount: groups.count)
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

extension GroupedState {
  /// Takes rows that were given out; nothing counts as changed.
  mutating func restore(_ rows: Batch, _ schema: Schema) throws {
    try check(rows, schema)
    guard rows.rowCount > 0 else { return }
    let keyCount = aggregation.keys.count
    let groups: Buffer<Int32>
    do {
      groups = try table.groups(of: Array(rows.columns[..<keyCount]), rowCount: rows.rowCount)
    } catch let error as StreamError {
      throw GroupedState.damage(error.message)
    }
    _ = takeUnsaved()
    guard table.areDistinct(groups) else {
      throw GroupedState.damage("a key comes twice in one batch")
    }
    var column = keyCount
    for (call, accumulator) in zip(aggregation.calls, accumulators) {
      let end = column + accumulator.stateParts.count
      accumulator.resize(to: table.count)
      do {
        try accumulator.restore(Array(rows.columns[column..<end]), to: groups)
      } catch let error as StateDamage {
        throw GroupedState.damage("\(error.reason) in '\(call.stateName)'")
      }
      column = end
    }
  }

  private func check(_ rows: Batch, _ schema: Schema) throws {
    guard rows.schema != schema else { return }
    let pairs = zip(rows.schema.fields, schema.fields)
    guard let (found, wanted) = pairs.first(where: { $0 != $1 }) else {
      throw GroupedState.damage(
        "it has \(rows.schema.fields.count) columns, not \(schema.fields.count)")
    }
    throw GroupedState.damage(
      "it has the column '\(found.name) \(found.type)' where this query keeps "
        + "'\(wanted.name) \(wanted.type)'")
  }

  private static func damage(_ reason: String) -> StreamError {
    StreamError(.io, "the state cannot be restored: \(reason)")
  }
}
