import Columnar
import Diagnostics
import Expressions

/// The keys of the rows that passed, each until it is forgotten.
struct KnownKeys: ~Copyable {
  /// In place of the time at which a key is forgotten: it is not known.
  static let forgotten = Int64.min

  let retention: DedupPlan.Retention
  let schema: Schema
  /// Numbers keys; forgotten ones keep theirs until the table is made anew.
  var table: GroupTable
  /// When each key is forgotten, by its number. Empty for keys that are never forgotten.
  var expiries = MutableBuffer<Int64>()
  var queue = ExpiryQueue()
  /// How many keys are known, of those that can be forgotten.
  var livingCount = 0
  var saving = SavedKeys()
  var restoring = RestoredKeys()

  init(_ plan: DedupPlan) {
    retention = plan.retention
    schema = plan.stateSchema
    table = GroupTable(keyTypes: plan.keys.map(\.type))
  }

  var canForget: Bool { retention != .endless }

  /// How many keys are known.
  var count: Int { canForget ? livingCount : table.count }

  /// The memory that was allocated for them.
  var byteCount: Int {
    table.byteCount + expiries.capacity * 8 + queue.byteCount + saving.byteCount
      + restoring.byteCount
  }

  /// Takes in the keys of some rows.
  ///
  /// - Parameters:
  ///   - keys: columns of `rowCount` rows.
  ///   - times: when the key of each row is to be forgotten; nil for keys that are never forgotten.
  /// - Returns: the rows whose key was not known, of several with one key the first; nil for all.
  mutating func add(
    _ keys: [Column], forgottenAt times: Buffer<Int64>?, rowCount: Int
  ) throws -> Buffer<Int32>? {
    settle()
    let before = table.count
    let groups = try table.groups(of: keys, rowCount: rowCount)
    let addedCount = table.count - before
    guard let times else {
      if addedCount == rowCount { return nil }
      return firstRows(groups, from: before, count: addedCount)
    }
    expiries.append(repeating: KnownKeys.forgotten, count: addedCount)
    let rows = takeUnknown(groups, times)
    enqueue(rows, groups, times)
    return rows.count == rowCount ? nil : rows
  }

  /// Numbers follow the first rows of keys, so that a key's first row is where the next number
  /// turns up.
  private func firstRows(_ groups: Buffer<Int32>, from first: Int, count: Int) -> Buffer<Int32> {
    guard count > 0 else { return Buffer() }
    var rows = MutableBuffer<Int32>(capacity: groups.count)
    var next = Int32(truncatingIfNeeded: first)
    var found = 0
    // SAFETY: there is room for each row, and no more are found.
    let (source, output) = unsafe (groups.pointer, rows.pointer)
    for row in 0..<groups.count {
      unsafe output[found] = Int32(truncatingIfNeeded: row)
      let isFirst = unsafe source[row] == next
      found &+= isFirst ? 1 : 0
      next &+= isFirst ? 1 : 0
    }
    unsafe rows.setCount(found)
    return rows.take()
  }

  /// The first row of each key that is not known, which it is then.
  private mutating func takeUnknown(
    _ groups: Buffer<Int32>, _ times: Buffer<Int64>
  ) -> Buffer<Int32> {
    precondition(groups.isBelow(expiries.count) && times.count == groups.count)
    var rows = MutableBuffer<Int32>(capacity: groups.count)
    var found = 0
    // SAFETY: there is an expiry for each group, a time for each row, and room for each row.
    let (source, times) = unsafe (groups.pointer, times.pointer)
    let (expiries, output) = unsafe (expiries.pointer, rows.pointer)
    for row in 0..<groups.count {
      let group = unsafe Int(truncatingIfNeeded: source[row])
      unsafe output[found] = Int32(truncatingIfNeeded: row)
      let expiry = unsafe expiries[group]
      let isUnknown = expiry == KnownKeys.forgotten
      unsafe expiries[group] = isUnknown ? times[row] : expiry
      found &+= isUnknown ? 1 : 0
    }
    unsafe rows.setCount(found)
    return rows.take()
  }

  private mutating func enqueue(
    _ rows: Buffer<Int32>, _ groups: Buffer<Int32>, _ times: Buffer<Int64>
  ) {
    let (rows, groups, times) = (rows.span, groups.span, times.span)
    for place in rows.indices {
      let row = Int(rows[place])
      queue.insert(groups[row], expiring: times[row])
      if saving.isOn { saving.changes.add(groups[row], wasKnown: false) }
    }
    livingCount += rows.count
  }

  /// Forgets the keys that expire at or before a time; times never fall.
  mutating func forget(through time: Int64) {
    guard canForget else { return }
    settle()
    let expired = queue.advance(to: time)
    for number in expired {
      expiries[Int(number)] = KnownKeys.forgotten
      if saving.isOn { saving.changes.add(number, wasKnown: true) }
    }
    livingCount -= expired.count
  }

  /// Gives the memory of forgotten keys back when they are in the majority: each is paid for by one
  /// that was forgotten. Nobody may hold numbers of keys, those of changes among them.
  mutating func shrink() throws {
    settle()
    guard canForget, table.count > 2 * livingCount + 1024 else { return }
    let living = queue.numbers
    var smaller = GroupTable(keyTypes: table.keyTypes)
    var times = MutableBuffer<Int64>(capacity: living.count)
    for slice in slices(of: living) {
      _ = try smaller.groups(of: table.keys(of: slice), rowCount: slice.count)
      let numbers = slice.span
      for place in numbers.indices { times.append(expiries[Int(numbers[place])]) }
    }
    queue.renumber()
    table = smaller
    expiries = times
    saving.changes = KeyChanges()
  }
}
