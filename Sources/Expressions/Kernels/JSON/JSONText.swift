import Columnar
import Scalars

extension MutableBuffer<UInt8> {
  /// Appends a text in quotes, escaped where it has to be.
  mutating func append(quoted text: Span<UInt8>) {
    append(0x22)
    for index in text.indices { append(escaped: text[index]) }
    append(0x22)
  }

  mutating func append(escaped byte: UInt8) {
    switch byte {
    case 0x22, 0x5C:
      append(0x5C)
      append(byte)
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    case 0..<0x20:
      append("\\u00")
      for digit in [byte >> 4, byte & 15] { append(digit < 10 ? 0x30 + digit : 0x37 + digit) }
    default: append(byte)
    }
  }
}

extension JSONTape {
  /// Appends the text of a string, its escapes undone.
  func appendText(
    of element: Element, _ text: Span<UInt8>, to output: inout MutableBuffer<UInt8>
  ) {
    let range = Int(element.start)..<Int(element.end)
    guard element.hasEscapes else { return output.append(contentsOf: text.extracting(range)) }
    var place = range.lowerBound
    while place < range.upperBound {
      let byte = text[place]
      place += 1
      guard byte == 0x5C else {
        output.append(byte)
        continue
      }
      let escape = text[place]
      place += 1
      switch escape {
      case 0x62: output.append(0x08)
      case 0x66: output.append(0x0C)
      case 0x6E: output.append(0x0A)
      case 0x72: output.append(0x0D)
      case 0x74: output.append(0x09)
      case 0x75: appendScalar(text, &place, range.upperBound, to: &output)
      default: output.append(escape)
      }
    }
  }

  /// The character of `\uHHHH`, or of two of them; half a character is replaced.
  private func appendScalar(
    _ text: Span<UInt8>, _ place: inout Int, _ end: Int, to output: inout MutableBuffer<UInt8>
  ) {
    func unit(_ start: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 << 4 | (hexadecimalDigit(text[start + $1]) ?? 0) }
    }
    var code = unit(place)
    place += 4
    if 0xD800...0xDBFF ~= code, end - place >= 6, text[place] == 0x5C, text[place + 1] == 0x75 {
      let low = unit(place + 2)
      if 0xDC00...0xDFFF ~= low {
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        place += 6
      }
    }
    let scalar = Unicode.Scalar(code) ?? "?"
    for byte in UTF8.encode(scalar).map({ Array($0) }) ?? [] { output.append(byte) }
  }

  /// The text of a string on its own.
  func text(of element: Element, _ text: Span<UInt8>) -> [UInt8] {
    var output = MutableBuffer<UInt8>()
    appendText(of: element, text, to: &output)
    return output.take().elements
  }

  func isText(_ element: Element, _ name: [UInt8], _ text: Span<UInt8>) -> Bool {
    if element.hasEscapes { return self.text(of: element, text) == name }
    guard Int(element.end - element.start) == name.count else { return false }
    for index in name.indices where text[Int(element.start) + index] != name[index] {
      return false
    }
    return true
  }

  /// Appends a value as JSON without spaces; numbers with a fraction as Java writes doubles.
  ///
  /// - Returns: the element behind it.
  @discardableResult
  func append(
    valueAt index: Int, _ text: Span<UInt8>, to output: inout MutableBuffer<UInt8>
  ) -> Int {
    let element = elements[index]
    switch element.kind {
    case .string: appendQuoted(element, text, to: &output)
    case .integer:
      let range = Int(element.start)..<Int(element.end)
      // There is no negative zero among integers.
      let isNegativeZero = range.count == 2 && text[range.lowerBound + 1] == 0x30
      output.append(
        contentsOf: text.extracting(
          isNegativeZero ? range.lowerBound + 1..<range.upperBound : range))
    case .real, .nonFinite: appendReal(element, text, to: &output)
    case .null, .true, .false:
      output.append(contentsOf: text.extracting(Int(element.start)..<Int(element.end)))
    case .array, .object:
      let isArray = element.kind == .array
      output.append(isArray ? 0x5B : 0x7B)
      var child = index + 1
      while child < Int(element.next) {
        if child > index + 1 { output.append(0x2C) }
        if !isArray {
          appendQuoted(elements[child], text, to: &output)
          output.append(0x3A)
          child += 1
        }
        child = append(valueAt: child, text, to: &output)
      }
      output.append(isArray ? 0x5D : 0x7D)
    }
    return Int(element.next)
  }

  private func appendQuoted(
    _ element: Element, _ text: Span<UInt8>, to output: inout MutableBuffer<UInt8>
  ) {
    if element.hasEscapes {
      output.append(quoted: self.text(of: element, text).span)
    } else {
      output.append(quoted: text.extracting(Int(element.start)..<Int(element.end)))
    }
  }

  private func appendReal(
    _ element: Element, _ text: Span<UInt8>, to output: inout MutableBuffer<UInt8>
  ) {
    let range = Int(element.start)..<Int(element.end)
    let value = (try? parseSQLDouble(text.extracting(range))) ?? .nan
    let written = javaText(value)
    output.append(value.isFinite ? written : "\"\(written)\"")
  }
}
