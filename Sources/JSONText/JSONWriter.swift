package import Scalars

/// The largest magnitude up to which every reader of JSON has exact integers: 2^53.
private let exactIntegerMax: UInt64 = 1 << 53

extension JSON {
  /// The value as compact text: no whitespace, members in their order, so that equal values give
  /// equal bytes.
  ///
  /// Integers beyond ±2^53, NaN and the infinities are written as strings.
  package var text: String {
    var text = ByteText()
    text.appendJSON(self)
    return text.string
  }
}

extension ByteText {
  /// Appends a value as compact text. See ``JSON/text``.
  package mutating func appendJSON(_ value: JSON) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .integer(let value): appendJSONInteger(value)
    case .double(let value): appendJSONDouble(value)
    case .string(let value): appendJSONString(value)
    case .array(let elements):
      append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        appendJSON(element)
      }
      append(UInt8(ascii: "]"))
    case .object(let members):
      append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        appendJSONString(member.key)
        append(UInt8(ascii: ":"))
        appendJSON(member.value)
      }
      append(UInt8(ascii: "}"))
    }
  }

  private mutating func appendJSONInteger(_ value: Int64) {
    let isExact = value.magnitude <= exactIntegerMax
    if !isExact { append(UInt8(ascii: "\"")) }
    appendInteger(value)
    if !isExact { append(UInt8(ascii: "\"")) }
  }

  /// Appends a number; NaN and the infinities as strings.
  package mutating func appendJSONDouble(_ value: Double) {
    if !value.isFinite { append(UInt8(ascii: "\"")) }
    appendDouble(value)
    if !value.isFinite { append(UInt8(ascii: "\"")) }
  }

  /// Appends a string with its quotes and escapes.
  package mutating func appendJSONString(_ string: String) {
    var string = string
    string.withUTF8 { utf8 in
      guard let start = utf8.baseAddress else { return append("\"\"") }
      unsafe appendJSONString(start, count: utf8.count)
    }
  }

  /// Appends a string with its quotes and escapes.
  ///
  /// - Parameter utf8: valid UTF-8.
  package mutating func appendJSONString(_ utf8: Span<UInt8>) {
    unsafe utf8.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return append("\"\"") }
      unsafe appendJSONString(start, count: bytes.count)
    }
  }

  /// - Parameter utf8: `count` readable bytes of valid UTF-8, outside of this text.
  @unsafe
  package mutating func appendJSONString(_ utf8: UnsafePointer<UInt8>, count: Int) {
    append(UInt8(ascii: "\""))
    var first = 0
    while true {
      let end = unsafe skipPlain(utf8, from: first, count: count)
      unsafe append(utf8 + first, count: end - first)
      guard end < count else { break }
      unsafe appendEscape(utf8[end])
      first = end + 1
    }
    append(UInt8(ascii: "\""))
  }

  private mutating func appendEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    default:
      append("\\u00")
      append(UInt8(ascii: byte < 0x10 ? "0" : "1"))
      let low = byte & 0x0F
      append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
    }
  }
}

/// The offset of the first byte that needs an escape; `count` if there is none.
@unsafe
private func skipPlain(_ text: UnsafePointer<UInt8>, from first: Int, count: Int) -> Int {
  let ones: UInt64 = 0x0101_0101_0101_0101
  let highs: UInt64 = 0x8080_8080_8080_8080
  var index = first
  while count - index >= 8 {
    let raw = unsafe UnsafeRawPointer(text + index)
    let word = unsafe UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    // A zero byte, or one below 0x20, borrows from its high bit. What a borrow wrongly marks lies
    // above a byte that is rightly marked, so the lowest mark is true.
    let marks =
      ((word &- ones &* 0x20) & ~word) | ((quotes &- ones) & ~quotes)
      | ((backslashes &- ones) & ~backslashes)
    let found = marks & highs
    if found != 0 { return index + found.trailingZeroBitCount / 8 }
    index += 8
  }
  while index < count {
    let byte = unsafe text[index]
    if byte < 0x20 || byte == 0x22 || byte == 0x5C { break }
    index += 1
  }
  return index
}
