/// Where a text stops to be UTF-8; nil if it is valid to its end.
///
/// Strict: overlong forms, surrogates and code points beyond U+10FFFF are invalid.
package func firstInvalidUTF8(_ text: Span<UInt8>) -> Int? {
  unsafe text.withUnsafeBufferPointer { bytes in
    guard let start = bytes.baseAddress else { return nil }
    return unsafe firstInvalidUTF8(start, count: bytes.count)
  }
}

/// Where a text stops to be UTF-8; nil if it is valid to its end.
///
/// - Parameter text: `count` readable bytes.
/// - Returns: the offset of the first byte of the first sequence that is invalid or cut off.
@unsafe
package func firstInvalidUTF8(_ text: UnsafePointer<UInt8>, count: Int) -> Int? {
  var index = 0
  while index < count {
    index = unsafe skipASCII(text, from: index, count: count)
    // Where one byte is beyond ASCII more of them follow.
    while index < count, unsafe text[index] >= 0x80 {
      let length = unsafe sequenceLength(text + index, count: count - index)
      guard length > 0 else { return index }
      index += length
    }
  }
  return nil
}

/// The offset of the first byte beyond ASCII; `count` if there is none.
@unsafe @inline(__always)
private func skipASCII(_ text: UnsafePointer<UInt8>, from first: Int, count: Int) -> Int {
  let raw = unsafe UnsafeRawPointer(text)
  var index = first
  while count - index >= 64 {
    var block = SIMD8<UInt64>()
    unsafe block = (raw + index).loadUnaligned(as: SIMD8<UInt64>.self)
    let high = block & SIMD8(repeating: 0x8080_8080_8080_8080)
    guard high.lowHalf | high.highHalf == SIMD4<UInt64>() else { break }
    index += 64
  }
  while count - index >= 8 {
    let word = unsafe UInt64(littleEndian: (raw + index).loadUnaligned(as: UInt64.self))
    let high = word & 0x8080_8080_8080_8080
    if high != 0 { return index + high.trailingZeroBitCount / 8 }
    index += 8
  }
  while index < count, unsafe text[index] < 0x80 { index += 1 }
  return index
}

/// How many bytes the sequence that begins with a byte beyond ASCII takes; 0 if it is invalid.
/// Unicode, table 3-7.
@unsafe @inline(__always)
private func sequenceLength(_ text: UnsafePointer<UInt8>, count: Int) -> Int {
  let lead = unsafe text[0]
  guard lead >= 0xC2, lead <= 0xF4, count >= 2 else { return 0 }
  let second = unsafe text[1]
  if lead < 0xE0 { return isContinuation(second) ? 2 : 0 }
  guard count >= 3, isContinuation(second), unsafe isContinuation(text[2]) else { return 0 }
  if lead < 0xF0 {
    // Not overlong, and no surrogate.
    if lead == 0xE0 && second < 0xA0 || lead == 0xED && second > 0x9F { return 0 }
    return 3
  }
  guard count >= 4, unsafe isContinuation(text[3]) else { return 0 }
  if lead == 0xF0 && second < 0x90 || lead == 0xF4 && second > 0x8F { return 0 }
  return 4
}

@inlinable @inline(__always)
func isContinuation(_ byte: UInt8) -> Bool {
  byte & 0xC0 == 0x80
}

/// How many code points a valid UTF-8 text has.
package func codePointCount(_ text: Span<UInt8>) -> Int {
  unsafe text.withUnsafeBufferPointer { bytes in
    guard let start = bytes.baseAddress else { return 0 }
    return unsafe codePointCount(start, count: bytes.count)
  }
}

/// - Parameter text: `count` readable bytes of valid UTF-8.
@unsafe
package func codePointCount(_ text: UnsafePointer<UInt8>, count: Int) -> Int {
  var (continuations, index) = (0, 0)
  let last = count &- 8
  while index <= last {
    // A byte of the sum counts those at its place: of all eight no more than fit into one.
    var sum: UInt64 = 0
    let end = min(last, index &+ 30 &* 8)
    while index <= end {
      unsafe sum &+= continuationMarks(text + index)
      index &+= 8
    }
    continuations &+= Int(truncatingIfNeeded: (sum &* 0x0101_0101_0101_0101) &>> 56)
  }
  if index < count, last >= 0 {
    // The last eight, of which the first were counted already.
    let marks = unsafe continuationMarks(text + last) &>> UInt64(8 &* (index &- last))
    return count &- continuations
      &- Int(truncatingIfNeeded: (marks &* 0x0101_0101_0101_0101) &>> 56)
  }
  while index < count {
    if unsafe isContinuation(text[index]) { continuations &+= 1 }
    index &+= 1
  }
  return count &- continuations
}

/// A 1 for each of eight bytes that begins no code point: 1 and 0 stand in front of it.
@unsafe @inline(__always)
private func continuationMarks(_ text: UnsafePointer<UInt8>) -> UInt64 {
  let word = unsafe UnsafeRawPointer(text).loadUnaligned(as: UInt64.self)
  return word &>> 7 & ~(word &>> 6) & 0x0101_0101_0101_0101
}

/// The byte offset at which code point `number` (from 0) of a valid UTF-8 text begins; the number
/// of bytes if it has no more than `number` code points.
package func codePointOffset(_ text: Span<UInt8>, _ number: Int) -> Int {
  unsafe text.withUnsafeBufferPointer { bytes in
    guard let start = bytes.baseAddress else { return 0 }
    return unsafe codePointOffset(start, count: bytes.count, number)
  }
}

/// - Parameter text: `count` readable bytes of valid UTF-8.
@unsafe
package func codePointOffset(_ text: UnsafePointer<UInt8>, count: Int, _ number: Int) -> Int {
  guard number > 0 else { return 0 }
  let raw = unsafe UnsafeRawPointer(text)
  var index = 0
  var left = number
  // A word of eight bytes has at most eight beginnings.
  while left > 8, count - index >= 8 {
    let word = unsafe (raw + index).loadUnaligned(as: UInt64.self)
    // A continuation byte is 10xxxxxx.
    let continuations = word & ~(word &<< 1) & 0x8080_8080_8080_8080
    left -= 8 - continuations.nonzeroBitCount
    index += 8
  }
  while index < count {
    if unsafe !isContinuation(text[index]) {
      if left == 0 { return index }
      left -= 1
    }
    index += 1
  }
  return count
}
