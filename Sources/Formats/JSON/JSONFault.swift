/// What is wrong with a record, together with the place where it was found.
enum JSONFault {
  case expectedObject
  case expectedKey
  case expectedKeyOrEnd
  case expectedColon
  case expectedValue
  case expectedCommaOrBrace
  case expectedCommaOrBracket
  case expectedDigit
  case leadingZero
  case unclosedString
  case controlCharacter
  case invalidUTF8
  case unknownEscape
  case incompleteEscape
  case loneSurrogate
  case tooDeep
  case trailing
  /// The value is no value of the field's type.
  case mismatch(node: Int)

  /// A key that is none of the object's fields.
  case newField(node: Int)

  /// How many objects and arrays may stand in each other.
  static let depthMax = 256

  /// - Parameters:
  ///   - place: where the fault was found.
  ///   - plan: nil where there are no mismatches.
  func message(at place: JSONCursor, plan: JSONPlan?) -> String {
    switch self {
    case .expectedObject: "expected an object but found \(place.phrase)"
    case .expectedKey: "expected a key in double quotes but found \(place.phrase)"
    case .expectedKeyOrEnd: "expected a key in double quotes or '}' but found \(place.phrase)"
    case .expectedColon: "expected ':' behind a key but found \(place.phrase)"
    case .expectedValue: "expected a value but found \(place.phrase)"
    case .expectedCommaOrBrace: "expected ',' or '}' but found \(place.phrase)"
    case .expectedCommaOrBracket: "expected ',' or ']' but found \(place.phrase)"
    case .expectedDigit: "expected a digit but found \(place.phrase)"
    case .leadingZero: "a number begins with a needless zero"
    case .unclosedString: "a string is not closed"
    case .controlCharacter: "a string holds the control character \(place.phrase), not escaped"
    case .invalidUTF8: "invalid UTF-8: \(place.hexadecimal)"
    case .unknownEscape: "no escape '\\\((place + 1).character)'"
    case .incompleteEscape: "expected four hexadecimal digits behind '\\u'"
    case .loneSurrogate: "half of a surrogate pair: '\(place.text(6))'"
    case .tooDeep: "nested deeper than \(JSONFault.depthMax) levels"
    case .trailing: "expected the end of the line behind the object but found \(place.phrase)"
    case .mismatch(let node): mismatchMessage(plan?.nodes[node], place)
    case .newField(let node): newFieldMessage(plan?.nodes[node], place)
    }
  }

  private func mismatchMessage(_ node: JSONPlan.Node?, _ place: JSONCursor) -> String {
    guard let node else { return "unexpected \(place.valueExcerpt)" }
    return "'\(node.label)': expected \(node.type.phrase) but found \(place.valueExcerpt)"
  }
}

extension JSONFault {
  private func newFieldMessage(_ node: JSONPlan.Node?, _ place: JSONCursor) -> String {
    let names = node.map { $0.names.map { String(decoding: $0, as: UTF8.self) } } ?? []
    let known = names.joined(separator: ", ")
    let label = node?.label ?? ""
    let whole = label.isEmpty ? "" : " in '\(label)'"
    return "unknown field \(place.valueExcerpt)\(whole); there may be: \(known)"
  }
}

extension JSONCursor {
  /// What stands here, for messages.
  fileprivate var phrase: String {
    switch byte {
    case 0x0A: "the end of the line"
    case 0x0D: self[1] == 0x0A ? "the end of the line" : hexadecimal
    case 0..<0x20, 0x7F: hexadecimal
    case UInt8(ascii: "{"): "an object"
    case UInt8(ascii: "["): "an array"
    default: "'\(character)'"
    }
  }

  fileprivate var hexadecimal: String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "byte 0x\(digits.count == 1 ? "0" : "")\(digits)"
  }

  /// The character that stands here; a byte that begins none is replaced.
  fileprivate var character: String {
    if byte < 0x80 { return byte == 0x0A ? "" : text(1) }
    return text(max(1, utf8Length))
  }

  /// The next bytes, but nothing behind the line's end.
  func text(_ count: Int) -> String {
    // Not by `lineEnd`, which goes through a line that may hold thousands of such texts.
    var length = 0
    while length < count, unsafe pointer[length] != 0x0A { length += 1 }
    return unsafe String(
      decoding: UnsafeBufferPointer(start: pointer, count: length), as: UTF8.self)
  }

  /// The value that stands here, shortened.
  fileprivate var valueExcerpt: String {
    var scanner = JSONScanner()
    let length = scanner.skipValue(self, depth: 0).map { $0 - self } ?? 1
    guard length > 60 else { return "'\(text(length))'" }
    var cut = 60
    while cut > 0, unsafe pointer[cut] & 0xC0 == 0x80 { cut -= 1 }
    return "'\(text(cut))…'"
  }
}
