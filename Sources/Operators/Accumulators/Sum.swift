import Columnar
import Scalars

/// `sum`, `avg` over integers and intervals, exactly.
final class IntegerSumAccumulator: Accumulator {
  private struct State: BitwiseCopyable {
    var sum: Int64 = 0
    var count: Int64 = 0
    var overflows = false

    @inline(__always)
    mutating func add(_ sum: Int64, count: Int64) {
      let overflows: Bool
      (self.sum, overflows) = self.sum.addingReportingOverflow(sum)
      self.count &+= count
      self.overflows = self.overflows || overflows
    }
  }

  private var states = GroupStates(State())
  private let resultType: DataType
  private let isAverage: Bool
  private let isTrying: Bool

  /// - Parameters:
  ///   - resultType: `bigint` or an interval.
  ///   - isAverage: rounded half away from zero, as Spark divides intervals.
  ///   - isTrying: an overflow gives null, else it is an error.
  init(_ resultType: DataType, isAverage: Bool = false, isTrying: Bool) {
    self.resultType = resultType
    self.isAverage = isAverage
    self.isTrying = isTrying
  }

  func resize(to count: Int) { states.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    guard arguments[0].type.isWord else { return }
    let words = arguments[0].words().span
    var anyOverflow = false
    states.update(rows, arguments[0].validity) { state, row in
      state.add(words[row], count: 1)
      anyOverflow = anyOverflow || state.overflows
    }
    if anyOverflow && !isTrying { throw AggregateError.overflow }
  }

  func result(of groups: Buffer<Int32>) throws -> Column {
    let (words, validity) = try states.map(groups, 0) { state -> Int64? in
      guard state.count > 0, !state.overflows else { return nil }
      let value = isAverage ? divideHalfUp(state.sum, state.count) : state.sum
      if resultType == .yearMonthInterval, Int32(exactly: value) == nil {
        if isTrying { return nil }
        throw AggregateError.overflow
      }
      return value
    }
    return Column(resultType, words: words, validity: validity)
  }

  var byteCount: Int { states.byteCount }

  /// The sum is null where it has overflowed.
  let stateParts = [StatePart("sum", .bigint), StatePart("count", .bigint)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    [states.words(groups) { $0.overflows ? nil : $0.sum }, states.words(groups) { $0.count }]
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let saved = try read(columns)
    states.restore(groups) { saved[$0] }
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    var anyOverflow = false
    states.merge(try read(columns), into: groups) { state, other in
      state.add(other.sum, count: other.count)
      state.overflows = state.overflows || other.overflows
      anyOverflow = anyOverflow || state.overflows
    }
    if anyOverflow && !isTrying { throw AggregateError.overflow }
  }

  private func read(_ columns: [Column]) throws(StateDamage) -> Buffer<State> {
    let (sums, validity) = (try columns[0].stateWords(), columns[0].validity)
    let counts = try columns[1].counts()
    guard isTrying || validity == nil else { throw StateDamage("a sum is null") }
    return Buffer(count: counts.count) { output in
      for row in 0..<counts.count {
        output.append(
          validity.isSet(row)
            ? State(sum: sums[row], count: counts[row])
            : State(count: counts[row], overflows: true))
      }
    }
  }
}

/// `sum`, `avg` in doubles, added in the order of the rows.
final class DoubleSumAccumulator: Accumulator {
  private struct State: BitwiseCopyable {
    var sum: Double = 0
    var count: Int64 = 0
  }

  private var states = GroupStates(State())
  private let isAverage: Bool

  init(isAverage: Bool) { self.isAverage = isAverage }

  func resize(to count: Int) { states.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    guard arguments[0].type.isWord else { return }
    let words = arguments[0].words().span
    if arguments[0].type.isFloatingPoint {
      states.update(rows, arguments[0].validity) { state, row in
        state.sum += Double(bitPattern: UInt64(bitPattern: words[row]))
        state.count &+= 1
      }
    } else {
      states.update(rows, arguments[0].validity) { state, row in
        state.sum += Double(words[row])
        state.count &+= 1
      }
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    states.doubles(groups) { state in
      guard state.count > 0 else { return nil }
      return isAverage ? state.sum / Double(state.count) : state.sum
    }
  }

  var byteCount: Int { states.byteCount }

  let stateParts = [StatePart("sum", .double), StatePart("count", .bigint)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    [states.doubles(groups) { $0.sum }, states.words(groups) { $0.count }]
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let (sums, counts) = (try columns[0].stateDoubles(), try columns[1].counts())
    states.restore(groups) { row in State(sum: sums[row], count: counts[row]) }
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    let (sums, counts) = (try columns[0].stateDoubles(), try columns[1].counts())
    states.update(GroupedRows(groups), nil) { state, row in
      state.sum += sums[row]
      state.count &+= counts[row]
    }
  }
}

/// `product`, in doubles.
final class ProductAccumulator: RowState {
  private struct State: BitwiseCopyable {
    var product: Double = 1
    var hasRows = false
  }

  private var states = GroupStates(State())

  func resize(to count: Int) { states.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let values = doubles(arguments[0]).span
    states.update(rows, commonValidity(arguments)) { state, row in
      state.product *= values[row]
      state.hasRows = true
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    states.doubles(groups) { $0.hasRows ? $0.product : nil }
  }

  var byteCount: Int { states.byteCount }

  /// Null without rows.
  let stateParts = [StatePart("product", .double)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] { [result(of: groups)] }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    guard case .double(let values) = columns[0].storage else { throw StateDamage("a product") }
    let (products, validity) = (values, columns[0].validity)
    states.restore(groups) { row in
      validity.isSet(row) ? State(product: products[row], hasRows: true) : State()
    }
  }
}

// MARK: - Numbers

/// Rounded half away from zero.
func divideHalfUp(_ dividend: Int64, _ divisor: Int64) -> Int64 {
  let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
  guard remainder.magnitude >= divisor.magnitude - remainder.magnitude else { return quotient }
  return quotient + dividend.signum()
}

/// A number of any type as doubles.
func doubles(_ column: Column) -> Buffer<Double> {
  switch column.storage {
  case .double(let values): return values
  case .decimal(let values):
    guard case .decimal(_, let scale) = column.type else { return Buffer() }
    let (source, unit) = (values.span, Double(powerOfTen(scale)))
    return Buffer(count: source.count) { output in
      for slot in source.indices { output.append(Double(source[slot]) / unit) }
    }
  default:
    guard column.type.isWord else { return Buffer(repeating: 0, count: column.count) }
    let words = column.words()
    if column.type.isFloatingPoint { return words.reinterpreted(as: Double.self) }
    let source = words.span
    return Buffer(count: source.count) { output in
      for slot in source.indices { output.append(Double(source[slot])) }
    }
  }
}
