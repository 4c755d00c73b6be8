/// A natural number of 256 bits: what two decimals multiply to.
struct Wide {
  var high: UInt128
  var low: UInt128

  init(_ value: UInt128) {
    high = 0
    low = value
  }

  init(_ left: UInt128, times right: UInt128) {
    (high, low) = left.multipliedFullWidth(by: right)
  }

  init(high: UInt128, low: UInt128) {
    self.high = high
    self.low = low
  }

  /// nil when it needs more than 128 bits.
  var narrow: UInt128? { high == 0 ? low : nil }

  static func + (left: Wide, right: Wide) -> Wide {
    let (low, carry) = left.low.addingReportingOverflow(right.low)
    return Wide(high: left.high &+ right.high &+ (carry ? 1 : 0), low: low)
  }

  /// The difference, whichever is larger.
  func distance(to other: Wide) -> Wide {
    let (larger, smaller) = self < other ? (other, self) : (self, other)
    let (low, borrow) = larger.low.subtractingReportingOverflow(smaller.low)
    return Wide(high: larger.high &- smaller.high &- (borrow ? 1 : 0), low: low)
  }

  static func < (left: Wide, right: Wide) -> Bool {
    left.high == right.high ? left.low < right.low : left.high < right.high
  }

  /// - Precondition: the divisor is not 0.
  func divided(by divisor: UInt128) -> (quotient: Wide, remainder: UInt128) {
    let (highQuotient, rest) = high.quotientAndRemainder(dividingBy: divisor)
    let (lowQuotient, remainder) = divisor.dividingFullWidth((rest, low))
    return (Wide(high: highQuotient, low: lowQuotient), remainder)
  }

  /// Divided and rounded, halves away from zero.
  func rounded(dividingBy divisor: UInt128) -> Wide {
    let (quotient, remainder) = divided(by: divisor)
    return remainder >= divisor - remainder ? quotient + Wide(1) : quotient
  }
}
