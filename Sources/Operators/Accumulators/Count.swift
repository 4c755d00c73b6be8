import Columnar

/// `count(*)`, `count(a, b)`: rows in which every argument has a value.
final class CountAccumulator: Accumulator {
  private var counts = GroupStates<Int64>(0)

  func resize(to count: Int) { counts.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    counts.update(rows, commonValidity(arguments)) { count, _ in count &+= 1 }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    Column(.bigint, .int64(counts.map(groups, 0) { $0 }.0))
  }

  var byteCount: Int { counts.byteCount }

  let stateParts = [StatePart("count", .bigint)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] { [result(of: groups)] }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let restored = try columns[0].counts()
    counts.restore(groups) { restored[$0] }
  }
}

/// `count_if(condition)`.
final class CountIfAccumulator: Accumulator {
  private var counts = GroupStates<Int64>(0)

  func resize(to count: Int) { counts.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    guard case .boolean(let bits) = arguments[0].storage else { return }
    let matching = arguments[0].validity.map { $0 & bits } ?? bits
    counts.update(rows, matching) { count, _ in count &+= 1 }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    Column(.bigint, .int64(counts.map(groups, 0) { $0 }.0))
  }

  var byteCount: Int { counts.byteCount }

  let stateParts = [StatePart("count", .bigint)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] { [result(of: groups)] }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let restored = try columns[0].counts()
    counts.restore(groups) { restored[$0] }
  }
}
