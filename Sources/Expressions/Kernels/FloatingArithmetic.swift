import Columnar
import Glibc

/// Operators on `double` and `float`. ANSI mode: a divisor of zero is an error, not infinity.
enum FloatingArithmetic: Sendable {
  case add
  case subtract
  case multiply
  case divide
  case remainder
  case positiveRemainder

  var kernel: Kernel {
    Kernel(canFail: divides) { arguments in
      let (left, right) = (arguments[0], arguments[1])
      var validity = arguments.validity
      if case .float(let lefts) = left.column.storage {
        let divisors = Lane(right.column.floats, isConstant: right.isConstant)
        if divides { validity = try refuseZeros(arguments, divisors, validity) }
        let values = compute(
          Lane(lefts, isConstant: left.isConstant), divisors, count: arguments.rowCount)
        return Column(arguments.type, .float(values), validity: validity)
      }
      if divides { validity = try refuseZeros(arguments, arguments.doubles(1), validity) }
      let values = compute(arguments.doubles(0), arguments.doubles(1), count: arguments.rowCount)
      return Column(arguments.type, .double(values), validity: validity)
    }
  }

  private var divides: Bool {
    switch self {
    case .add, .subtract, .multiply: false
    case .divide, .remainder, .positiveRemainder: true
    }
  }

  @inline(__always)
  private func compute<Value: BinaryFloatingPoint & BitwiseCopyable>(
    _ left: Lane<Value>, _ right: Lane<Value>, count: Int
  ) -> Buffer<Value> {
    switch self {
    case .add: zip(left, right, count: count) { $0 + $1 }
    case .subtract: zip(left, right, count: count) { $0 - $1 }
    case .multiply: zip(left, right, count: count) { $0 * $1 }
    case .divide: zip(left, right, count: count) { $0 / $1 }
    case .remainder: zip(left, right, count: count) { $0.truncatingRemainder(dividingBy: $1) }
    case .positiveRemainder: zip(left, right, count: count) { positive($0, $1) }
    }
  }

  /// Spark's pmod: the remainder, with the divisor added once where it is negative.
  private func positive<Value: BinaryFloatingPoint>(_ left: Value, _ right: Value) -> Value {
    let remainder = left.truncatingRemainder(dividingBy: right)
    return remainder < 0 ? (remainder + right).truncatingRemainder(dividingBy: right) : remainder
  }

  private func refuseZeros<Value: BinaryFloatingPoint & BitwiseCopyable>(
    _ arguments: Arguments, _ divisors: Lane<Value>, _ validity: Bitmap?
  ) throws -> Bitmap? {
    let span = divisors.values.span
    var hasZero = false
    for slot in span.indices { hasZero = span[slot] == 0 || hasZero }
    guard hasZero else { return validity }
    let reason: Reason = self == .divide ? .divisionByZero : .remainderByZero
    return try arguments.checked(validity) { row in divisors[row] == 0 ? reason : nil }
  }
}
