import Columnar

/// The rows of an open epoch, until they are sorted by their keys.
struct EpochRows: ~Copyable {
  private(set) var batches: [Batch] = []
  private var numbers: [Buffer<Int32>] = []
  private(set) var rowCount = 0
  private(set) var byteCount = 0
  /// The place of each key among those of the epoch, by its number; -1 between two epochs.
  private var slots = MutableBuffer<Int32>()

  /// - Parameter keys: the number of the key of each row.
  mutating func add(_ batch: Batch, keys: Buffer<Int32>) {
    guard batch.rowCount > 0 else { return }
    batches.append(batch)
    numbers.append(keys)
    rowCount += batch.rowCount
    byteCount += batch.byteCount + keys.byteCount + batch.rowCount * MemoryLayout<RowPlace>.stride
  }

  /// All rows; none is left then.
  ///
  /// - Parameter keyCount: above the number of each key.
  mutating func take(keyCount: Int) -> RowsByKey {
    if slots.count < keyCount { slots.append(repeating: -1, count: keyCount - slots.count) }
    var keys = MutableBuffer<Int32>()
    var counts: [Int] = []
    for group in numbers {
      let group = group.span
      for row in group.indices {
        let key = Int(group[row])
        if slots[key] < 0 {
          slots[key] = Int32(truncatingIfNeeded: keys.count)
          keys.append(group[row])
          counts.append(0)
        }
        counts[Int(slots[key])] += 1
      }
    }
    let sorted = RowsByKey(
      batches: batches, keys: keys.take(), starts: starts(counts), places: places(counts))
    for slot in 0..<sorted.keys.count { slots[Int(sorted.keys[slot])] = -1 }
    batches = []
    numbers = []
    (rowCount, byteCount) = (0, 0)
    return sorted
  }

  private func starts(_ counts: [Int]) -> [Int] {
    var starts = [0]
    for count in counts { starts.append(starts[starts.count - 1] + count) }
    return starts
  }

  private func places(_ counts: [Int]) -> [RowPlace] {
    var next = starts(counts)
    var places = [RowPlace](repeating: RowPlace(batch: 0, row: 0), count: rowCount)
    for (batch, group) in numbers.enumerated() {
      let group = group.span
      for row in group.indices {
        let slot = Int(slots[Int(group[row])])
        places[next[slot]] = RowPlace(
          batch: Int32(truncatingIfNeeded: batch), row: Int32(truncatingIfNeeded: row))
        next[slot] += 1
      }
    }
    return places
  }

  /// The keys are numbered anew, and none has a row.
  mutating func forgetNumbers() { slots = MutableBuffer() }
}

/// The rows of an epoch, by key.
struct RowsByKey {
  let batches: [Batch]
  /// The numbers of the keys, in the order of their first row.
  let keys: Buffer<Int32>
  /// Where the rows of each key begin, and the end of the last.
  let starts: [Int]
  let places: [RowPlace]

  /// Keys that have more than `skipped` rows, by their places, with the rows behind these: at most
  /// `limit` of each.
  func part(skipping skipped: Int, limit: Int) -> [(key: Int, rows: Range<Int>)] {
    (0..<keys.count).compactMap { key in
      let start = starts[key] + skipped
      guard start < starts[key + 1] else { return nil }
      return (key, start..<min(start + limit, starts[key + 1]))
    }
  }

  /// The largest value of a column of timestamps among the rows of each key; nil for a key without
  /// any.
  func latest(_ column: Int) -> [Int64?] {
    let times = batches.map { $0.columns[column] }
    let words = times.map { $0.words() }
    return (0..<keys.count).map { key in
      var latest: Int64?
      for place in places[starts[key]..<starts[key + 1]] {
        let (batch, row) = (Int(place.batch), Int(place.row))
        guard !times[batch].isNull(row) else { continue }
        latest = max(latest ?? .min, words[batch][row])
      }
      return latest
    }
  }
}
