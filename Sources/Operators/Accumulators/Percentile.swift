import Columnar

/// `percentile`, `median`, `percentile_cont`: between the two values next to the place, as far as
/// the place is between them.
final class PercentileAccumulator: Accumulator {
  private var lists = ValueLists(.double)
  private let shares: [Double]
  private let isArray: Bool
  private let isDescending: Bool

  /// - Parameters:
  ///   - shares: each in 0...1.
  ///   - isArray: the result is an array with a value for each share, else the first one's value.
  init(_ shares: [Double], isArray: Bool, isDescending: Bool = false) {
    self.shares = shares
    self.isArray = isArray
    self.isDescending = isDescending
  }

  func resize(to count: Int) { lists.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let column = Column(.double, .double(doubles(arguments[0])))
    let source = ValueSource(column)
    rows.forEach(commonValidity(arguments)) { row, group in
      lists.append(source, row, to: group)
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    let values = (0..<groups.count).map { slot -> [Double]? in
      let column = lists.values.column(of: lists.indices(of: Int(groups[slot])))
      guard column.count > 0 else { return nil }
      let sorted = doubles(column).elements.sorted {
        isDescending ? orderDoubles($0, $1) > 0 : orderDoubles($0, $1) < 0
      }
      return shares.map { PercentileAccumulator.interpolate(sorted, $0) }
    }
    return isArray ? listColumn(values) : Column(values.map { $0?.first })
  }

  private static func interpolate(_ sorted: [Double], _ share: Double) -> Double {
    let place = Double(sorted.count - 1) * share
    let (below, above) = (place.rounded(.down), place.rounded(.up))
    let (low, high) = (sorted[Int(below)], sorted[Int(above)])
    return below == above || low == high ? low : (above - place) * low + (place - below) * high
  }

  private func listColumn(_ values: [[Double]?]) -> Column {
    Column(
      .array(.double), values: values.map { $0.map { .list($0.map { .double($0) }) } ?? .null })
  }

  func resultByteCount(of group: Int) -> Int { 8 * shares.count }

  var byteCount: Int { lists.byteCount }

  let stateParts = [StatePart("values", .array(.double), appends: true)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) throws -> [Column] {
    [try lists.state(of: groups, extent)]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    lists.stateByteCount(of: group, extent)
  }

  func forgetChanges(of groups: Buffer<Int32>) { lists.forgetChanges() }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    try lists.restore(columns[0], to: groups)
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    try lists.merge(columns[0], into: groups)
  }
}

/// `percentile_disc`, `percentile_approx`: the first value in order up to which there are as many
/// as the share asks for.
final class RankAccumulator: Accumulator {
  private var lists: ValueLists
  private let type: DataType
  private let shares: [Double]
  private let isArray: Bool
  private let isDescending: Bool

  /// - Parameter type: of the argument and the result.
  init(_ type: DataType, _ shares: [Double], isArray: Bool, isDescending: Bool = false) {
    self.type = type
    self.shares = shares
    self.isArray = isArray
    self.isDescending = isDescending
    lists = ValueLists(type)
  }

  func resize(to count: Int) { lists.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let source = ValueSource(arguments[0])
    rows.forEach(commonValidity(arguments)) { row, group in
      lists.append(source, row, to: group)
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    var offsets = MutableBuffer<Int32>(capacity: groups.count + 1)
    offsets.append(0)
    var validity = ValidityBuilder()
    var picked: [Int] = []
    for slot in 0..<groups.count {
      let indices = sorted(Int(groups[slot]))
      validity.append(!indices.isEmpty)
      if !indices.isEmpty {
        picked += shares.map { indices[max(1, Int((Double(indices.count) * $0).rounded(.up))) - 1] }
      } else if !isArray {
        picked.append(-1)
      }
      offsets.append(Int32(truncatingIfNeeded: picked.count))
    }
    let values = lists.values.column(of: picked)
    guard isArray else { return values }
    return Column(
      .array(type), .list(offsets: offsets.take(), elements: values), validity: validity.take())
  }

  private func sorted(_ group: Int) -> [Int] {
    lists.indices(of: group).sorted { left, right in
      let order = lists.values.order(left, right)
      return isDescending ? order > 0 : order < 0
    }
  }

  func resultByteCount(of group: Int) -> Int { 16 * shares.count }

  var byteCount: Int { lists.byteCount }

  var stateParts: [StatePart] { [StatePart("values", .array(type), appends: true)] }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) throws -> [Column] {
    [try lists.state(of: groups, extent)]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    lists.stateByteCount(of: group, extent)
  }

  func forgetChanges(of groups: Buffer<Int32>) { lists.forgetChanges() }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    try lists.restore(columns[0], to: groups)
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    try lists.merge(columns[0], into: groups)
  }
}
