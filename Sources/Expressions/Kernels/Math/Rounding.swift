import Columnar
import Glibc
import Scalars

/// `round` and `bround`: to a number of digits behind the point, or before it when negative.
enum Rounding: Sendable {
  /// Halves away from zero.
  case halfUp
  /// Halves to the even neighbour.
  case halfEven
  case floor
  case ceiling

  /// - Parameter digits: a constant.
  func bind(_ value: Node, digits: Int, _ call: CallBinder) -> Node {
    switch value.type {
    case .decimal(let precision, let scale):
      let type = decimalType(precision, scale, digits)
      let target = type.decimalForm?.scale ?? 0
      return call.call(
        decimalKernel(from: scale, digits: min(digits, scale), to: target), [value], type)
    case .float, .double: return call.call(floatingKernel(digits), [value], value.type)
    default:
      if digits >= 0 { return value }
      return call.call(integerKernel(digits), [value], value.type)
    }
  }

  private func decimalType(_ precision: Int, _ scale: Int, _ digits: Int) -> DataType {
    let whole = precision - scale + 1
    if digits < 0 {
      return .decimal(precision: min(max(whole, 1 - digits), 38), scale: 0)
    }
    let kept = min(scale, digits)
    return .decimal(precision: min(whole + kept, 38), scale: kept)
  }

  private func decimalKernel(from scale: Int, digits: Int, to target: Int) -> Kernel {
    Kernel(canFail: true) { arguments in
      let values = arguments.decimals(0)
      let precision = arguments.type.decimalForm?.precision ?? 38
      return try arguments.makeDecimals { row in
        let dropped = scale - digits
        guard dropped <= 38 else { return 0 }
        let whole = rounded(values[row], dividingBy: powersOfTen[dropped])
        let shift = target - digits
        guard
          let value = DecimalMath.rescaled(whole, by: shift, limit: powersOfTen[precision])
        else { throw Reason.doesNotFit(arguments.type) }
        return value
      }
    }
  }

  func rounded(_ value: Int128, dividingBy divisor: Int128) -> Int128 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    guard remainder != 0 else { return quotient }
    let away = quotient + (value < 0 ? -1 : 1)
    switch self {
    case .floor: return value < 0 ? away : quotient
    case .ceiling: return value < 0 ? quotient : away
    case .halfUp, .halfEven:
      let rest = divisor.magnitude - remainder.magnitude
      if remainder.magnitude == rest {
        return self == .halfUp || quotient % 2 != 0 ? away : quotient
      }
      return remainder.magnitude > rest ? away : quotient
    }
  }

  /// By way of the shortest decimal text, as Spark does: 2.675 rounds to 2.68.
  private func floatingKernel(_ digits: Int) -> Kernel {
    Kernel { arguments in
      let column = arguments[0].column
      if case .float(let values) = column.storage {
        let rounded = map(values) { value in
          value.isFinite ? Float(round(column: Double("\(value)") ?? Double(value), digits)) : value
        }
        return Column(.float, .float(rounded), validity: column.validity)
      }
      let rounded = map(column.doubles) { $0.isFinite ? round(column: $0, digits) : $0 }
      return Column(.double, .double(rounded), validity: column.validity)
    }
  }

  private func round(column value: Double, _ digits: Int) -> Double {
    if digits >= 0, value.magnitude >= 4_503_599_627_370_496 { return value }
    if digits == 0, value.magnitude < 1e15 {
      return value.rounded(self == .halfUp ? .toNearestOrAwayFromZero : .toNearestOrEven)
    }
    guard digits > -310 else { return 0 }
    if 1...15 ~= digits, let quick = quickly(value, digits) { return quick }
    var decimal = ShortestDecimal(value)
    decimal.round(to: digits, self)
    return decimal.value
  }

  /// Rounded by way of a multiplication; nil when that is too near to the middle to tell.
  private func quickly(_ value: Double, _ digits: Int) -> Double? {
    let unit = Double(Int64(powersOfTen[digits]))
    let scaled = value.magnitude * unit
    guard scaled < 1e11 else { return nil }
    let whole = Double(Int64(scaled))
    let rest = scaled - whole
    guard abs(rest - 0.5) > 1e-3 else { return nil }
    // A quotient of two exact numbers is the double nearest to the decimal.
    let rounded = (whole + (rest > 0.5 ? 1 : 0)) / unit
    return value.sign == .minus ? -rounded : rounded
  }

  private func integerKernel(_ digits: Int) -> Kernel {
    Kernel(canFail: true) { arguments in
      let vector = arguments[0]
      func rounded(_ row: Int) throws -> Int64 {
        guard digits >= -19 else { return 0 }
        let unit = powersOfTen[-digits]
        let whole = self.rounded(Int128(vector.column.integer(row)), dividingBy: unit) * unit
        guard let value = Int64(exactly: whole) else { throw Reason.overflow(of: arguments.type) }
        return value
      }
      let wide = try Arguments(
        vectors: arguments.vectors, type: .bigint, rowCount: arguments.rowCount,
        isTrying: arguments.isTrying, context: arguments.context
      ).makeInt64s { try rounded($0) }
      guard arguments.type != .bigint else { return wide }
      return try Cast.number(from: .bigint, to: arguments.type)
        .applied(to: wide, arguments.type, arguments)
    }
  }
}

