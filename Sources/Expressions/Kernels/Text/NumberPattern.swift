import Columnar
import Scalars

/// A number format such as `S99,999.99` or `$9.9MI`, which `to_number` and `to_char` take:
/// `[MI|S] [$] digits and commas [. digits] [$] [PR|MI|S]`.
struct NumberPattern: Sendable {
  enum Piece: Sendable, Equatable {
    /// A digit in front of the point; 0 must be there.
    case digit(isZero: Bool)
    case comma
    case point
    case fraction(isZero: Bool)
    case dollar
    /// `S`: a sign, which may be '+'.
    case sign
    /// `MI`: a '-' or nothing.
    case minus
    /// `PR`: angle brackets around what is negative.
    case openingBracket
    case closingBracket
  }

  private(set) var pieces: [Piece] = []
  let text: String

  var wholeCount: Int { pieces.count { if case .digit = $0 { true } else { false } } }
  var fractionCount: Int { pieces.count { if case .fraction = $0 { true } else { false } } }

  /// The type of what `to_number` gives.
  var type: DataType {
    .decimal(precision: max(1, wholeCount + fractionCount), scale: fractionCount)
  }

  init(_ format: String) throws(PatternFault) {
    text = format.uppercased()
    var rest = Array(text.utf8)[...]
    func take(_ word: String) -> Bool {
      guard rest.starts(with: word.utf8) else { return false }
      rest = rest.dropFirst(word.utf8.count)
      return true
    }
    var end: Piece?
    if take("MI") { pieces.append(.minus) } else if take("S") { pieces.append(.sign) }
    let isSigned = !pieces.isEmpty
    var hasDollar = take("$")
    if hasDollar { pieces.append(.dollar) }
    var hasPoint = false
    var leading: UInt8?
    func firstDigit(_ byte: UInt8) -> UInt8 {
      if leading == nil { leading = byte }
      return leading ?? byte
    }
    digits: while let byte = rest.first {
      switch byte {
      case 0x30, 0x39:
        // The first digit says what those behind it are.
        let isZero = firstDigit(byte) == 0x30
        pieces.append(hasPoint ? .fraction(isZero: isZero) : .digit(isZero: isZero))
      case UInt8(ascii: ","), UInt8(ascii: "G"):
        guard !hasPoint, case .digit? = pieces.last else {
          throw PatternFault("a ',' stands between digits")
        }
        pieces.append(.comma)
      case UInt8(ascii: "."), UInt8(ascii: "D"):
        guard !hasPoint else { throw PatternFault("there is one '.' at most") }
        hasPoint = true
        pieces.append(.point)
      default: break digits
      }
      rest.removeFirst()
    }
    guard pieces.last != .comma, !pieces.contains(.comma) || pieces.first != .comma else {
      throw PatternFault("a ',' stands between digits")
    }
    if take("$") {
      guard !hasDollar else { throw PatternFault("there is one '$' at most") }
      hasDollar = true
      pieces.append(.dollar)
    }
    if take("PR") {
      end = .closingBracket
    } else if take("MI") {
      end = .minus
    } else if take("S") {
      end = .sign
    }
    guard wholeCount + fractionCount > 0 else { throw PatternFault("it has no digit") }
    guard wholeCount + fractionCount <= DataType.maxDecimalPrecision else {
      throw PatternFault("it has more than 38 digits")
    }
    guard rest.isEmpty, end == nil || !isSigned || end == .closingBracket else {
      throw PatternFault("'\(String(decoding: rest, as: UTF8.self))' does not belong there")
    }
    if end == .closingBracket {
      guard !isSigned else { throw PatternFault("PR does not go with a sign") }
      pieces.insert(.openingBracket, at: 0)
    }
    if let end { pieces.append(end) }
  }
}

// MARK: - Reading

extension NumberPattern {
  /// The number that a text says, in units of the last digit of the format; nil when the text does
  /// not have its form.
  func number(_ source: Span<UInt8>) -> Int128? {
    // Spaces mean nothing wherever they stand.
    let text = (0..<source.count).map { source[$0] }.filter { $0 != 0x20 }
    var place = 0
    var (isNegative, opened) = (false, false)
    var whole: [UInt8] = []
    var fraction: [UInt8] = []
    func take(_ byte: UInt8) -> Bool {
      guard place < text.count, text[place] == byte else { return false }
      place += 1
      return true
    }
    var index = 0
    while index < pieces.count {
      let piece = pieces[index]
      index += 1
      switch piece {
      case .digit, .comma:
        let first = index - 1
        while index < pieces.count, isWhole(pieces[index]) { index += 1 }
        guard let digits = wholeDigits(first..<index, text, &place) else { return nil }
        whole = digits
      case .point: _ = take(0x2E)
      case .fraction:
        if place < text.count, text[place] &- 0x30 <= 9 {
          fraction.append(text[place] - 0x30)
          place += 1
        }
      case .dollar: guard take(0x24) else { return nil }
      case .sign:
        if take(0x2D) { isNegative = true } else { _ = take(0x2B) }
      case .minus: if take(0x2D) { isNegative = true }
      case .openingBracket:
        opened = take(0x3C)
        isNegative = opened
      case .closingBracket: guard take(0x3E) == opened else { return nil }
      }
    }
    guard place == text.count, !whole.isEmpty || !fraction.isEmpty else { return nil }
    while fraction.count < fractionCount { fraction.append(0) }
    let value = (whole + fraction).reduce(Int128(0)) { $0 * 10 + Int128($1) }
    return isNegative ? -value : value
  }

