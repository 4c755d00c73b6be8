extension ByteText {
  /// Appends a decimal in plain notation, with exactly `scale` digits behind the point (none and
  /// no point for 0).
  ///
  /// - Parameter scale: 0 to 38.
  package mutating func appendDecimal(_ unscaled: Int128, scale: Int) {
    guard scale > 0 else { return appendInteger(unscaled) }
    precondition(scale <= decimalPrecisionMax)
    let target = unsafe claim(128)
    var text = unsafe target
    if unscaled < 0 {
      unsafe text.pointee = UInt8(ascii: "-")
      unsafe text += 1
    }
    // Digits are made further back, so that the point can go between them.
    let digits = unsafe target + 64
    let count = unsafe writeDigits(unscaled.magnitude, digits)
    let whole = count - scale
    if whole > 0 {
      unsafe text.update(from: digits, count: whole)
      unsafe text += whole
    } else {
      unsafe text.pointee = UInt8(ascii: "0")
      unsafe text += 1
    }
    unsafe text.pointee = UInt8(ascii: ".")
    unsafe text += 1
    let zeros = max(0, -whole)
    unsafe text.update(repeating: UInt8(ascii: "0"), count: zeros)
    unsafe (text + zeros).update(from: digits + max(0, whole), count: scale - zeros)
    unsafe commit(text - target + scale)
  }
}
