import Columnar
import Diagnostics

/// What is to be saved.
struct SavedKeys: ~Copyable {
  var isOn = false
  /// Of keys that can be forgotten.
  var changes = KeyChanges()
  /// Of other keys: how many there were at the last look.
  var knownCount = 0

  var byteCount: Int { changes.byteCount }
}

/// Keys that were restored, until the first row or marker: before that any of them may be taken
/// back.
struct RestoredKeys: ~Copyable {
  /// Their numbers, in the order in which they came.
  var order = MutableBuffer<Int32>()
  /// Where each stood last in the order, by number.
  var places = MutableBuffer<Int>()

  var byteCount: Int { order.capacity * 4 + places.capacity * 8 }
}

// MARK: - Writing

extension KnownKeys {
  /// All keys, in the order of the state.
  var all: Buffer<Int32> {
    canForget ? queue.numbers : .numbers(in: 0..<table.count)
  }

  /// The keys that were forgotten and those that have come since the last call.
  mutating func takeChanges() -> (forgotten: Buffer<Int32>, new: Buffer<Int32>) {
    guard canForget else {
      let known = saving.knownCount
      saving.knownCount = table.count
      return (Buffer(), all[known..<table.count])
    }
    let (changed, known) = saving.changes.take()
    let numbers = changed.span
    var new = MutableBuffer<Int32>(capacity: changed.count)
    for place in numbers.indices where expiries[Int(numbers[place])] != KnownKeys.forgotten {
      new.append(numbers[place])
    }
    return (known, new.take())
  }

  /// Runs of keys of a size that a batch of state has.
  func slices(of numbers: Buffer<Int32>) -> [Buffer<Int32>] {
    numbers.slices { table.keyByteCount(of: $0) }
  }

  private var keySchema: Schema { Schema(Array(schema.fields[..<table.keyTypes.count])) }

  /// The rows of some keys.
  ///
  /// - Parameter isWhole: else the key columns alone.
  func rows(of numbers: Buffer<Int32>, isWhole: Bool) -> Batch {
    var columns = table.keys(of: numbers)
    guard isWhole, case .within = retention else {
      return Batch(schema: keySchema, columns: columns, rowCount: numbers.count)
    }
    let source = numbers.span
    let times = Buffer<Int64>(count: numbers.count) { output in
      for place in source.indices { output.append(expiries[Int(source[place])]) }
    }
    columns.append(Column(.timestamp, .int64(times)))
    return Batch(schema: schema, columns: columns, rowCount: numbers.count)
  }
}

// MARK: - Reading

extension KnownKeys {
  /// What is furthest from 1970 among the times at which keys are forgotten.
  private static let timeMax = (AlignedWindows.timeMax + AlignedWindows.sizeMax).magnitude

  private static let comesTwice = StreamError.stateDamage("a key comes twice")

  /// Takes rows that were given out; nothing counts as changed.
  ///
  /// - Throws: an I/O error when they are something else.
  mutating func restore(_ rows: Batch, _ change: Change) throws {
    let isKeysOnly = change == .delete && rows.schema == keySchema
    if !isKeysOnly { try StreamError.refuseState(rows.schema, unlike: schema) }
    guard rows.rowCount > 0 else { return }
    let before = table.count
    let numbers: Buffer<Int32>
    do {
      let keys = Array(rows.columns[..<table.keyTypes.count])
      numbers = try table.groups(of: keys, rowCount: rows.rowCount)
    } catch let error as StreamError {
      throw StreamError.stateDamage(error.message)
    }
    guard canForget else {
      guard change == .insert else {
        throw StreamError.stateDamage("a key is deleted, which none ever is")
      }
      guard table.count == before + rows.rowCount else { throw KnownKeys.comesTwice }
      saving.knownCount = table.count
      return
    }
    expiries.append(repeating: KnownKeys.forgotten, count: table.count - before)
    switch change {
    case .insert: try restore(numbers, forgottenAt: times(of: rows))
    case .delete: try takeBack(numbers)
    }
  }

  private func times(of rows: Batch) throws -> Buffer<Int64> {
    let column: Column
    switch retention {
    case .endless: return Buffer()
    case .whileOnTime(let key): column = rows.columns[key]
    case .within:
      column = rows.columns[rows.columns.count - 1]
      guard column.nullCount == 0 else {
        throw StreamError.stateDamage("it is not known when a key expires")
      }
    }
    let times = column.expiries()
    let source = times.span
    for row in source.indices where !column.isNull(row) {
      guard source[row].magnitude <= KnownKeys.timeMax else {
        throw StreamError.stateDamage("a key expires at \(source[row]) µs")
      }
    }
    return times
  }

  private mutating func restore(_ numbers: Buffer<Int32>, forgottenAt times: Buffer<Int64>) throws {
    let missing = table.count - restoring.places.count
    restoring.places.append(repeating: 0, count: missing)
    let (numbers, times) = (numbers.span, times.span)
    for row in numbers.indices {
      let number = Int(numbers[row])
      guard expiries[number] == KnownKeys.forgotten else { throw KnownKeys.comesTwice }
      expiries[number] = times[row]
      restoring.places[number] = restoring.order.count
      restoring.order.append(numbers[row])
    }
    livingCount += numbers.count
  }

  private mutating func takeBack(_ numbers: Buffer<Int32>) throws {
    let numbers = numbers.span
    for row in numbers.indices {
      let number = Int(numbers[row])
      guard expiries[number] != KnownKeys.forgotten else {
        throw StreamError.stateDamage("a key is deleted that is not there")
      }
      expiries[number] = KnownKeys.forgotten
    }
    livingCount -= numbers.count
  }

  /// Restoring is over.
  mutating func settle() {
    guard restoring.order.count > 0 else { return }
    for place in 0..<restoring.order.count {
      let number = restoring.order[place]
      let expiry = expiries[Int(number)]
      guard expiry != KnownKeys.forgotten, restoring.places[Int(number)] == place else { continue }
      queue.insert(number, expiring: expiry)
    }
    restoring = RestoredKeys()
  }
}
