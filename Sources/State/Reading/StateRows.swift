package import Columnar
internal import Diagnostics

/// The rows of a state at a version, each key once.
package struct StateRows: Sendable {
  package let layout: StateLayout
  /// All of `layout.schema`.
  package let batches: [Batch]

  package var rowCount: Int { batches.reduce(0) { $0 + $1.rowCount } }

  init(_ trail: VersionTrail, _ directory: String) throws(StreamError) {
    guard let layout = trail.steps.first?.layout else {
      throw StreamError(.io, "the state has no version yet", location: directory)
    }
    try trail.check(layout)
    var merge = StateMerge(layout)
    do {
      try trail.rows { batch, isDeletion in try merge.apply(batch, isDeletion: isDeletion) }
      batches = try merge.batches()
    } catch {
      throw error as? StreamError ?? StreamError(.internal, "\(error)", location: directory)
    }
    self.layout = layout
  }
}

/// Puts the changes of many versions together.
///
/// The batches are kept as they came; a key is a number, and refers to the row that was its last,
/// and, where arrays grow, to all rows before it.
struct StateMerge {
  private struct Row {
    var batch: Int32
    var row: Int32
  }

  private let layout: StateLayout
  private let encoding: KeyEncoding
  private var sources: [Batch] = []
  private var numbers: [[UInt8]: Int] = [:]
  /// By number; nil for a key that was deleted.
  private var last: [Row?] = []
  /// By number; only where arrays grow.
  private var earlier: [Int: [Row]] = [:]

  /// A batch of the result has so many rows at most.
  private static let batchRowCount = 16 << 10
  /// And is made of batches of so many bytes and values together, so that no column outgrows its
  /// offsets.
  private static let weightMax = 1 << 30

  init(_ layout: StateLayout) {
    self.layout = layout
    encoding = KeyEncoding(layout.schema.fields[..<layout.keyCount].map(\.type))
  }

  mutating func apply(_ batch: Batch, isDeletion: Bool) throws(StreamError) {
    let keyColumns = Array(batch.columns[..<layout.keyCount])
    guard let keys = encoding.encode(keyColumns, rowCount: batch.rowCount),
      sources.count < Int32.max
    else { throw StreamError(.io, "the keys of a state are too large to be put together") }
    let source = Int32(sources.count)
    if !isDeletion { sources.append(batch) }
    for row in 0..<batch.rowCount {
      let key = keys.bytes[keys.range(row)].elements
      if isDeletion {
        guard let number = numbers.removeValue(forKey: key) else { continue }
        last[number] = nil
        earlier[number] = nil
      } else {
        insert(key, Row(batch: source, row: Int32(row)))
      }
    }
  }

  private mutating func insert(_ key: [UInt8], _ row: Row) {
    guard let number = numbers[key] else {
      numbers[key] = last.count
      last.append(row)
      return
    }
    if !layout.appends.isEmpty, let before = last[number] {
      earlier[number, default: []].append(before)
    }
    last[number] = row
  }

  // MARK: - The result

  func batches() throws(StreamError) -> [Batch] {
    let weights = sources.map { batch in
      batch.columns.reduce(0) { $0 + $1.byteCount + StateMerge.valueCount($1) }
    }
    var batches: [Batch] = []
    var part = Part()
    for (number, row) in last.enumerated() {
      guard let row else { continue }
      let history = earlier.isEmpty ? [row] : (earlier[number] ?? []) + [row]
      if part.histories.count < StateMerge.batchRowCount, part.take(history, weights) { continue }
      if !part.histories.isEmpty { batches.append(assemble(part.histories)) }
      part = Part()
      guard part.take(history, weights) else {
        throw StreamError(.io, "a row of the state is too large to be put together")
      }
    }
    if !part.histories.isEmpty { batches.append(assemble(part.histories)) }
    return batches
  }

  /// The rows of a batch of the result.
  private struct Part {
    /// The rows of each key, the last one last.
    var histories: [[Row]] = []
    private var sources: Set<Int32> = []

    /// Takes the rows of a further key, if there is room for them.
    mutating func take(_ history: [Row], _ weights: [Int]) -> Bool {
      if !history.allSatisfy({ sources.contains($0.batch) }) {
        let all = sources.union(history.map(\.batch))
        let weight = all.reduce(0) { $0 + weights[Int($1)] }
        // One batch alone cannot be too large: it came as one.
        guard all.count == 1 || weight <= StateMerge.weightMax else { return false }
        sources = all
      }
      histories.append(history)
      return true
    }
  }

  private static func valueCount(_ column: Column) -> Int {
    switch column.storage {
    case .list(_, let elements): column.count + valueCount(elements)
    case .structure(let fields, _): fields.reduce(column.count) { $0 + valueCount($1) }
    default: column.count
    }
  }

  private func assemble(_ histories: [[Row]]) -> Batch {
    let rows = histories.compactMap(\.last)
    let columns = layout.schema.fields.indices.map { index in
      layout.appends.contains(index) ? joined(histories, index) : gathered(rows, index)
    }
    return Batch(schema: layout.schema, columns: columns, rowCount: histories.count)
  }

  /// Values from many batches, in the order of their rows.
  private func gathered(_ rows: [Row], _ index: Int) -> Column {
    var places: [Int32: Int] = [:]
    var picked: [[Int32]] = []
    var parts: [Int32] = []
    for row in rows {
      let place = places[row.batch] ?? picked.count
      if place == picked.count {
        places[row.batch] = place
        picked.append([])
        parts.append(row.batch)
      }
      picked[place].append(row.row)
    }
    let type = layout.schema.fields[index].type
    let columns = zip(parts, picked).map { part, rows in
      sources[Int(part)].columns[index].gathering(Buffer(rows))
    }
    let together = Column.concatenating(columns, type: type)
    if columns.count == 1 { return together }
    var next: [Int32] = []
    var start: Int32 = 0
    for rows in picked {
      next.append(start)
      start += Int32(rows.count)
    }
    let order = rows.map { row -> Int32 in
      let place = places[row.batch] ?? 0
      defer { next[place] += 1 }
      return next[place]
    }
    return together.gathering(Buffer(order))
  }

  /// The arrays of each key, one behind the other; null where all of them are.
  private func joined(_ histories: [[Row]], _ index: Int) -> Column {
    var rows: [Row] = []
    var counts: [Int] = []
    for history in histories {
      let values = history.filter { !sources[Int($0.batch)].columns[index].isNull(Int($0.row)) }
      rows += values
      counts.append(values.count)
    }
    let type = layout.schema.fields[index].type
    guard !rows.isEmpty, case .list(let offsets, let elements) = gathered(rows, index).storage
    else { return Column.nulls(type, count: histories.count) }
    var ends = [offsets[0]]
    var end = 0
    for count in counts {
      end += count
      ends.append(offsets[end])
    }
    let isValue = Bitmap(counts.map { $0 > 0 })
    return Column(type, .list(offsets: Buffer(ends), elements: elements), validity: isValue)
  }
}