/// A finite double by the digits of its shortest text.
struct ShortestDecimal {
  private var digits: [UInt8]
  /// The value is 0.d₁d₂… × 10^exponent.
  private var exponent: Int
  private let isNegative: Bool

  init(_ value: Double) {
    isNegative = value.sign == .minus
    var text = ByteText()
    text.appendJavaDouble(value.magnitude)
    var digits: [UInt8] = []
    var point: Int?
    var shift = 0
    let bytes = text.bytes
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: ".") {
        point = digits.count
      } else if byte == UInt8(ascii: "E") {
        shift = Int(String(decoding: bytes[(index + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte - UInt8(ascii: "0"))
      }
    }
    exponent = (point ?? digits.count) + shift
    let zeros = digits.prefix { $0 == 0 }.count
    digits.removeFirst(zeros)
    exponent -= zeros
    self.digits = digits
  }

  /// - Parameter places: behind the point.
  mutating func round(to places: Int, _ rule: Rounding) {
    let kept = exponent + places
    guard kept < digits.count else { return }
    guard kept >= 0 else {
      digits = []
      return
    }
    let dropped = digits[kept...]
    let isHalf = dropped.first == 5 && dropped.dropFirst().allSatisfy { $0 == 0 }
    let isUp =
      isHalf
      ? rule == .halfUp || (kept > 0 ? digits[kept - 1] % 2 == 1 : false)
      : (dropped.first ?? 0) >= 5
    digits.removeSubrange(kept...)
    guard isUp else { return }
    var place = kept - 1
    while place >= 0 {
      if digits[place] < 9 {
        digits[place] += 1
        return
      }
      digits[place] = 0
      place -= 1
    }
    digits.insert(1, at: 0)
    exponent += 1
  }

  /// The digits before the point, for a number that is an integer.
  var wholeDigits: String {
    let text = String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    return text + String(repeating: "0", count: max(0, exponent - digits.count))
  }

  var value: Double {
    guard !digits.isEmpty else { return isNegative ? -0.0 : 0 }
    let text = String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    let magnitude = Double("0.\(text)e\(exponent)") ?? 0
    return isNegative ? -magnitude : magnitude
  }
}

/// `floor` and `ceil` to an integer.
enum WholePart {
  static func bind(_ rule: Rounding, _ call: CallBinder) throws -> Node {
    let value = try call.argument(0, .number)
    if call.count > 1 { return try bindScaled(rule, value, call) }
    switch value.type {
    case .decimal(let precision, let scale):
      let type = DataType.decimal(precision: min(38, precision - scale + 1), scale: 0)
      let kernel = Kernel { arguments in
        let column = arguments[0].column
        let whole = map(column.decimals) { rule.rounded($0, dividingBy: powersOfTen[scale]) }
        return Column(arguments.type, .decimal(whole), validity: column.validity)
      }
      return call.call(kernel, [value], type)
    case .float, .double:
      let double = try call.binder.converted(value, to: .double)
      return call.call(toInteger(rule), [double], .bigint)
    default: return try call.binder.converted(value, to: .bigint)
    }
  }

  /// `ceil(x, 1)`: a decimal.
  private static func bindScaled(_ rule: Rounding, _ value: Node, _ call: CallBinder) throws -> Node
  {
    let digits = try ConstantArgument.int(1, of: call)
    let decimal: Node
    switch value.type {
    case .decimal: decimal = value
    case .float: decimal = try call.binder.converted(value, to: .decimal(precision: 14, scale: 7))
    case .double: decimal = try call.binder.converted(value, to: .decimal(precision: 30, scale: 15))
    default:
      let precision = value.type.decimalForm?.precision ?? 20
      decimal = try call.binder.converted(value, to: .decimal(precision: precision, scale: 0))
    }
    return rule.bind(decimal, digits: digits, call)
  }

  private static func toInteger(_ rule: Rounding) -> Kernel {
    Kernel(canFail: true) { arguments in
      let values = arguments.doubles(0)
      let direction: FloatingPointRoundingRule = rule == .floor ? .down : .up
      var isPlain = true
      let whole = map(values.values) { value -> Int64 in
        let fits = value > -9e18 && value < 9e18
        isPlain = isPlain && fits
        let cut = fits ? Int64(value) : 0
        let rest = value - Double(cut)
        return cut &+ (rule == .floor ? (rest < 0 ? -1 : 0) : (rest > 0 ? 1 : 0))
      }
      if isPlain { return Column(.bigint, .int64(whole), validity: arguments[0].column.validity) }
      return try arguments.makeInt64s { row in
        let cut = values[row].rounded(direction)
        if let whole = Int64(exactly: cut) { return whole }
        // As Java's conversion has it.
        guard cut.isNaN else { throw Reason.overflow(of: .bigint) }
        return 0
      }
    }
  }
}

/// Arguments that must be the same for all rows.
enum ConstantArgument {
  static func int(_ index: Int, of call: CallBinder) throws -> Int {
    let node = try call.argument(index, .int)
    guard let constant = node.constant, !constant.isNull(0) else {
      throw call.failure(
        "\(call.name)(): \(call.binder.describe(call[index])) is not a constant", call[index].range)
    }
    return Int(constant.integer(0))
  }
}
