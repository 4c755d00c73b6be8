import Columnar

/// `&`, `|`, `^` and shifts.
enum BitOperator: Sendable {
  case and
  case or
  case xor

  /// Arguments and result have one integer type.
  var kernel: Kernel {
    Kernel { arguments in
      let (left, right) = (arguments[0], arguments[1])
      let validity = arguments.validity
      switch left.column.storage {
      case .int8(let lefts):
        let values = compute(
          Lane(lefts, isConstant: left.isConstant),
          Lane(right.column.int8s, isConstant: right.isConstant), arguments.rowCount)
        return Column(arguments.type, .int8(values), validity: validity)
      case .int16(let lefts):
        let values = compute(
          Lane(lefts, isConstant: left.isConstant),
          Lane(right.column.int16s, isConstant: right.isConstant), arguments.rowCount)
        return Column(arguments.type, .int16(values), validity: validity)
      case .int32:
        let values = compute(arguments.int32s(0), arguments.int32s(1), arguments.rowCount)
        return Column(arguments.type, .int32(values), validity: validity)
      default:
        let values = compute(arguments.int64s(0), arguments.int64s(1), arguments.rowCount)
        return Column(arguments.type, .int64(values), validity: validity)
      }
    }
  }

  @inline(__always)
  private func compute<Value: FixedWidthInteger & BitwiseCopyable>(
    _ left: Lane<Value>, _ right: Lane<Value>, _ count: Int
  ) -> Buffer<Value> {
    switch self {
    case .and: zip(left, right, count: count) { $0 & $1 }
    case .or: zip(left, right, count: count) { $0 | $1 }
    case .xor: zip(left, right, count: count) { $0 ^ $1 }
    }
  }

  static let not = Kernel { arguments in
    let source = arguments[0].column
    let storage: Storage =
      switch source.storage {
      case .int8(let values): .int8(map(values) { ~$0 })
      case .int16(let values): .int16(map(values) { ~$0 })
      case .int32(let values): .int32(map(values) { ~$0 })
      default: .int64(map(source.int64s) { ~$0 })
      }
    return Column(arguments.type, storage, validity: source.validity)
  }
}

/// Shifts of `int` and `bigint` by an `int`, of which the low bits count, as in Java.
enum Shift: Sendable {
  case left
  case right
  case rightUnsigned

  var kernel: Kernel {
    Kernel { arguments in
      let (validity, count) = (arguments.validity, arguments.rowCount)
      if arguments.type == .int {
        let (values, shifts) = (arguments.int32s(0), arguments.int32s(1))
        let shifted =
          switch self {
          case .left: zip(values, shifts, count: count) { $0 &<< $1 }
          case .right: zip(values, shifts, count: count) { $0 &>> $1 }
          case .rightUnsigned:
            zip(values, shifts, count: count) {
              Int32(bitPattern: UInt32(bitPattern: $0) &>> UInt32(bitPattern: $1))
            }
          }
        return Column(.int, .int32(shifted), validity: validity)
      }
      let (values, shifts) = (arguments.int64s(0), arguments.int32s(1))
      let shifted =
        switch self {
        case .left: zip(values, shifts, count: count) { $0 &<< Int64($1) }
        case .right: zip(values, shifts, count: count) { $0 &>> Int64($1) }
        case .rightUnsigned:
          zip(values, shifts, count: count) {
            Int64(bitPattern: UInt64(bitPattern: $0) &>> UInt64(bitPattern: Int64($1)))
          }
        }
      return Column(.bigint, .int64(shifted), validity: validity)
    }
  }
}
