import Columnar

/// `count(*)`, `count(a, b)`: rows in which every argument has a value; `count_if(condition)`: rows
/// in which it is true.
final class CountAccumulator: Accumulator {
  private var counts = GroupStates<Int64>(0)
  private let isConditional: Bool

  init(isConditional: Bool = false) { self.isConditional = isConditional }

  func resize(to count: Int) { counts.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    var counted = commonValidity(arguments)
    if isConditional {
      guard case .boolean(let bits) = arguments[0].storage else { return }
      counted = counted.map { $0 & bits } ?? bits
    }
    counts.update(rows, counted) { count, _ in count &+= 1 }
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

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    counts.merge(try columns[0].counts(), into: groups) { count, other in count &+= other }
  }
}
