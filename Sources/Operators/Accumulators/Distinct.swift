import Columnar

/// Any aggregate over distinct rows: passes on the first row of each combination of arguments in a
/// group.
final class DistinctAccumulator: Accumulator {
  private let base: any Accumulator
  private var seen: GroupTable
  /// How many of the arguments have to differ; those behind them order lists.
  private let keyCount: Int

  init(_ base: any Accumulator, keys: [DataType]) {
    self.base = base
    keyCount = keys.count
    seen = GroupTable(keyTypes: [.int] + keys)
  }

  func resize(to count: Int) { base.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    let known = seen.count
    let keys = [Column(.int, .int32(rows.groups))] + arguments[..<keyCount]
    let numbers = try seen.groups(of: keys, rowCount: rows.count)
    let first = numbers.firstAppearances(after: known)
    guard first.count > 0 else { return }
    try base.update(rows.selecting(first), arguments.map { $0.gathering(first) })
  }

  func result(of groups: Buffer<Int32>) throws -> Column { try base.result(of: groups) }

  func resultByteCount(of group: Int) -> Int { base.resultByteCount(of: group) }

  var byteCount: Int { base.byteCount + seen.byteCount }
}

extension Buffer<Int32> {
  /// The places at which dense numbers appear for the first time.
  ///
  /// - Parameter known: how many had appeared before.
  func firstAppearances(after known: Int) -> Buffer<Int32> {
    let numbers = span
    var next = Int32(known)
    var rows = MutableBuffer<Int32>()
    for row in numbers.indices where numbers[row] == next {
      rows.append(Int32(row))
      next += 1
    }
    return rows.take()
  }
}

/// `mode`: the value that comes most often; of several the least (or the greatest, as asked).
final class ModeAccumulator: Accumulator {
  private var pairs: GroupTable
  /// One value for each pair of group and value, with its count.
  private var lists: ValueLists
  private var counts = MutableBuffer<Int64>()
  private let prefersGreatest: Bool

  init(_ type: DataType, prefersGreatest: Bool = false) {
    pairs = GroupTable(keyTypes: [.int, type])
    lists = ValueLists(type)
    self.prefersGreatest = prefersGreatest
  }

  func resize(to count: Int) { lists.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    let keys = [Column(.int, .int32(rows.groups)), arguments[0]]
    let numbers = try pairs.groups(of: keys, rowCount: rows.count)
    let source = ValueSource(arguments[0])
    for row in 0..<rows.count {
      let pair = Int(numbers[row])
      if pair == counts.count {
        lists.append(source, row, to: Int(rows.groups[row]))
        counts.append(0)
      }
      counts[pair] += 1
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    lists.values.column(of: (0..<groups.count).map { mostFrequent(Int(groups[$0])) })
  }

  /// - Returns: -1 when the group has no value.
  private func mostFrequent(_ group: Int) -> Int {
    var best = -1
    for index in lists.indices(of: group) where !lists.values.isNull(index) {
      if best < 0 || counts[index] > counts[best] {
        best = index
      } else if counts[index] == counts[best] {
        let order = lists.values.order(index, best)
        if prefersGreatest ? order > 0 : order < 0 { best = index }
      }
    }
    return best
  }

  var byteCount: Int { pairs.byteCount + lists.byteCount + counts.count * 8 }
}
