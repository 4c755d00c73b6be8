import Columnar

/// `+`, `-` and `*` on integers and on the types that are stored as integers.
enum IntegerArithmetic: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"

  /// Both arguments and the result have one type.
  func kernel(hint: String? = nil) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (left, right) = (arguments[0], arguments[1])
      let validity = arguments.validity
      switch left.column.storage {
      case .int8(let lefts):
        let (values, valid) = try compute(
          arguments, validity, Lane(lefts, isConstant: left.isConstant),
          Lane(right.column.int8s, isConstant: right.isConstant), hint)
        return Column(arguments.type, .int8(values), validity: valid)
      case .int16(let lefts):
        let (values, valid) = try compute(
          arguments, validity, Lane(lefts, isConstant: left.isConstant),
          Lane(right.column.int16s, isConstant: right.isConstant), hint)
        return Column(arguments.type, .int16(values), validity: valid)
      case .int32:
        let (values, valid) = try compute(
          arguments, validity, arguments.int32s(0), arguments.int32s(1), hint)
        return Column(arguments.type, .int32(values), validity: valid)
      default:
        let (values, valid) = try compute(
          arguments, validity, arguments.int64s(0), arguments.int64s(1), hint)
        return Column(arguments.type, .int64(values), validity: valid)
      }
    }
  }

  @inline(__always)
  private func compute<Value: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ arguments: Arguments, _ validity: Bitmap?, _ left: Lane<Value>, _ right: Lane<Value>,
    _ hint: String?
  ) throws -> (Buffer<Value>, Bitmap?) {
    // The sign of `overflow` tells whether some row overflowed: no branch in the loop.
    var overflow: Value = 0
    let values =
      switch self {
      case .add:
        zip(left, right, count: arguments.rowCount) { left, right in
          let sum = left &+ right
          overflow |= (left ^ sum) & (right ^ sum)
          return sum
        }
      case .subtract:
        zip(left, right, count: arguments.rowCount) { left, right in
          let difference = left &- right
          overflow |= (left ^ right) & (left ^ difference)
          return difference
        }
      case .multiply:
        zip(left, right, count: arguments.rowCount) { left, right in
          let (product, overflows) = left.multipliedReportingOverflow(by: right)
          overflow |= overflows ? -1 : 0
          return product
        }
      }
    guard overflow < 0 else { return (values, validity) }
    let reason = Reason.overflow(of: arguments.type, hint: hint)
    let valid = try arguments.checked(validity) { row in
      apply(left[row], right[row]).overflow ? reason : nil
    }
    return (values, valid)
  }

  private func apply<Value: FixedWidthInteger>(
    _ left: Value, _ right: Value
  ) -> (partialValue: Value, overflow: Bool) {
    switch self {
    case .add: left.addingReportingOverflow(right)
    case .subtract: left.subtractingReportingOverflow(right)
    case .multiply: left.multipliedReportingOverflow(by: right)
    }
  }
}

extension Reason {
  static func overflow(of type: DataType, hint: String? = nil) -> Reason {
    Reason("ARITHMETIC_OVERFLOW", "\(type) overflow", hint: hint)
  }

  static let divisionByZero = Reason(
    "DIVIDE_BY_ZERO", "division by zero", hint: "try_divide(a, b) gives null instead")
  static let remainderByZero = Reason(
    "REMAINDER_BY_ZERO", "remainder by zero", hint: "try_mod(a, b) gives null instead")
}

/// `-x` on integers.
enum Negation {
  static let kernel = Kernel(canFail: true) { arguments in
    let source = arguments[0].column
    switch source.storage {
    case .int8(let values):
      let valid = try check(arguments, values)
      return Column(arguments.type, .int8(map(values) { 0 &- $0 }), validity: valid)
    case .int16(let values):
      let valid = try check(arguments, values)
      return Column(arguments.type, .int16(map(values) { 0 &- $0 }), validity: valid)
    case .int32(let values):
      let valid = try check(arguments, values)
      return Column(arguments.type, .int32(map(values) { 0 &- $0 }), validity: valid)
    case .int64(let values):
      let valid = try check(arguments, values)
      return Column(arguments.type, .int64(map(values) { 0 &- $0 }), validity: valid)
    case .float(let values):
      return Column(arguments.type, .float(map(values) { -$0 }), validity: source.validity)
    case .double(let values):
      return Column(arguments.type, .double(map(values) { -$0 }), validity: source.validity)
    default:
      let negated = map(source.decimals) { 0 &- $0 }
      return Column(arguments.type, .decimal(negated), validity: source.validity)
    }
  }

  /// The smallest value has no counterpart.
  static func check<Value: FixedWidthInteger & BitwiseCopyable>(
    _ arguments: Arguments, _ values: Buffer<Value>
  ) throws -> Bitmap? {
    let validity = arguments[0].column.validity
    let span = values.span
    guard span.indices.contains(where: { span[$0] == .min }) else { return validity }
    return try arguments.checked(validity) { row in
      values[row] == .min ? .overflow(of: arguments.type) : nil
    }
  }
}
