import Columnar
import Scalars

/// `format_number(number, decimals)`: `1,234,567.9`, halves to the even digit.
enum NumberFormat {
  static func bind(_ call: CallBinder) throws -> Node {
    let number = try call.argument(0, .number)
    if call[1].type == .string, !call[1].isConstantNull {
      throw call.failure(
        "format_number() takes a number of decimals, not a pattern", call[1].range)
    }
    return call.call(kernel, [number, try call.argument(1, .int)], .string)
  }

  private static let kernel = Kernel { arguments in
    let number = arguments[0]
    let places = arguments.int32s(1)
    return try arguments.makeStrings { row, output in
      guard places[row] >= 0 else { return false }
      let text = text(number.column, number.slot(row), places: min(340, Int(places[row])))
      output.append(text)
      return true
    }
  }

  private static func text(_ column: Column, _ slot: Int, places: Int) -> String {
    switch column.storage {
    case .float(let values): return text(Double(values[slot]), places: places)
    case .double(let values): return text(values[slot], places: places)
    case .decimal(let values):
      let scale = column.type.decimalForm?.scale ?? 0
      return fixed(values[slot], scale: scale, places: places)
    default: return fixed(Int128(column.integer(slot)), scale: 0, places: places)
    }
  }

  private static func text(_ value: Double, places: Int) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-∞" : "∞" }
    if value.magnitude >= 1e17 {
      let whole = ShortestDecimal(value).wholeDigits
      let fraction = String(repeating: "0", count: places)
      return grouped(isNegative: value < 0, whole: whole, fraction: fraction)
    }
    let digits = ExactDecimal(value, places: places)
    return grouped(isNegative: digits.isNegative, whole: digits.whole, fraction: digits.fraction)
  }

  private static func fixed(_ unscaled: Int128, scale: Int, places: Int) -> String {
    var (value, scale) = (unscaled, scale)
    if places < scale {
      value = Rounding.halfEven.rounded(value, dividingBy: powersOfTen[scale - places])
      scale = places
    }
    let digits = "\(value.magnitude)"
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
    let fraction = padded.suffix(scale) + String(repeating: "0", count: places - scale)
    return grouped(
      isNegative: value < 0, whole: String(padded.dropLast(scale)), fraction: String(fraction))
  }

  static func grouped(isNegative: Bool, whole: String, fraction: String) -> String {
    var text = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.utf8.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (isNegative ? "-" : "") + text + (fraction.isEmpty ? "" : ".\(fraction)")
  }
}

/// A finite double by its exact digits, rounded to a number of places, halves to the even digit.
struct ExactDecimal {
  let isNegative: Bool
  let whole: String
  let fraction: String

  init(_ value: Double, places: Int, rule: Rounding = .halfEven) {
    isNegative = value.sign == .minus
    // The exact value is mantissa × 2^exponent; its decimal digits by long arithmetic.
    let magnitude = value.magnitude
    var mantissa = magnitude == 0 ? 0 : UInt64(magnitude.significandBitPattern)
    var power = Int(magnitude.exponentBitPattern) - 1075
    if magnitude.exponentBitPattern == 0 {
      power = -1074
    } else if magnitude != 0 {
      mantissa |= 1 << 52
    }
    var number = LongNumber(mantissa)
    var scale = 0
    if power > 0 {
      for _ in 0..<power { number.multiply(by: 2) }
    } else if mantissa != 0 {
      // m / 2^k is m × 5^k / 10^k.
      while power < 0, mantissa & 1 == 0 {
        mantissa >>= 1
        power += 1
      }
      number = LongNumber(mantissa)
      for _ in 0..<max(0, -power) { number.multiply(by: 5) }
      scale = max(0, -power)
    }
    var digits = number.digits
    if digits.count <= scale {
      digits.insert(contentsOf: repeatElement(0, count: scale + 1 - digits.count), at: 0)
    }
    if places < scale { Self.round(&digits, dropping: scale - places, rule) }
    let kept = min(places, scale)
    let text = String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    whole = String(text.dropLast(kept))
    fraction = String(text.suffix(kept)) + String(repeating: "0", count: places - kept)
  }

  private static func round(_ digits: inout [UInt8], dropping count: Int, _ rule: Rounding) {
    let kept = digits.count - count
    guard kept >= 0 else { return digits = [0] }
    let dropped = digits[kept...]
    let isHalf = dropped.first == 5 && dropped.dropFirst().allSatisfy { $0 == 0 }
    let isOdd = kept > 0 && digits[kept - 1] % 2 == 1
    let isUp = isHalf ? rule == .halfUp || isOdd : (dropped.first ?? 0) >= 5
    digits.removeSubrange(kept...)
    var place = kept - 1
    while isUp, place >= 0, digits[place] == 9 {
      digits[place] = 0
      place -= 1
    }
    if isUp, place >= 0 { digits[place] += 1 } else if isUp { digits.insert(1, at: 0) }
    if digits.isEmpty { digits = [0] }
  }
}

/// A natural number of any length.
private struct LongNumber {
  /// Nine digits each, the lowest first.
  private var limbs: [UInt32]

  init(_ value: UInt64) {
    limbs = [
      UInt32(value % 1_000_000_000), UInt32(value / 1_000_000_000 % 1_000_000_000),
      UInt32(value / 1_000_000_000_000_000_000),
    ]
  }

  mutating func multiply(by factor: UInt32) {
    var carry: UInt64 = 0
    for index in limbs.indices {
      let product = UInt64(limbs[index]) * UInt64(factor) + carry
      limbs[index] = UInt32(product % 1_000_000_000)
      carry = product / 1_000_000_000
    }
    if carry > 0 { limbs.append(UInt32(carry)) }
  }

  /// The highest first; one at least.
  var digits: [UInt8] {
    var digits: [UInt8] = []
    for limb in limbs.reversed() {
      let text = String(limb)
      digits +=
        [UInt8](repeating: 0, count: 9 - text.utf8.count) + text.utf8.map { $0 - UInt8(ascii: "0") }
    }
    let zeros = digits.prefix { $0 == 0 }.count
    digits.removeFirst(min(zeros, digits.count - 1))
    return digits
  }
}
