import Columnar
import Diagnostics

extension Parser {
  /// The value of a numeric literal: Spark's types, the smallest integer type from `int` up.
  func number(_ form: NumberForm, isNegative: Bool, _ range: Range<Int>) throws -> Literal {
    let text = (isNegative ? "-" : "") + form.digits
    switch form.suffix {
    case .tinyint: return .tinyint(try integer(text, range, "tinyint"))
    case .smallint: return .smallint(try integer(text, range, "smallint"))
    case .bigint: return .bigint(try integer(text, range, "bigint"))
    case .float:
      guard let value = Float(text), value.isFinite else { throw outOfRange(text, range, "float") }
      return .float(value)
    case .double: return .double(try double(text, range))
    case .decimal: return try decimal(form, isNegative: isNegative, range)
    case nil: break
    }
    if form.hasExponent { return .double(try double(text, range)) }
    if form.hasPoint { return try decimal(form, isNegative: isNegative, range) }
    if let value = Int32(text) { return .int(value) }
    if let value = Int64(text) { return .bigint(value) }
    return try decimal(form, isNegative: isNegative, range)
  }

  private func integer<Value: FixedWidthInteger>(
    _ text: String, _ range: Range<Int>, _ type: String
  ) throws -> Value {
    guard let value = Value(text) else { throw outOfRange(text, range, type) }
    return value
  }

  private func double(_ text: String, _ range: Range<Int>) throws -> Double {
    guard let value = Double(text), value.isFinite else { throw outOfRange(text, range, "double") }
    return value
  }

  private func outOfRange(_ text: String, _ range: Range<Int>, _ type: String) -> StreamError {
    failure("\(text) is out of the range of \(type)", range)
  }

  /// A decimal with as many digits as were written.
  private func decimal(
    _ form: NumberForm, isNegative: Bool, _ range: Range<Int>
  ) throws -> Literal {
    let parts = form.digits.split(omittingEmptySubsequences: false) { "eE".contains($0) }
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = mantissa.count > 1 ? mantissa[1] : ""
    let digits = (mantissa[0] + fraction).drop { $0 == "0" }
    let exponent = parts.count > 1 ? Int(parts[1]) : 0
    let tooLong = failure(
      "a decimal has at most \(DataType.maxDecimalPrecision) digits", range,
      hint: "write a double: \(form.digits)D")
    guard let exponent, abs(exponent) <= 100, digits.utf8.count <= DataType.maxDecimalPrecision
    else { throw tooLong }
    let scale = max(0, fraction.utf8.count - exponent)
    let zeros = digits.isEmpty ? 0 : max(0, exponent - fraction.utf8.count)
    let precision = max(1, scale, digits.utf8.count + zeros)
    guard precision <= DataType.maxDecimalPrecision else { throw tooLong }
    let unscaled = Int128(digits + String(repeating: "0", count: zeros)) ?? 0
    return .decimal(isNegative ? -unscaled : unscaled, precision: precision, scale: scale)
  }
}
