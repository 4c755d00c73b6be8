import Columnar
import Scalars

/// `sum`, `avg` over decimals, exactly.
final class DecimalSumAccumulator: Accumulator {
  private struct State: BitwiseCopyable {
    var sum: Int128 = 0
    var count: Int64 = 0
    var overflows = false

    @inline(__always)
    mutating func add(_ sum: Int128, count: Int64) {
      let overflows: Bool
      (self.sum, overflows) = self.sum.addingReportingOverflow(sum)
      self.count &+= count
      self.overflows = self.overflows || overflows
    }
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
      state.add(values[row], count: 1)
      anyOverflow = anyOverflow || state.overflows
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
    guard case .decimal(let rests) = columns[0].storage else { throw StateDamage("a sum") }
    let validity = columns[0].validity
    guard isTrying || validity == nil else { throw StateDamage("a sum is null") }
    let carries = try columns[1].withoutNulls().stateWords()
    let counts = try columns[2].counts()
    let sums = try DecimalSumAccumulator.sums(rests, validity, carries)
    return Buffer(count: counts.count) { output in
      for row in 0..<counts.count {
        output.append(
          State(sum: sums[row], count: counts[row], overflows: !validity.isSet(row)))
      }
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
