import Columnar

/// `div`, `%` and `pmod` on integers.
enum IntegerDivision: Sendable {
  case quotient
  case remainder
  case positiveRemainder

  /// Both arguments have one type; so has the result, but that of `div`, which is `bigint`.
  var kernel: Kernel {
    Kernel(canFail: true) { arguments in
      let (left, right) = (arguments[0], arguments[1])
      switch left.column.storage {
      case .int8(let lefts):
        let (values, validity) = try compute(
          arguments, Lane(lefts, isConstant: left.isConstant),
          Lane(right.column.int8s, isConstant: right.isConstant))
        return Column(arguments.type, .int8(values), validity: validity)
      case .int16(let lefts):
        let (values, validity) = try compute(
          arguments, Lane(lefts, isConstant: left.isConstant),
          Lane(right.column.int16s, isConstant: right.isConstant))
        return Column(arguments.type, .int16(values), validity: validity)
      case .int32:
        let (values, validity) = try compute(arguments, arguments.int32s(0), arguments.int32s(1))
        return Column(arguments.type, .int32(values), validity: validity)
      default:
        let (values, validity) = try compute(arguments, arguments.int64s(0), arguments.int64s(1))
        return Column(arguments.type, .int64(values), validity: validity)
      }
    }
  }

  @inline(__always)
  private func compute<Value: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ arguments: Arguments, _ left: Lane<Value>, _ right: Lane<Value>
  ) throws -> (Buffer<Value>, Bitmap?) {
    var validity = arguments.validity
    let span = right.values.span
    var isHarmless = true
    // -1 as a divisor overflows for the smallest dividend only.
    for slot in span.indices { isHarmless = isHarmless && span[slot] != 0 && span[slot] != -1 }
    if !isHarmless {
      validity = try arguments.checked(validity) { row in failure(left[row], right[row], arguments)
      }
    }
    let values =
      switch self {
      case .quotient:
        zip(left, right, count: arguments.rowCount) { left, right in
          right == 0 ? 0 : left.dividedReportingOverflow(by: right).partialValue
        }
      case .remainder:
        zip(left, right, count: arguments.rowCount) { left, right in
          right == 0 || right == -1 ? 0 : left % right
        }
      case .positiveRemainder:
        zip(left, right, count: arguments.rowCount) { left, right -> Value in
          if right == 0 || right == -1 { return 0 }
          let remainder = left % right
          return remainder < 0 ? (remainder &+ right) % right : remainder
        }
      }
    return (values, validity)
  }

  private func failure<Value: FixedWidthInteger & SignedInteger>(
    _ left: Value, _ right: Value, _ arguments: Arguments
  ) -> Reason? {
    if right == 0 { return self == .quotient ? .divisionByZero : .remainderByZero }
    if self == .quotient, right == -1, left == .min { return .overflow(of: arguments.type) }
    return nil
  }
}
