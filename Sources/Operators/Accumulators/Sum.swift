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
    guard !overflows else { return nil }
    value = product + digit
  }
  guard remainder.magnitude * 2 >= divisor.magnitude else { return value }
  return value + dividend.signum()
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
