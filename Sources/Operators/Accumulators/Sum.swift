import Columnar

/// `sum`, `avg` over integers and intervals, exactly.
final class IntegerSumAccumulator: Accumulator {
  private struct State: BitwiseCopyable {
    var sum: Int64 = 0
    var count: Int64 = 0
    var overflows = false
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
      let (sum, overflows) = state.sum.addingReportingOverflow(words[row])
      state.sum = sum
      state.count &+= 1
      anyOverflow = anyOverflow || overflows
      state.overflows = state.overflows || overflows
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
    let (sums, validity) = (try columns[0].stateWords(), columns[0].validity)
    let counts = try columns[1].counts()
    guard isTrying || validity == nil else { throw StateDamage("a sum is null") }
    states.restore(groups) { row in
      validity.isSet(row)
        ? State(sum: sums[row], count: counts[row])
        : State(count: counts[row], overflows: true)
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
}

/// `sum`, `avg` over decimals, exactly.
final class DecimalSumAccumulator: Accumulator {
  private struct State: BitwiseCopyable {
    var sum: Int128 = 0
    var count: Int64 = 0
    var overflows = false
  }

  private var states = GroupStates(State())
  private let precision: Int
  /// Of the argument and of the sum.
  private let scale: Int
  /// Digits behind the point that the result has more than the argument; nil for a sum.
  private let addedScale: Int?
  private let resultType: DataType
  private let isTrying: Bool

  /// - Parameter resultType: Spark's: ten more digits for a sum; four more, all behind the point,
  ///   for an average.
  init(argument: DataType, resultType: DataType, isAverage: Bool, isTrying: Bool) {
    guard case .decimal(_, let scale) = argument,
      case .decimal(let precision, let resultScale) = resultType
    else { preconditionFailure("decimals") }
    self.precision = precision
    self.scale = scale
    self.resultType = resultType
    self.isTrying = isTrying
    addedScale = isAverage ? resultScale - scale : nil
  }

  func resize(to count: Int) { states.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    guard case .decimal(let buffer) = arguments[0].storage else { return }
    let values = buffer.span
    var anyOverflow = false
    states.update(rows, arguments[0].validity) { state, row in
      let (sum, overflows) = state.sum.addingReportingOverflow(values[row])
      state.sum = sum
      state.count &+= 1
      anyOverflow = anyOverflow || overflows
      state.overflows = state.overflows || overflows
    }
    if anyOverflow && !isTrying { throw AggregateError.overflow }
  }

  func result(of groups: Buffer<Int32>) throws -> Column {
    let limit = powerOfTen(precision)
    let (values, validity) = try states.map(groups, 0) { state -> Int128? in
      guard state.count > 0, !state.overflows else { return nil }
      let value =
        addedScale.map { divideHalfUp(state.sum, Int128(state.count), addedScale: $0) }
        ?? state.sum
      if let value, value < limit, value > -limit { return value }
      if isTrying { return nil }
      throw AggregateError.overflow
    }
    return Column(resultType, .decimal(values), validity: validity)
  }

  func resultByteCount(of group: Int) -> Int { 16 }

  var byteCount: Int { states.byteCount }

  /// No decimal has room for every sum: what is above 38 digits is the carry. The sum is null where
  /// it has overflowed.
  var stateParts: [StatePart] {
    [
      StatePart("sum", .decimal(precision: DataType.maxDecimalPrecision, scale: scale)),
      StatePart("carry", .tinyint), StatePart("count", .bigint),
    ]
  }

  private static let carryUnit = powerOfTen(DataType.maxDecimalPrecision)

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    let unit = DecimalSumAccumulator.carryUnit
    let (sums, validity) = states.map(groups, 0) { $0.overflows ? nil : $0.sum % unit }
    return [
      Column(stateParts[0].type, .decimal(sums), validity: validity),
      states.words(groups, as: .tinyint) { $0.overflows ? 0 : Int64($0.sum / unit) },
      states.words(groups) { $0.count },
    ]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int { 25 }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    guard case .decimal(let rests) = columns[0].storage else { throw StateDamage("a sum") }
    let validity = columns[0].validity
    guard isTrying || validity == nil else { throw StateDamage("a sum is null") }
    let carries = try columns[1].withoutNulls().stateWords()
    let counts = try columns[2].counts()
    let sums = try DecimalSumAccumulator.sums(rests, validity, carries)
    states.restore(groups) { row in
      State(sum: sums[row], count: counts[row], overflows: !validity.isSet(row))
    }
  }

  private static func sums(
    _ rests: Buffer<Int128>, _ validity: Bitmap?, _ carries: Buffer<Int64>
  ) throws(StateDamage) -> Buffer<Int128> {
    var sums = MutableBuffer<Int128>(capacity: rests.count)
    for row in 0..<rests.count {
      guard validity.isSet(row) else {
        sums.append(0)
        continue
      }
      let (high, isTooHigh) = Int128(carries[row]).multipliedReportingOverflow(by: carryUnit)
      let (sum, isTooLarge) = high.addingReportingOverflow(rests[row])
      guard !isTooHigh, !isTooLarge else { throw StateDamage("a sum is too large") }
      sums.append(sum)
    }
    return sums.take()
  }
}

/// `product`, in doubles.
final class ProductAccumulator: Accumulator {
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

/// `dividend / divisor` with more digits behind the point, rounded half away from zero; nil when
/// it does not fit.
private func divideHalfUp(_ dividend: Int128, _ divisor: Int128, addedScale: Int) -> Int128? {
  var (value, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
  // One digit at a time, so that the remainder never outgrows ten times the divisor.
  for _ in 0..<addedScale {
    let digit: Int128
    (digit, remainder) = (remainder * 10).quotientAndRemainder(dividingBy: divisor)
    let (product, overflows) = value.multipliedReportingOverflow(by: 10)
    let (next, isTooLarge) = product.addingReportingOverflow(digit)
    guard !overflows, !isTooLarge else { return nil }
    value = next
  }
  guard remainder.magnitude * 2 >= divisor.magnitude else { return value }
  let (rounded, overflows) = value.addingReportingOverflow(Int128(dividend.signum()))
  return overflows ? nil : rounded
}

func powerOfTen(_ exponent: Int) -> Int128 {
  (0..<exponent).reduce(1) { power, _ in power * 10 }
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
