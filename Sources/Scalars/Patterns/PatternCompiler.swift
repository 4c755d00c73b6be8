/// Turns the text of a pattern into elements.
struct PatternCompiler {
  private let characters: [Character]
  private var index = 0
  private(set) var elements: [PatternElement] = []
  private(set) var literals: [UInt8] = []
  /// The places of the optional sections that are open.
  private var open: [(element: Int, offset: Int)] = []
  /// The element of the number that the next one would touch.
  private var touching: Int?
  /// The first letter that can only be written.
  private(set) var formatOnly: PatternError?

  init(_ pattern: String) throws(PatternError) {
    characters = Array(pattern)
    while index < characters.count { try compileNext() }
    if let unclosed = open.last { throw .unbalancedBracket(offset: unclosed.offset) }
    if characters.contains("G") { unsign() }
  }

  private mutating func compileNext() throws(PatternError) {
    let character = characters[index]
    switch character {
    case "a"..."z", "A"..."Z":
      let first = index
      while index < characters.count, characters[index] == character { index += 1 }
      try compile(character, count: index - first, offset: first)
    case "'": try compileQuoted()
    case "[":
      open.append((elements.count, index))
      append(.optional(end: 0))
      index += 1
    case "]":
      guard let start = open.popLast() else { throw .unbalancedBracket(offset: index) }
      elements[start.element] = .optional(end: elements.count)
      append(.optionalEnd)
      index += 1
    case "{", "}", "#": throw .reserved(character, offset: index)
    default:
      appendLiteral(Array(character.utf8))
      index += 1
    }
  }

  /// Text between quotes; two quotes are one, inside of others or alone.
  private mutating func compileQuoted() throws(PatternError) {
    let first = index
    index += 1
    var text: [UInt8] = []
    while index < characters.count {
      if characters[index] != "'" {
        text += Array(characters[index].utf8)
      } else if index + 1 < characters.count, characters[index + 1] == "'" {
        text.append(UInt8(ascii: "'"))
        index += 1
      } else {
        break
      }
      index += 1
    }
    guard index < characters.count else { throw .unterminatedQuote(offset: first) }
    index += 1
    appendLiteral(text.isEmpty ? [UInt8(ascii: "'")] : text)
  }

  private mutating func append(_ element: PatternElement) {
    elements.append(element)
    touching = nil
  }

  private mutating func appendLiteral(_ text: [UInt8]) {
    if case .literal(let start, let count)? = elements.last {
      elements[elements.count - 1] = .literal(start: start, count: count + text.count)
    } else if case .byte? = elements.last {
      elements[elements.count - 1] = .literal(
        start: literals.count - 1, count: text.count + 1)
    } else if text.count == 1 {
      append(.byte(text[0]))
    } else {
      append(.literal(start: literals.count, count: text.count))
    }
    literals += text
  }

  private mutating func compile(
    _ letter: Character, count: Int, offset: Int
  ) throws(PatternError) {
    let wrongCount = PatternError.wrongCount(letter, count: count, offset: offset)
    if let field = Self.simpleFields[letter] {
      guard count <= 2 else { throw wrongCount }
      return appendNumber(field, count)
    }
    if "EFQq".contains(letter), formatOnly == nil {
      formatOnly = .formatOnly(letter, offset: offset)
    }
    switch (letter, count) {
    case ("y", 2):
      reserve(2)
      elements.append(.shortYear)
    case ("y", 1...6): appendYear(width: count)
    case ("M", 1...2), ("L", 1...2): appendNumber(.month, count)
    case ("M", 3...4), ("L", 3...4): append(.name(.month(isLong: count == 4)))
    case ("Q", 1...2), ("q", 1...2): appendNumber(.quarter, count)
    case ("Q", 3...4), ("q", 3...4): append(.name(.quarter(isLong: count == 4)))
    case ("D", 1...3): appendNumber(.dayOfYear, count)
    case ("F", 1): appendNumber(.alignedDay, 1)
    case ("E", 1...4): append(.name(.weekday(isLong: count == 4)))
    case ("G", 1...4): append(.name(.era(isLong: count == 4)))
    case ("a", 1): append(.name(.halfDay))
    case ("S", 1...9): appendFraction(count)
    case ("V", 2), ("z", 1...4): append(.zoneName(isLong: count == 4))
    case ("X", 1...5), ("x", 1...5), ("Z", 1...5), ("O", 1), ("O", 4):
      append(.offset(Self.offsetStyle(letter, count)))
    case ("Y", _), ("W", _), ("w", _), ("u", _), ("e", _), ("c", _):
      throw .weekBased(letter, offset: offset)
    default:
      throw "yMLQqDFEGaSVzXxZO".contains(letter)
        ? wrongCount : .unknownLetter(letter, offset: offset)
    }
  }

  private static let simpleFields: [Character: PatternNumber.Field] = [
    "d": .day, "H": .hour, "k": .clockHour, "K": .hourOfHalfDay, "h": .clockHourOfHalfDay,
    "m": .minute, "s": .second,
  ]

  private static func offsetStyle(_ letter: Character, _ count: Int) -> OffsetStyle {
    let zero: OffsetStyle.Zero = letter == "X" ? .letterZ : .digits
    switch (letter, count) {
    case ("O", _): return .greenwich(isFull: count == 4)
    case ("Z", 4): return .greenwich(isFull: true)
    case ("Z", 5): return .colons(zero: .letterZ, hasSeconds: true)
    case ("Z", _): return .compact(zero: .digits, hasSeconds: false)
    case (_, 1): return .hours(zero: zero)
    case (_, 2), (_, 4): return .compact(zero: zero, hasSeconds: count == 4)
    default: return .colons(zero: zero, hasSeconds: count == 5)
    }
  }

  /// A single letter has any width, more of them have theirs; only the day of the year varies.
  private mutating func appendNumber(_ field: PatternNumber.Field, _ count: Int) {
    let widthMax = count == 1 ? 19 : field == .dayOfYear ? 3 : count
    let number = PatternNumber(field: field, widthMin: count, widthMax: widthMax)
    if number.widthMin == number.widthMax {
      reserve(count)
      elements.append(count == 2 ? .twoDigits(field) : .number(number))
    } else {
      elements.append(.number(number))
      touching = elements.count - 1
    }
  }

  private mutating func appendYear(width: Int) {
    elements.append(
      .number(
        PatternNumber(field: .year, widthMin: width, widthMax: 19, isSigned: width > 3)))
    touching = elements.count - 1
  }

  private mutating func appendFraction(_ width: Int) {
    let isFixed = touching != nil
    reserve(width)
    elements.append(.fraction(width: width, isFixed: isFixed))
  }

  /// Leaves digits of the number before for one of fixed width.
  private mutating func reserve(_ width: Int) {
    guard let place = touching, case .number(var number) = elements[place] else { return }
    number.reserved += width
    elements[place] = .number(number)
  }

  /// With an era, years are counted from it and have no sign.
  private mutating func unsign() {
    for (place, element) in elements.enumerated() {
      guard case .number(var number) = element else { continue }
      number.isSigned = false
      if case .year = number.field { number.field = .yearOfEra }
      elements[place] = .number(number)
    }
  }
}
