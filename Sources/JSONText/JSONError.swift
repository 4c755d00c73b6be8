/// Why a text is not JSON. Offsets count bytes from the start of the text.
package enum JSONError: Error, Equatable {
  /// `found` is nil at the end of the text.
  case expected(Expectation, found: UInt8?, offset: Int)
  case controlCharacter(UInt8, offset: Int)
  case invalidEscape(offset: Int)
  case loneSurrogate(offset: Int)
  case invalidUTF8(offset: Int)
  /// An integer beyond 64 bits, or a number beyond the doubles.
  case numberOutOfRange(offset: Int)
  case tooDeep(offset: Int)

  package enum Expectation: String, Sendable {
    case value = "a value"
    case key = "a key"
    case colon = "':'"
    case commaOrBracket = "',' or ']'"
    case commaOrBrace = "',' or '}'"
    case digit = "a digit"
    case quote = "'\"'"
    case end = "the end"
  }
}

extension JSONError {
  package var offset: Int {
    switch self {
    case .expected(_, _, let offset), .controlCharacter(_, let offset), .invalidEscape(let offset),
      .loneSurrogate(let offset), .invalidUTF8(let offset), .numberOutOfRange(let offset),
      .tooDeep(let offset):
      offset
    }
  }

  /// What is wrong and where, for people.
  package var message: String {
    "\(reason) at offset \(offset)"
  }

  private var reason: String {
    switch self {
    case .expected(let expectation, let found, _):
      "expected \(expectation.rawValue) but found \(found.map(Self.name) ?? "the end")"
    case .controlCharacter(let byte, _): "\(Self.name(byte)) in a string"
    case .invalidEscape: "invalid escape"
    case .loneSurrogate: "half of a surrogate pair"
    case .invalidUTF8: "invalid UTF-8"
    case .numberOutOfRange: "number out of range"
    case .tooDeep: "too many levels"
    }
  }

  private static func name(_ byte: UInt8) -> String {
    if 0x21...0x7E ~= byte { return "'\(Unicode.Scalar(byte))'" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
  }
}
