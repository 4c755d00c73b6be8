import Columnar

/// The rows of one side of a join that may still find a partner, in the order in which they came.
///
/// A row has a slot; slots of rows that are gone are reclaimed all at once (see ``compacted(_:)``).
final class WaitingRows {
  /// In place of a group: the row goes with no other.
  static let noGroup: Int32 = -1

  struct Marks: OptionSet {
    let rawValue: UInt8

    static let matched = Marks(rawValue: 1)
    /// That it was matched is in the saved state.
    static let savedAsMatched = Marks(rawValue: 2)
  }

  /// Of the rows; columns that are not kept are left out.
  let schema: Schema
  let kept: [Int]
  /// What is added to a row's time to know when it goes; nil: time does not end it.
  private let hold: Int64?
  private var columns: [SlotColumn]
  /// Of each row; they ascend.
  private(set) var numbers = MutableBuffer<Int64>()
  private(set) var chains = WaitingChains()
  private var marks = MutableBuffer<UInt8>()
  private var queue = ExpiryQueue()
  private(set) var liveCount = 0

  private final class SlotColumn {
    var values: ValueSlots

    init(_ type: DataType) { values = ValueSlots(type) }
  }

  /// - Parameter kept: the columns that the rows are kept with, ascending.
  init(_ schema: Schema, kept: [Int], hold: Int64?) {
    self.schema = schema
    self.kept = kept
    self.hold = hold
    columns = kept.map { SlotColumn(schema.fields[$0].type) }
  }

  /// Slots, those of rows that are gone among them.
  var count: Int { chains.count }

  var byteCount: Int {
    columns.reduce(0) { $0 + $1.values.byteCount } + numbers.capacity * 8 + marks.capacity
      + chains.byteCount + queue.byteCount
  }

  /// Adds rows at the end.
  ///
  /// - Parameters:
  ///   - batch: its columns that are not kept may be left out.
  ///   - added: their numbers, above all before.
  ///   - groups: one a row, or `noGroup`.
  ///   - times: one a row, where time bounds anything.
  func append(
    _ batch: Batch, numbers added: Buffer<Int64>, groups: Buffer<Int32>, times: Buffer<Int64>?
  ) {
    let firstSlot = count
    for (column, index) in zip(columns, kept) {
      column.values.append(contentsOf: ValueSource(batch.columns[index]))
    }
    numbers.append(contentsOf: added.span)
    chains.append(groups: groups, times: times)
    marks.append(repeating: 0, count: added.count)
    if let hold, let times { enqueue(times, from: firstSlot, hold) }
    liveCount += added.count
  }

  private func enqueue(_ times: Buffer<Int64>, from firstSlot: Int, _ hold: Int64) {
    let times = times.span
    for row in times.indices {
      queue.insert(
        Int32(truncatingIfNeeded: firstSlot + row), expiring: times[row].addingSaturating(hold))
    }
  }

  func marks(of slot: Int) -> Marks { Marks(rawValue: marks[slot]) }

  func isGone(_ slot: Int) -> Bool { chains.isGone(slot) }

  func add(_ mark: Marks, to slot: Int) { marks[slot] |= mark.rawValue }

  /// Takes a row out; its values can be read until the rows are compacted.
  func remove(_ slots: [Int32]) {
    chains.remove(slots)
    liveCount -= slots.count
  }

  /// The rows whose time is over, in the order in which they came.
  func expired(at time: Int64) -> [Int32] {
    guard hold != nil else { return [] }
    return queue.advance(to: time).filter { !isGone(Int($0)) }.sorted()
  }

  /// The slots of the rows that are there.
  func live(from slot: Int = 0) -> Buffer<Int32> {
    var slots = MutableBuffer<Int32>()
    for slot in slot..<max(slot, count) where !isGone(slot) {
      slots.append(Int32(truncatingIfNeeded: slot))
    }
    return slots.take()
  }

  /// The slot of a row that is there.
  func slot(of number: Int64) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low < count && numbers[low] == number && !isGone(low) ? low : nil
  }

  // MARK: - Values

  /// A column at some slots; -1 gives a null.
  func column(_ index: Int, at slots: Buffer<Int32>) -> Column {
    guard let place = kept.firstIndex(of: index) else { return .absent(slots.count) }
    return columns[place].values.column(of: slots.span)
  }

  /// The rows at some slots; columns that are not kept are left out.
  func rows(at slots: Buffer<Int32>) -> Batch {
    let columns = schema.fields.indices.map { column($0, at: slots) }
    return Batch(schema: schema, columns: columns, rowCount: slots.count)
  }

  /// About how many bytes a row takes in a batch.
  func byteCount(of slot: Int) -> Int { columns.reduce(8) { $0 + $1.values.byteCount(of: slot) } }

  func numbers(of slots: Buffer<Int32>) -> Buffer<Int64> {
    let source = slots.span
    return Buffer(count: slots.count) { output in
      for place in source.indices { output.append(numbers[Int(source[place])]) }
    }
  }

  func groups(of slots: Buffer<Int32>) -> Buffer<Int32> {
    slots.mapped { chains.group(of: Int($0)) }
  }

  // MARK: - Room

  /// The rows that are there and no others, in their order, with their numbers.
  ///
  /// - Parameter regroup: the new groups of some slots, all of which have one.
  func compacted(_ regroup: (Buffer<Int32>) throws -> Buffer<Int32>) rethrows -> WaitingRows {
    let rows = WaitingRows(schema, kept: kept, hold: hold)
    for slots in live().slices(byteCount: { self.byteCount(of: Int($0)) }) {
      let (source, start) = (slots.span, rows.count)
      let found = try regroup(slots.filtered { chains.group(of: Int($0)) >= 0 })
      var next = 0
      let groups = slots.mapped { slot -> Int32 in
        guard chains.group(of: Int(slot)) >= 0 else { return WaitingRows.noGroup }
        next += 1
        return found[next - 1]
      }
      let times = Buffer<Int64>(count: slots.count) { output in
        for place in source.indices { output.append(chains.time(of: Int(source[place]))) }
      }
      rows.append(
        self.rows(at: slots), numbers: numbers(of: slots), groups: groups, times: times)
      for place in source.indices {
        rows.marks[start + place] = marks[Int(source[place])]
      }
    }
    return rows
  }
}

extension Buffer<Int32> {
  func filtered(_ isWanted: (Int32) -> Bool) -> Buffer<Int32> {
    let source = span
    var kept = MutableBuffer<Int32>(capacity: count)
    for slot in source.indices where isWanted(source[slot]) { kept.append(source[slot]) }
    return kept.take()
  }
}
