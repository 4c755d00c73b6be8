import Checkpoint
import Columnar
import Diagnostics
import Foundation
import Glibc
import State
import TestSupport
import Testing

/// A stage's directory that goes away with the test.
final class Scratch {
  let root: String
  let stage: StageDirectory

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
    stage = try CheckpointDirectory.open(creating: root).stage("main.agg")
    try stage.make()
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// The names of the state's files, in order.
  var files: [String] {
    get throws { try Disk.names(in: stage.statePath).sorted() }
  }

  func path(_ name: String) -> String { "\(stage.statePath)/\(name)" }

  func bytes(_ name: String) throws -> [UInt8] { try #require(try Disk.contents(of: path(name))) }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(filePath: path(name)))
  }

  var byteCount: Int { get throws { try files.reduce(0) { $0 + (try bytes($1).count) } } }
}

/// Two keys, a value, and an array that grows.
let layout = Schema([
  Field("word", .string), Field("window", .timestamp), Field("n", .bigint),
  Field("seen", .array(.int)),
])

/// What the state of a store is, kept the slow and obvious way.
struct Model: Equatable {
  struct Key: Hashable {
    var word: Value
    var window: Value
  }

  /// In the order in which the keys first came.
  var keys: [Key] = []
  var rows: [Key: [Value]] = [:]

  mutating func apply(_ batch: Batch, isDeletion: Bool) {
    for index in 0..<batch.rowCount {
      let row = batch.row(index)
      let key = Key(word: row[0], window: row[1])
      if isDeletion {
        keys.removeAll { $0 == key }
        rows[key] = nil
        continue
      }
      let before = rows[key]
      if before == nil { keys.append(key) }
      rows[key] = [row[0], row[1], row[2], Model.together(before?[3], row[3])]
    }
  }

  private static func together(_ before: Value?, _ added: Value) -> Value {
    guard let before else { return added }
    switch (before, added) {
    case (.list(let left), .list(let right)): return .list(left + right)
    case (.null, let value), (let value, _): return value
    }
  }

  var all: [[Value]] { keys.compactMap { rows[$0] } }
}

/// A store with the model of what it must hold, and of what it held at each version.
final class Tracked {
  let store: StateStore
  private(set) var model = Model()
  private(set) var history: [Int64: Model]

  /// - Parameter history: what the versions before held; what is restored must be that.
  init(_ scratch: Scratch, at version: Int64?, history: [Int64: Model] = [:]) throws {
    store = try StateStore(
      scratch.stage, schema: layout, keyCount: 2, appends: [3], version: version)
    self.history = history.filter { $0.key <= version ?? 0 }
    var restored = Model()
    try store.restore { batch, isDeletion in restored.apply(batch, isDeletion: isDeletion) }
    model = restored
    #expect(restored.all == history[version ?? 0]?.all ?? [])
  }

  /// - Returns: whether a version was written.
  @discardableResult
  func append(_ version: Int64, _ changes: [(Batch, Bool)]) throws -> Bool {
    let isNew = try store.append(version: version) { write in
      for (batch, isDeletion) in changes { try write(batch, isDeletion) }
    }
    for (batch, isDeletion) in changes { model.apply(batch, isDeletion: isDeletion) }
    if isNew { history[version] = model }
    return isNew
  }

  func writeSnapshot(batchRowCount: Int = 7) throws {
    try store.writeSnapshot { write in
      let rows = model.all
      for start in stride(from: 0, to: rows.count, by: batchRowCount) {
        try write(batch(Array(rows[start..<min(rows.count, start + batchRowCount)])))
      }
    }
  }
}

func batch(_ rows: [[Value]]) -> Batch {
  let columns = layout.fields.indices.map { index in
    Column(layout.fields[index].type, values: rows.map { $0[index] })
  }
  return Batch(schema: layout, columns: columns, rowCount: rows.count)
}

/// Inserts, changes and deletions, now and then none.
func randomChanges(_ random: inout SplitMix64, _ model: Model) -> [(Batch, Bool)] {
  var changes: [(Batch, Bool)] = []
  if !model.keys.isEmpty, Int.random(in: 0..<3, using: &random) == 0 {
    let first = Int.random(in: 0..<model.keys.count, using: &random)
    let rows = model.keys[first...].prefix(3).map { [$0.word, $0.window, .null, .null] }
    let whole = batch(rows)
    let keys = Batch(
      schema: Schema(Array(layout.fields[..<2])), columns: Array(whole.columns[..<2]),
      rowCount: rows.count)
    changes.append((Bool.random(using: &random) ? keys : whole, true))
  }
  for _ in 0..<Int.random(in: 0...2, using: &random) {
    var rows: [[Value]] = []
    let numbers = (0..<Int.random(in: 0...6, using: &random)).map { _ in
      Int.random(in: 0..<40, using: &random)
    }
    for number in Set(numbers).sorted() {
      let word: Value = number == 0 ? .null : .string("key \(number)")
      let count = Value.integer(.random(in: 0...9, using: &random))
      let seen = randomValue(.array(.int), &random)
      rows.append([word, .integer(Int64(number % 3)), count, seen])
    }
    changes.append((batch(rows), false))
  }
  return changes
}

/// The rows of a state at a version, as a reader without a lock sees them.
func rows(_ scratch: Scratch, at version: Int64) throws -> [[Value]] {
  try StateReader(scratch.stage).rows(at: version).batches.flatMap { batch in
    (0..<batch.rowCount).map { batch.row($0) }
  }
}

/// Restores at a version, without a look at what comes out.
@discardableResult
func restore(_ scratch: Scratch, at version: Int64?) throws -> Model {
  var model = Model()
  let store = try StateStore(
    scratch.stage, schema: layout, keyCount: 2, appends: [3], version: version)
  try store.restore { model.apply($0, isDeletion: $1) }
  return model
}

extension Scratch {
  func remove(_ name: String) throws { try Disk.remove(path(name)) }

  /// A named pipe, at which opening and reading wait.
  func makePipe(_ name: String) throws { try #require(unsafe mkfifo(path(name), 0o600) == 0) }
}