  private func isWhole(_ piece: Piece) -> Bool {
    if case .digit = piece { return true }
    return piece == .comma
  }

  /// The digits before the point, whose groups must be those of the format; 9s in front may lack.
  private func wholeDigits(
    _ range: Range<Int>, _ text: [UInt8], _ place: inout Int
  ) -> [UInt8]? {
    let first = place
    while place < text.count, text[place] &- 0x30 <= 9 || text[place] == 0x2C { place += 1 }
    var digits: [UInt8] = []
    var source = text[first..<place]
    for piece in pieces[range].reversed() {
      switch piece {
      case .comma:
        if source.isEmpty { continue }
        guard source.popLast() == 0x2C else { return nil }
      case .digit(let isZero):
        guard let byte = source.popLast() else {
          if isZero { return nil }
          continue
        }
        guard byte != 0x2C else { return nil }
        digits.append(byte - 0x30)
      default: return nil
      }
    }
    return source.isEmpty ? digits.reversed() : nil
  }
}

// MARK: - Writing

extension NumberPattern {
  /// Appends a number; one that has more digits than the format has '#' in place of them.
  ///
  /// - Parameter scale: how many digits of `unscaled` are behind the point.
  func append(_ unscaled: Int128, scale: Int, to output: inout MutableBuffer<UInt8>) {
    let digits = Array(decimalText(unscaled < 0 ? -unscaled : unscaled, scale: scale).utf8)
    let parts = digits.split(separator: 0x2E, omittingEmptySubsequences: false)
    var whole = Array(parts[0].drop { $0 == 0x30 })
    var fraction = parts.count > 1 ? Array(parts[1]) : []
    while fraction.count > fractionCount, fraction.last == 0x30 { fraction.removeLast() }
    let fits = whole.count <= wholeCount && fraction.count <= fractionCount
    while fraction.count < fractionCount { fraction.append(0x30) }
    // A digit in front of the point is written where there is room for it.
    let isSignBefore = [.sign, .minus, .openingBracket].contains(pieces.first)
    if whole.isEmpty, fractionCount > 0, wholeCount > 0, !isSignBefore {
      whole = [0x30]
    }
    var text: [UInt8] = []
    var signPlace: Int?
    var (wholePlace, fractionPlace) = (0, 0)
    var hasDigit = false
    for piece in pieces {
      switch piece {
      case .digit(let isZero):
        let place = wholePlace - (wholeCount - whole.count)
        wholePlace += 1
        if !fits {
          text.append(0x23)
        } else if place >= 0 {
          text.append(whole[place])
          hasDigit = true
        } else {
          text.append(isZero || hasDigit ? 0x30 : 0x20)
          if isZero { hasDigit = true }
        }
      case .comma: text.append(hasDigit && fits ? 0x2C : 0x20)
      case .point: text.append(0x2E)
      case .fraction:
        text.append(fits ? fraction[fractionPlace] : 0x23)
        fractionPlace += 1
      case .dollar: text.append(0x24)
      case .sign: append(sign: unscaled < 0 ? 0x2D : 0x2B, &text, &signPlace)
      case .minus: append(sign: unscaled < 0 ? 0x2D : 0x20, &text, &signPlace)
      case .openingBracket: append(sign: unscaled < 0 ? 0x3C : 0x20, &text, &signPlace)
      case .closingBracket: text.append(unscaled < 0 ? 0x3E : 0x20)
      }
    }
    output.append(contentsOf: NumberPattern.withSignAtNumber(text, signPlace, pieces).span)
  }

  private func append(sign: UInt8, _ text: inout [UInt8], _ place: inout Int?) {
    place = text.isEmpty ? 0 : nil
    text.append(sign)
  }

  /// A sign in front moves to the first digit; without brackets there are two spaces at the end.
  private static func withSignAtNumber(
    _ text: [UInt8], _ signPlace: Int?, _ pieces: [Piece]
  ) -> [UInt8] {
    guard signPlace == 0, !pieces.contains(.dollar) || pieces.first == .openingBracket else {
      return text
    }
    var result = text
    let sign = result.removeFirst()
    if pieces.first == .openingBracket, sign == 0x20 {
      result.append(0x20)
      return result
    }
    let first = result.firstIndex { $0 != 0x20 } ?? 0
    result.insert(sign, at: first)
    return result
  }
}
